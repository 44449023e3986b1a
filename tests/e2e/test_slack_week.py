"""A week of nights as people in Slack read it: one digest edited in place, and what they decide is done and told.

Everything is real but the time and Slack itself: files, scans, plans, the journal, Slack's own client and Socket Mode,
against the sandbox. The transcript is kept in ``fixtures/e2e/slack_week``, one file a day.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.exit_code import ExitCode
from driftbot.core.run import RunState
from driftbot.notifiers.slack.controls import Control
from driftbot.store.store import Store
from tests.e2e.slack_week import ANN, BEN, MONDAY, Week, has_control, stable, week

GOLDEN = Path(__file__).parent.parent.parent / "fixtures" / "e2e" / "slack_week"

pytestmark = pytest.mark.server


def as_kept(day: str, transcript: str) -> None:
    """The day reads as it was kept; DRIFTBOT_WRITE_GOLDEN=1 keeps it anew."""
    path = GOLDEN / f"{day}.txt"
    found = stable(transcript) + "\n"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8"), f"{day} reads otherwise"


def digests(shop: Week) -> list[int]:
    """How often each digest in the channel was edited."""
    found = shop.slack.channel("sre").messages
    return [one["edits"] for one in found if one["metadata"]["event_payload"]["key"] == "digest"]


def states(shop: Week) -> list[RunState]:
    with Store.open(shop.config.store_url) as store:
        return [run.state for run in store.runs()]


def test_a_week(tmp_path: Path) -> None:
    with week(tmp_path) as shop:
        _monday(shop)
        _tuesday(shop)
        _wednesday(shop)
        _thursday(shop)
        _friday_and_saturday(shop)
        _sunday_and_monday(shop)
        assert digests(shop) == [_EDITED]
        as_kept("audit", "\n".join(shop.audit()))


_EDITED = 7
"""Seven days after the first: each changed the one digest once. What people decide by day is told in the night."""


def _monday(shop: Week) -> None:
    """Two jobs have a short deadline; one fix is approved by who may, and refused to who may not."""
    for name, minutes in (("billing", 40), ("export", 45), ("cleanup", 120), ("report", 90)):
        shop.job(name, minutes)
    assert shop.night(0).exit_code is ExitCode.DRIFT
    as_kept("1-monday", shop.transcript())
    shop.morning(0)
    shop.press(BEN, "billing", Control.APPROVE)
    assert "refused" in shop.audit()[-1]
    shop.press(ANN, "billing", Control.APPROVE)
    assert "done" in shop.audit()[-1]
    shop.press(BEN, "export", Control.SNOOZE, value=_snooze(shop, "export", "1w"))
    assert states(shop) == []


def _snooze(shop: Week, job: str, span: str) -> str:
    fingerprint = shop.entry(job)["metadata"]["event_payload"]["key"].removeprefix("finding:")
    return f"{fingerprint}:{span}"


def _tuesday(shop: Week) -> None:
    """What was approved is applied; its message says so, and offers it no more. What was snoozed is put aside."""
    shop.night(1)
    assert states(shop) == [RunState.VERIFYING]
    assert "activeDeadlineSeconds: 4800" in (shop.root / "deploy" / "billing.yaml").read_text("utf-8")
    assert not has_control(shop.entry("billing"), Control.APPROVE)
    as_kept("2-tuesday", shop.transcript())


def _wednesday(shop: Week) -> None:
    """The fix is judged healthy; another job's deadline was shortened by somebody."""
    shop.job("cleanup", 50)
    shop.night(2)
    as_kept("3-wednesday", shop.transcript())
    shop.morning(2)
    shop.press(ANN, "cleanup", Control.NOT_USEFUL)
    expires = (MONDAY + timedelta(days=40)).strftime("%Y-%m-%d")
    shop.fill_in(ANN, "cleanup", Control.WAIVE, reason="It is retired this quarter", expires=expires)
    assert "waive" in shop.audit()[-1]
    assert "done" in shop.audit()[-1]


def _thursday(shop: Week) -> None:
    """The fix was judged healthy twice: resolved. A snoozed job got worse. One more cannot be read."""
    shop.job("export", 20)
    shop.job("report", '"${DEADLINE}"')
    assert shop.night(3).exit_code is ExitCode.BLIND
    assert states(shop) == [RunState.RESOLVED]
    assert "being checked" not in str(shop.entry("billing")["blocks"])
    as_kept("4-thursday", shop.transcript())


def _friday_and_saturday(shop: Week) -> None:
    """Slack is away for a night in which a job was mended. The night is kept and says so; the next one tells all of it
    in one digest, not two.
    """
    shop.job("report", 90)
    shop.job("export", 90)
    shop.slack.fail_next("*", "server_error", 1000)
    friday = shop.night(4)
    assert friday.exit_code is ExitCode.CLEAN
    assert any("could not be told" in line for stage in friday.stages for line in (stage.told, *stage.lines))
    shop.slack.heal()
    shop.job("audit", 30)
    shop.night(5)
    assert "*Fixed*" in str(shop.entry("export")["blocks"])
    as_kept("6-saturday", shop.transcript())


def _sunday_and_monday(shop: Week) -> None:
    """People mend the rest; what is left is a heartbeat."""
    for name, minutes in (("audit", 90), ("cleanup", 90)):
        shop.job(name, minutes)
    assert shop.night(6).exit_code is ExitCode.CLEAN
    as_kept("7-sunday", shop.transcript())
    shop.night(7)
    as_kept("8-monday", shop.transcript())
    assert "0 drift" in shop.transcript()
