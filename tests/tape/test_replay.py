"""A replayed bundle gives the same readings as the world it was recorded from, and is safe to open."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import requests

from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus import measure, read
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.tape import BundleError, LiveTape, RecordingTape, ReplayTape
from tests.servers.remote_write import sample

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
RULES = {
    "shop.yml": "groups: [{name: shop, rules: [{alert: Slow, expr: a > 0.5, for: 5m}, {alert: Slow, expr: up == 0}]}]"
}
DEMAND = Demand.of(
    [
        SeriesNeed("service", "traffic", 86400.0, 300.0),
        SeriesNeed("scrape_job", "up", 86400.0, 300.0),
        SeriesNeed("workload", "restarts", 86400.0, 300.0),
    ]
)


class NothingYet:
    def held(self, *_):
        return None


def readings(tape, url):
    options = PrometheusOptions(url=url, headers={"X-Scope-OrgID": "shop"})
    context = Context("prometheus", "production", AS_OF, tape)
    return read(options, context), measure(options, context, DEMAND, NothingYet())


def bytes_of(reading):
    series = [(repr(s.subject), s.key, s.times.tobytes(), s.values.tobytes(), s.origin) for s in reading.series]
    return repr((reading.facts, series, reading.coverage, reading.notes, reading.measured, reading.unjoined)).encode()


@pytest.mark.server
@pytest.mark.parametrize("name", ["bundle", "bundle.tar.gz"])
def test_a_replay_gives_byte_equal_readings(prometheus_server, tmp_path, name):
    times = np.arange(AS_OF.timestamp() - 90000, AS_OF.timestamp() + 1, 60.0)
    server = prometheus_server(
        rules=RULES,
        series=[
            sample("http_requests_total", times, times - times[0], service="cart", code="200"),
            sample("up", times, 1.0, job="cart", instance="a"),
        ],
    )
    server.wait_for_rules()
    with RecordingTape(LiveTape(tmp_path), tmp_path / name, AS_OF) as tape:
        recorded = readings(tape, server.url)
    server.stop()
    assert recorded[1].series and recorded[0].facts
    assert not [gap for reading in recorded for entry in reading.coverage for gap in entry.gaps]
    replay = ReplayTape(tmp_path / name)
    assert replay.as_of == AS_OF
    replayed = readings(replay, server.url)
    assert [bytes_of(reading) for reading in replayed] == [bytes_of(reading) for reading in recorded]


@pytest.mark.server
def test_what_was_not_recorded_is_a_gap_that_says_so(prometheus_server, tmp_path):
    server = prometheus_server()
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        tape.session("prometheus")
    reading = measure(
        PrometheusOptions(url=server.url),
        Context("prometheus", "production", AS_OF, ReplayTape(tmp_path / "bundle")),
        DEMAND,
        NothingYet(),
    )
    gaps = [gap.reason for entry in reading.coverage for gap in entry.gaps]
    assert len(gaps) >= 3
    assert all("is not in the bundle" in gap and "record again" in gap for gap in gaps)


def test_a_failure_is_recorded_and_replayed_with_the_same_words(tmp_path):
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        recorded = readings(tape, "http://127.0.0.1:9")
    replayed = readings(ReplayTape(tmp_path / "bundle"), "http://127.0.0.1:9")
    assert [bytes_of(reading) for reading in replayed] == [bytes_of(reading) for reading in recorded]
    assert "cannot be reached" in recorded[0].coverage[0].gaps[0].reason


def test_files_come_back_as_they_were_with_their_problems(tmp_path):
    root = tmp_path / "config"
    (root / "a").mkdir(parents=True)
    (root / "a" / "one.yaml").write_bytes(b"timeout: 5s\nDB_PASSWORD: hunter2hunter2\n")
    (root / "two.yaml").symlink_to("/etc/hostname")
    (root / "notes.txt").write_text("not asked for")
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        recorded = list(tape.files("shop", "config", ["*.yaml"], []))
    replayed = list(ReplayTape(tmp_path / "bundle").files("shop", "config", ["*.yaml"], []))
    assert [body.locator for body in recorded] == ["a/one.yaml", "two.yaml"]
    assert replayed[1] == recorded[1] and "outside" in replayed[1].problem
    assert replayed[0].content == b"timeout: 5s\nDB_PASSWORD: REDACTEDxxxxxx\n"
    assert [body.locator for body in ReplayTape(tmp_path / "bundle").files("shop", "config", ["*.yaml"], ["/a/"])] == [
        "two.yaml"
    ]
    missing = list(ReplayTape(tmp_path / "bundle").files("shop", "elsewhere", [], []))
    assert "holds no files of shop below elsewhere" in missing[0].problem


def test_two_recordings_of_one_world_are_the_same_bytes(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.yaml").write_text("a: 1\n")
    for name in ("one.tar.gz", "two.tar.gz"):
        with RecordingTape(LiveTape(tmp_path), tmp_path / name, AS_OF) as tape:
            list(tape.files("shop", "config", [], []))
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()


def test_no_credential_reaches_a_bundle(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "t0ps3cret-token")
    options = PrometheusOptions(url="http://127.0.0.1:9", bearer={"env": "SHOP_TOKEN"})
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        reading = read(options, Context("prometheus", "production", AS_OF, tape))
    files = [path for path in (tmp_path / "bundle").rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert not [path for path in files if b"t0ps3cret" in path.read_bytes()]
    assert "t0ps3cret" not in repr(reading)


def archive_with(path: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.size, member.linkname = kind, 0 if kind != tarfile.REGTYPE else 3, "/etc/passwd"
        tar.addfile(member, io.BytesIO(b"bad") if kind == tarfile.REGTYPE else None)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("http/../../outside", tarfile.REGTYPE),
        ("/etc/outside", tarfile.REGTYPE),
        ("..\\outside", tarfile.REGTYPE),
        ("http/link", tarfile.SYMTYPE),
        ("http/link", tarfile.LNKTYPE),
        ("http/device", tarfile.CHRTYPE),
    ],
)
def test_an_archive_that_leaves_its_folder_is_refused(tmp_path, name, kind):
    with pytest.raises(BundleError, match="is not replayed"):
        ReplayTape(archive_with(tmp_path / "bad.tar.gz", name, kind))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: 99\ndriftbot: 9.0.0\nas_of: 2026-11-01T00:00:00Z\n", "has format 99; this driftbot reads 1"),
        ("format: [", "is not understood"),
        ("format: 1\n", "as_of"),
    ],
)
def test_a_manifest_of_another_kind_is_refused_with_the_reason(tmp_path, text, words):
    (tmp_path / "bundle.yaml").write_text(text)
    with pytest.raises(BundleError, match=words):
        ReplayTape(tmp_path)


def test_what_is_no_bundle_is_refused(tmp_path):
    (tmp_path / "file.tar.gz").write_bytes(b"\x1f\x8b not gzip")
    for path in (tmp_path, tmp_path / "file.tar.gz", tmp_path / "nothing"):
        with pytest.raises(BundleError):
            ReplayTape(path)


def test_nothing_is_recorded_over_something(tmp_path):
    (tmp_path / "there.tar.gz").write_text("precious")
    with pytest.raises(BundleError, match="is there already"):
        RecordingTape(LiveTape(tmp_path), tmp_path / "there.tar.gz", AS_OF)


def test_a_damaged_answer_is_a_gap(tmp_path):
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        readings(tape, "http://127.0.0.1:9")
    for path in (tmp_path / "bundle" / "http").rglob("*.http"):
        path.write_bytes(b"\xff\xfe nothing of ours")
    with pytest.raises(requests.ConnectionError, match="damaged"):
        ReplayTape(tmp_path / "bundle").session("prometheus").get("http://127.0.0.1:9/api/v1/status/buildinfo")


def test_a_name_with_a_null_byte_is_refused(tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("name")
        member.pax_headers = {"path": "a\0b"}
        tar.addfile(member)
    with pytest.raises(BundleError, match="is not replayed"):
        ReplayTape(tmp_path / "bad.tar")


@pytest.mark.parametrize("place", ["files/shop/config", "files/shop", "http/shop"])
def test_a_link_that_leads_out_of_a_bundle_is_not_followed(tmp_path, place):
    (tmp_path / "outside" / "config").mkdir(parents=True)
    (tmp_path / "outside" / "config" / "secret.yaml").write_text("a: 1")
    bundle = tmp_path / "bundle"
    (bundle / place).parent.mkdir(parents=True)
    (bundle / place).symlink_to(tmp_path / "outside")
    (bundle / "bundle.yaml").write_text("format: 1\ndriftbot: '1'\nas_of: 2026-11-01T00:00:00Z\n")
    tape = ReplayTape(bundle)
    with pytest.raises(BundleError, match="by a symbolic link"):
        list(tape.files("shop", "config", [], [])) if place.startswith("files") else tape.session("shop")


def test_two_folders_of_like_names_stay_two(tmp_path):
    for folder in ("team/a", "team_a"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "rule.yaml").write_text(f"from: {folder}")
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", AS_OF) as tape:
        for folder in ("team/a", "team_a"):
            list(tape.files("rules", folder, [], []))
    replayed = [next(iter(ReplayTape(tmp_path / "bundle").files("rules", f, [], []))) for f in ("team/a", "team_a")]
    assert [body.content for body in replayed] == [b"from: team/a", b"from: team_a"]
