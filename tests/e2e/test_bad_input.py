"""Whatever comes in broken: a sentence that names the thing and the next step, and nothing known is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.estate import MANIFEST, Estate

CONFIG = """\
rules: {shipped: [more-than-one-replica]}
sources:
  - {name: manifests, kind: kubernetes_manifests, environment: production, path: kubernetes}
"""
SINGLE = MANIFEST.replace("replicas: 3", "replicas: 1").replace("team: basket}", 'team: basket, tier: "1"}')
NEW_RULE = """\
id: {id}
title: Carts have a limit
reference: {{url: "https://example.org/", summary: A page.}}
why: Because.
severity: low
owner: shop
for_each: workload
expect: {expect}
message: "no limit"
cases:
  - {{name: none, absent: [resources.limits.memory], verdict: drift}}
"""


@pytest.fixture
def shop(estate: Estate) -> Estate:
    """An estate with one workload that runs alone: drift, scanned once."""
    estate.write("driftbot.yaml", CONFIG)
    estate.write("kubernetes/cart.yaml", SINGLE)
    assert estate.driftbot("scan").code == 2
    return estate


def still_known(shop: Estate) -> None:
    """What the first night found is still there."""
    told = shop.driftbot("explain", "more-than-one-replica", "shop/cart")
    assert told.code == 0, told.err
    assert "first seen" in told.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"kind: Deployment\n\tmetadata: {}\n", "kubernetes/broken.yaml:2"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *missing]\n", "kubernetes/broken.yaml:4"),
        (b"metadata: {name: caf\xe9}\n", "kubernetes/broken.yaml"),
        (b"metadata:\n  name: {{ .Release.Name }}\n", "{{ .Release.Name }}"),
        (b"kind: [unclosed\n", "kubernetes/broken.yaml"),
        (b"x: " + b"[" * 5000, "kubernetes/broken.yaml"),
        (b"# " + b"x" * 20_000_001, "20,000,003 bytes"),
    ],
    ids=["tab", "unknown alias", "latin-1", "template", "unclosed", "deep", "20 MB"],
)
def test_a_broken_manifest_blinds_the_night_and_hides_nothing_else(shop: Estate, content: bytes, sentence: str) -> None:
    shop.write("kubernetes/broken.yaml", content)
    ended = shop.driftbot("scan")
    assert ended.code == 1, ended.out + ended.err
    assert sentence in ended.out
    assert "shop/cart" in ended.out
    still_known(shop)


def test_a_gap_is_accepted_until_a_date(shop: Estate) -> None:
    shop.write("kubernetes/chart.yaml", "metadata:\n  name: {{ .Release.Name }}\n")
    accepted = (
        "accepted_gaps:\n  - {gap: 'manifests:kubernetes/chart.yaml', owner: shop, reason: rendered, expires: %s}\n"
    )
    shop.write("driftbot.yaml", CONFIG + accepted % "2999-01-01")
    excused = shop.driftbot("scan")
    assert excused.code == 0, excused.out + excused.err
    assert "1 not readable" in excused.out  # accepted is not read: a chart may still hold an autoscaler
    shop.write("driftbot.yaml", CONFIG + accepted % "2020-01-01")
    assert shop.driftbot("scan").code == 1


def test_one_broken_rule_file_is_told_and_the_others_hold(shop: Estate) -> None:
    shop.write(
        "driftbot.yaml", CONFIG.replace("{shipped: [more-than-one-replica]}", "{paths: [lessons], shipped: none}")
    )
    shop.write("lessons/good.yaml", NEW_RULE.format(id="good", expect="!present(self.image)"))
    shop.write(
        "lessons/units.yaml", NEW_RULE.format(id="units", expect="self.resources.limits.memory < duration('5m')")
    )
    shop.write(
        "lessons/typo.yaml",
        NEW_RULE.format(id="typo", expect="self.resources.limits.memroy > self.resources.requests.memory"),
    )
    shop.write("lessons/yaml.yaml", "id: [\n")
    ended = shop.driftbot("scan")
    assert ended.code == 1, ended.out + ended.err
    for place in ("lessons/typo.yaml:8:", "lessons/units.yaml:8:", "lessons/yaml.yaml:"):
        assert place in ended.out, place
    assert "resources.limits.memory" in ended.out


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("sources: [", "driftbot.yaml:1"),
        ("sources:\n  - {name: a, kind: nagios}\n", "driftbot.yaml:2"),
        ("stroe: x\n", "did you mean store?"),
        ("store: mysql://db/x\n", "mysql"),
        ("store: missing/folder/driftbot.db\n", "missing/folder"),
        ("rules: {shipped: [no-such-rule]}\n", "no-such-rule"),
        ("rules: {paths: [nowhere]}\n", "nowhere"),
        ("sources:\n  - {name: a, kind: prometheus, url: 'http://u:p@x/'}\n", "credentials"),
    ],
)
def test_a_wrong_configuration_is_a_sentence(estate: Estate, config: str, sentence: str) -> None:
    estate.write("driftbot.yaml", config)
    ended = estate.driftbot("scan")
    assert ended.code == 1, ended.out + ended.err
    assert sentence in ended.out + ended.err


def test_no_configuration_says_how_to_get_one(estate: Estate) -> None:
    ended = estate.driftbot("scan")
    assert ended.code == 1
    assert "driftbot init" in ended.err


def test_a_store_that_is_no_store_is_left_alone(shop: Estate) -> None:
    shop.write("driftbot.db", b"this is a diary, not a database\n" * 100)
    ended = shop.driftbot("scan")
    assert ended.code == 1
    assert "driftbot.db" in ended.err
    assert (shop.folder / "driftbot.db").read_bytes().startswith(b"this is a diary")


def test_a_misunderstood_command_line_is_no_drift(shop: Estate) -> None:
    assert shop.driftbot("scan", "--fial-on", "high").code == 64
    assert shop.driftbot("scan", "--as-of", "yesterday").code == 1
    assert shop.driftbot("scan", "--only", "no-such-rule").code == 1


def test_a_night_in_the_past_is_not_written_behind_a_later_one(shop: Estate) -> None:
    ended = shop.driftbot("scan", "--as-of", "2020-01-01")
    assert ended.code == 1
    assert "2020-01-01" in ended.err
    still_known(shop)


def test_an_output_that_cannot_be_written_is_a_sentence(shop: Estate) -> None:
    ended = shop.driftbot("scan", "--output", "missing/report.txt")
    assert ended.code == 1
    assert "missing/report.txt" in ended.err


def test_ctrl_c_ends_without_a_traceback_and_leaves_the_store_as_it_was(shop: Estate) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        shop.write("driftbot.yaml", CONFIG + f"  - {{name: slow, kind: prometheus, url: 'http://127.0.0.1:{port}'}}\n")
        process = shop.start("scan")
        silent.settimeout(180)
        connection, _ = silent.accept()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=180)
        connection.close()
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err
    assert "a night that had not ended is not in the store" in err
    shop.write("driftbot.yaml", CONFIG)
    assert shop.driftbot("scan").code == 2
    still_known(shop)


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux'")
def test_a_full_disk_is_a_sentence_and_loses_nothing(shop: Estate, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        shop.write("driftbot.yaml", "store: small/driftbot.db\n" + CONFIG)
        assert shop.driftbot("scan").code == 2
        (small / "filler").write_bytes(b"x" * (os.statvfs(small).f_bavail * os.statvfs(small).f_bsize))
        for number in range(200):
            shop.write(f"kubernetes/more{number}.yaml", SINGLE.replace("cart", f"cart{number}"))
        ended = shop.driftbot("scan")
        assert ended.code == 1, ended.out + ended.err
        assert "driftbot.db" in ended.err
        (small / "filler").unlink()
        still_known(shop)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_reader_who_goes_away_is_no_error(shop: Estate) -> None:
    command = f"cd {shop.folder} && {sys.executable} -m driftbot scan | head -1; exit ${{PIPESTATUS[1]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_a_waived_finding_that_changes_is_told(shop: Estate) -> None:
    shop.write("kubernetes/cart.yaml", SINGLE.replace("replicas: 1", "replicas: 1 # for now"))
    assert shop.driftbot("waive", "--standing", "--reason", "moves in April", "--owner", "shop", "--yes").code == 0
    assert shop.driftbot("scan").code == 0
    shop.write("kubernetes/cart.yaml", SINGLE.replace("replicas: 1", "replicas: 0"))
    worse = shop.driftbot("scan")
    assert worse.code == 0, worse.out + worse.err
    assert "changed since it was waived" in worse.out
    assert "changed since it was waived" in shop.driftbot("waive", "--list").out
