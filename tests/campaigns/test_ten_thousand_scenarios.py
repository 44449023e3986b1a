"""Ten thousand scenarios of an estate that is misread, meddled with and crashed in: no effect that must not be.

A seeded sample of them runs with every test run. The checker is broken nowhere by agreeing with the planner: guards are
dropped, the unknown is acted upon and looks are skipped on purpose, and each time it has to notice.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from driftbot.store.store import Store
from tests.campaigns.planted_estate import play

SAMPLE, WHOLE = 300, 10_000
LONG = [pytest.mark.campaign, pytest.mark.timeout(7200)]


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


@pytest.mark.parametrize("count", [SAMPLE, pytest.param(WHOLE, marks=LONG)])
def test_ten_thousand_scenarios(count, kept, tmp_path):
    if count > SAMPLE and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    tally: Counter[str] = Counter()
    for seed in range(count):
        estate = play(seed, tmp_path / str(seed), kept.store, kept.file)
        assert estate.checker.violations == [], f"seed {seed}"
        tally += estate.tally
        tally["refused"] += estate.checker.refusals
    print(f"{count:,} scenarios: " + ", ".join(f"{number:,} {what}" for what, number in sorted(tally.items())))
    for what in ("effects", "automatic effects", "undone", "held", "held when applied", "killed", "refused"):
        assert tally[what] >= count / 100, f"the scenarios hardly try anything: {tally}"
