"""A process that slept through its lease, right before an effect, has none when it wakes up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.run import StepState
from driftbot.remedies.acting import acting
from driftbot.remedies.journal import TERM
from driftbot.store.errors import LeaseLost
from driftbot.store.store import Store
from tests.remedies.estate import SHORT, deadlines, now, planned_and_kept, scanned, write_estate


@pytest.mark.parametrize("asleep_at", ["effect.perform.before", "edit_file.written"])
def test_who_slept_through_its_lease_right_before_an_effect_has_none(tmp_path: Path, asleep_at: str):
    write_estate(tmp_path, "invoice")
    config = scanned(tmp_path)
    plan = planned_and_kept(config)
    url = f"sqlite:///{tmp_path / 'driftbot.db'}"

    def taken_over(name: str) -> None:
        if name == asleep_at:
            with Store.open(url) as other, other.acting("the next one", now() + 2 * TERM, timedelta(minutes=1)):
                pass

    with Store.open(url) as store:
        with pytest.raises(LeaseLost), acting(config, store, now, lambda: "", taken_over) as runner:
            runner.apply(plan.digest, plan.remedies[0], "ann")
        (run,) = store.runs()
    assert deadlines(tmp_path, ["invoice"]) == {"invoice": SHORT}
    assert [step.state for step in run.steps] == [StepState.INTENDED]
