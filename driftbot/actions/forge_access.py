"""The forges that may be written to, opened once a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from driftbot.actions.action import ActionFailed, Tools
from driftbot.edits.edit import Refusal, Refused
from driftbot.forges.connection import connect
from driftbot.forges.failure import ForgeFailure
from driftbot.forges.forge import Forge

_CACHE = "forges"


def check_forge(name: str, tools: Tools) -> None:
    """Refuse a forge that the configuration does not name.

    Raises:
        Refused: it does not.
    """
    if name not in tools.options.forges:
        known = ", ".join(sorted(tools.options.forges)) or "none is named there"
        raise Refused(f"the forge {name!r} is not in acting.reach.forges ({known})", Refusal.NOT_EDITED)


def forge_of(name: str, tools: Tools) -> Forge:
    """The forge of this name.

    Raises:
        ActionFailed: it may not be reached (any more).
    """
    if name not in tools.options.forges:
        raise ActionFailed(f"the forge {name!r} may not be reached", "name it in acting.reach.forges, if it may")
    opened: dict[str, Forge] = tools.cache.setdefault(_CACHE, {})
    if name not in opened:
        opened[name] = connect(tools.options.forges[name])
    return opened[name]


@contextmanager
def forge_failures_told() -> Iterator[None]:
    """What a forge does not do is a failure of the action."""
    try:
        yield
    except ForgeFailure as failure:
        raise ActionFailed(failure.sentence, failure.next_step, uncertain=failure.uncertain) from None
