"""What a decision from a chat changes, written by the same means as what people decide elsewhere."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.core.chat_decision import ChatEffect
from driftbot.core.excuse import Waiver
from driftbot.core.run import PlanApproval
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.store import chat_log, excuses, lease, plans


def write_effect(connection: Connection, effect: ChatEffect) -> None:
    """Write it down."""
    match effect:
        case PlanApproval():
            plans.approve(connection, effect)
        case Snooze():
            chat_log.keep_snooze(connection, effect)
        case NotUseful():
            chat_log.add_not_useful(connection, effect)
        case Waiver():
            lease.shut_out(connection)
            excuses.add_waivers(connection, (effect,))
