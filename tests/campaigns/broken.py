"""Ways to break planning, guards and running on purpose, each of which the checker of effects has to notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from driftbot.actions.action import Standing
from driftbot.actions.file_intent import FileIntent
from driftbot.core.finding import Verdict
from driftbot.core.ladder import Level
from driftbot.guards import holds
from driftbot.guards.attempts import held_by_attempts
from driftbot.guards.cooldown import held_by_cooldown
from driftbot.guards.fewer_facts import held_by_fewer_facts
from driftbot.guards.freezes import held_by_freeze
from driftbot.guards.in_progress import held_by_progress
from driftbot.guards.kill_switch import held_by_kill_switch
from driftbot.guards.ladder import held_by_level
from driftbot.guards.step_limits import held_by_step_limits
from driftbot.guards.tug_of_war import held_by_tug_of_war
from driftbot.guards.verdicts import held_by_verdict
from driftbot.guards.working_hours import held_by_hours
from driftbot.remedies import planning
from tests.campaigns.planted_estate import Estate

Break = Callable[[pytest.MonkeyPatch], None]


def without(*guards: Callable[..., Any]) -> Break:
    """Guards that are never asked."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(holds, "_GUARDS", tuple(one for one in holds._GUARDS if one not in guards))

    return broken


def limits_hold_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "held_by_limits", lambda *_: iter(()))


def conflicts_hold_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "held_by_conflicts", lambda *_: iter(()))


def setbacks_lower_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "lowered", lambda remedy, _: remedy)


def the_ladder_is_not_climbed(patch: pytest.MonkeyPatch) -> None:
    """What is only observed is taken for automatic."""
    without(held_by_level)(patch)
    patch.setattr(holds, "lowered", lambda remedy, _: replace(remedy, level=Level.AUTO))


def the_unknown_is_acted_on(patch: pytest.MonkeyPatch) -> None:
    """What could not be judged, or is waived, is taken for drift, when it is planned and when it is applied."""
    candidates = planning.candidates

    def all_drift(lives: Any, rules: Any, waived: Any, options: Any) -> Any:
        taken = (replace(one, finding=replace(one.finding, verdict=Verdict.DRIFT)) for one in lives)
        return candidates(taken, rules, waived, options)

    patch.setattr(planning, "candidates", all_drift)
    without(held_by_verdict)(patch)


def the_kill_switch_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    without(held_by_kill_switch)(patch)
    patch.setattr(Estate, "asked_to_stop", lambda _: "")


def nobody_looks_before_writing(patch: pytest.MonkeyPatch) -> None:
    """Bytes are written where they were planned, whatever stands there now."""
    patch.setattr(FileIntent, "standing", lambda *_: Standing.BEFORE)
    patch.setattr(FileIntent, "made", lambda intent, content: _written(intent, content, "old_bytes", "new_bytes"))


def nobody_looks_before_undoing(patch: pytest.MonkeyPatch) -> None:
    """Bytes are put back where they stood, whatever stands there now."""
    patch.setattr(FileIntent, "reverted", lambda intent, content: _written(intent, content, "new_bytes", "old_bytes"))


def undoing_does_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FileIntent, "reverted", lambda _, content: content)


def one_byte_too_many(patch: pytest.MonkeyPatch) -> None:
    made = FileIntent.made
    patch.setattr(FileIntent, "made", lambda intent, content: made(intent, content) + b"\n")


def _written(intent: FileIntent, content: bytes | None, old: str, new: str) -> bytes:
    text = content or b""
    for change in intent.changes:
        text = text[: change.start] + getattr(change, new) + text[change.start + len(getattr(change, old)) :]
    return text


BREAKS: Mapping[str, Break] = {
    "verdicts are not asked for": without(held_by_verdict),
    "fewer facts do not matter": without(held_by_fewer_facts),
    "tugs of war go on": without(held_by_tug_of_war),
    "attempts are not counted": without(held_by_attempts),
    "nothing cools down": without(held_by_cooldown),
    "steps are not limited": without(held_by_step_limits),
    "freezes freeze nothing": without(held_by_freeze),
    "hours never end": without(held_by_hours),
    "runs do not wait for each other": without(held_by_progress),
    "limits hold nothing": limits_hold_nothing,
    "conflicts hold nothing": conflicts_hold_nothing,
    "setbacks lower nothing": setbacks_lower_nothing,
    "the ladder is not climbed": the_ladder_is_not_climbed,
    "the unknown is acted on": the_unknown_is_acted_on,
    "the kill switch is not asked": the_kill_switch_is_not_asked,
    "nobody looks before writing": nobody_looks_before_writing,
    "nobody looks before undoing": nobody_looks_before_undoing,
    "undoing does nothing": undoing_does_nothing,
    "one byte too many": one_byte_too_many,
}
