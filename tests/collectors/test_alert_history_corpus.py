"""Five years of a public repository, a commit a month: alerts are followed through them, and real ratchets are seen."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from driftbot.alerts.estate import Estate
from driftbot.alerts.ratchet import ratchets
from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.core.alert_identity import assign_alerts
from driftbot.tape import LiveTape

pytestmark = pytest.mark.corpus
AS_OF = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def months() -> dict[str, dict[str, bytes]]:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    with tarfile.open(Path(folder) / "alerts" / "wikimedia-operations-alerts-monthly.tar.xz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".yaml", ".yml")):
                month, *rest = PurePosixPath(member.name.removeprefix("./")).parts
                found[month]["/".join(rest)] = archive.extractfile(member).read()  # type: ignore[union-attr]
    return dict(sorted(found.items()))


def commit(month: str, files: dict[str, bytes]) -> bytes:
    at = int(datetime.strptime(f"{month}-28 +0000", "%Y-%m-%d %z").timestamp())
    head = f"commit refs/heads/main\ncommitter Ada <a@example.org> {at} +0000\ndata {len(month)}\n{month}\ndeleteall\n"
    parts = [
        b"M 100644 inline rules/%s\ndata %d\n%s\n" % (name.encode(), len(text), text) for name, text in files.items()
    ]
    return head.encode() + b"".join(parts)


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.campaign)])
def test_alerts_are_followed_and_ratchets_seen(
    months: dict[str, dict[str, bytes]], tmp_path: Path, every: int, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = b"".join(commit(month, months[month]) for month in list(months)[::every])
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=tmp_path, input=stream, check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=tmp_path, check=True)
    context = Context("git", "production", AS_OF, LiveTape(tmp_path))
    reading = assign_alerts(collector.read(collector.options(path="rules", history="3650d"), context), ())
    assert not reading.notes
    assert all(past.revisions[0].commit for past in reading.pasts)
    assert len(reading.pasts) > 600
    facts = ratchets(Estate(AS_OF, reading.facts, pasts=reading.pasts))
    found = {fact.subject.name: fact.value for fact in facts if fact.key == "ratchet.looser"}
    adding_up = {name: told for name, told in found.items() if isinstance(told, tuple) and len(told) > 1}
    with capsys.disabled():
        print(f"\n{len(reading.pasts)} alerts, {len(adding_up)} loosened step by step")
    # The heap was never made larger; the number of files that it holds was.
    (told,) = [told for name, told in adding_up.items() if name.endswith("HdfsTotalFilesHeap/critical")]
    assert "70000000 → 100000000" in told[0]
    assert "→ 250000000" in told[-1]
    if every == 1:
        assert len(adding_up) == 11
