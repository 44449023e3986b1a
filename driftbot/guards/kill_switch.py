"""The kill switch: while somebody holds it, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances


def held_by_kill_switch(_: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """Everything, while the kill switch is pulled."""
    if circumstances.stopped:
        yield Hold(Guard.KILL_SWITCH, f"nothing is changed: {circumstances.stopped}")
