"""Identity of alerts over 65 monthly trees of a public repository: who stays keeps its name, nobody shares one."""

import os
import tarfile
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

import pytest

from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.core.alert_identity import assign_alerts
from driftbot.core.fact import Fact
from driftbot.core.sighting import Sighting, mark_of, sightings
from tests.collectors.golden import AS_OF, Shelf

pytestmark = pytest.mark.corpus


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
    assert len(found) == 65
    return dict(sorted(found.items()))


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.campaign)])
def test_sixty_five_months(months: dict[str, dict[str, bytes]], every: int, capsys) -> None:
    before: dict[str, Sighting] = {}
    last: tuple[Fact, ...] = ()
    names: set[str] = set()
    counts: Counter[str] = Counter()
    for files in list(months.values())[::every]:
        context = Context("git", "production", AS_OF, Shelf(files))  # type: ignore[arg-type]
        reading = assign_alerts(collector.read(collector.options(path="."), context), last)
        last = tuple(fact for fact in reading.facts if fact.subject.kind == "alert")
        tonight = {one.name: one for one in sightings(last, mark_of).values()}
        assert len(tonight) == sum(fact.key == "rule.name" for fact in last)
        counts["alerts seen"] += len(tonight)
        for same, kind in ((in_place, "unchanged"), (moved, "moved")):
            old, new = unique(before, same), unique(tonight, same)
            for key in old.keys() & new.keys():
                if kind == "unchanged" or not stays(before[old[key]], tonight):
                    counts[kind] += 1
                    assert old[key] == new[key], key
        counts["kept"] += len(before.keys() & tonight.keys())
        counts["new"] += len(tonight.keys() - names)
        names |= tonight.keys()
        before = tonight
    with capsys.disabled():
        print(f"\n{dict(counts)}, {len(names)} names, {len(before)} alerts in the last month")
    assert counts["unchanged"] > 2_000
    assert counts["moved"] > 20


def stays(one: Sighting, tonight: dict[str, Sighting]) -> bool:
    """Whether an alert still stands where it stood, so that its like elsewhere is a copy."""
    return one.name in tonight and (tonight[one.name].path, tonight[one.name].group) == (one.path, one.group)


def in_place(one: Sighting) -> tuple[str, ...]:
    return one.path, one.group, one.alertname, one.severity, one.asks


def moved(one: Sighting) -> tuple[str, ...]:
    return one.alertname, one.severity, one.asks


def unique(named: dict[str, Sighting], key: object) -> dict[tuple[str, ...], str]:
    counted = Counter(key(one) for one in named.values())  # type: ignore[operator]
    return {key(one): name for name, one in named.items() if counted[key(one)] == 1}  # type: ignore[operator]
