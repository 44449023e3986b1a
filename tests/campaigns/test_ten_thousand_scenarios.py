"""Ten thousand scenarios of an estate that is misread, meddled with and crashed in: no effect that must not be.

A seeded sample of them runs with every test run. That the checker does not merely agree is tested, too: guards are not
asked, the unknown is acted upon, looks are skipped and undoing does nothing, and each time it has to notice.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from driftbot.store.store import Store
from tests.campaigns.broken import BREAKS
from tests.campaigns.planted_estate import play

SAMPLE, WHOLE = 200, 10_000
NOTICED_WITHIN = 400
"""Scenarios within which every break has to be noticed."""
LONG = [pytest.mark.campaign, pytest.mark.timeout(7200)]
OFTEN = (
    *("steps are not limited", "limits hold nothing", "conflicts hold nothing", "freezes freeze nothing"),
    *("fewer facts do not matter", "the unknown is acted on", "nobody looks before writing"),
    *("nobody looks before undoing", "undoing does nothing", "one byte too many", "the ladder is not climbed"),
)
"""Breaks that are noticed within a few scenarios; the others wait for the campaign."""


@dataclass(frozen=True)
class Kept:
    """A store and its file."""

    store: Store
    file: Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[Kept]:
    file = tmp_path_factory.mktemp("kept") / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        yield Kept(store, file)


def _whole_runs_only_when_asked() -> None:
    if not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")


@pytest.mark.parametrize("count", [SAMPLE, pytest.param(WHOLE, marks=LONG)])
def test_no_effect_is_outside_what_is_allowed_and_every_one_is_undone(count, kept, tmp_path):
    if count > SAMPLE:
        _whole_runs_only_when_asked()
    tally: Counter[str] = Counter()
    for seed in range(count):
        estate = play(seed, tmp_path / str(seed), kept.store, kept.file)
        assert estate.checker.violations == [], f"seed {seed}"
        tally += estate.tally
        tally["refused to undo"] += estate.checker.refusals
    print(f"{count:,} scenarios: " + ", ".join(f"{number:,} {what}" for what, number in sorted(tally.items())))
    rarest = {"refused to undo": count / 100}
    for what in ("effects", "automatic effects", "undone", "held", "held when applied", "killed", "refused to undo"):
        assert tally[what] >= rarest.get(what, count / 10), f"the scenarios hardly try it: {tally}"


@pytest.mark.parametrize("name", [pytest.param(one, marks=() if one in OFTEN else LONG) for one in BREAKS])
def test_the_checker_notices_what_is_broken_on_purpose(name, kept, tmp_path, monkeypatch):
    if name not in OFTEN:
        _whole_runs_only_when_asked()
    BREAKS[name](monkeypatch)
    for seed in range(NOTICED_WITHIN):
        if play(seed, tmp_path / str(seed), kept.store, kept.file).checker.violations:
            return
    pytest.fail(f"{NOTICED_WITHIN} scenarios, and nothing was noticed: {name}")
