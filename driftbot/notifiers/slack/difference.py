"""What has to be done so that a channel shows what it should: wanted messages held against those that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.message import Message
from driftbot.notifiers.slack.message_keys import CHART, FINDING, PLACE, REST, fingerprint_of
from driftbot.notifiers.slack.wanted import Posting, Wanted, WantedChart


class Act(StrEnum):
    """What is done about one message.

    ``HOLD`` waits for the end of quiet hours. ``RETIRE`` has an entry say that nothing more is told in it, ``REMOVE``
    deletes a message, ``FORGET`` leaves it as it stands and knows nothing more of it.
    """

    POST = "post"
    EDIT = "edit"
    UPLOAD = "upload"
    KEEP = "keep"
    HOLD = "hold"
    RETIRE = "retire"
    REMOVE = "remove"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Step:
    """One act: ``wanted`` is what is to be said, ``message`` what stands."""

    act: Act
    wanted: Wanted | WantedChart | None = None
    message: Message | None = None


def difference(
    wanted: Sequence[Wanted | WantedChart], known: Mapping[str, Message], told: Collection[str]
) -> tuple[Step, ...]:
    """The steps, in the order of what is wanted, then what is not wanted any more, by key.

    ``told`` are the fingerprints of all findings that the channel is told of, with an entry of their own or not.
    """
    claimed = {PLACE, *(one.key for one in wanted), *_former(wanted)}
    steps = [*_wanted(wanted, known)]
    steps += [Step(_unwanted(key, told), None, known[key]) for key in sorted(known) if key not in claimed]
    steps += [Step(Act.FORGET, None, known[key]) for key in sorted(_outlived(wanted, known))]
    return tuple(step for step in steps if step.act is not Act.KEEP or step.wanted is not None)


def _wanted(wanted: Sequence[Wanted | WantedChart], known: Mapping[str, Message]) -> Iterator[Step]:
    for one in wanted:
        message = known.get(one.key) or (known.get(one.former) if isinstance(one, Wanted) else None)
        act = _missing(one) if message is None else _there(one, message)
        if act is not None:
            yield Step(act, one, message)


def _missing(one: Wanted | WantedChart) -> Act | None:
    if one.posting is Posting.NEVER:
        return None
    if one.posting is Posting.HELD:
        return Act.HOLD
    return Act.UPLOAD if isinstance(one, WantedChart) else Act.POST


def _there(one: Wanted | WantedChart, message: Message) -> Act:
    withdrawn = not message.reference
    if withdrawn or (message.content == one.content and message.key == one.key):
        return Act.KEEP
    return Act.EDIT if isinstance(one, Wanted) else _missing(one) or Act.KEEP


def _unwanted(key: str, told: Collection[str]) -> Act:
    if key.startswith(FINDING):
        return Act.RETIRE
    if key.startswith(REST):
        return Act.REMOVE
    if key.startswith(CHART) and fingerprint_of(key) in told:
        return Act.KEEP
    return Act.FORGET


def _former(wanted: Sequence[Wanted | WantedChart]) -> Iterator[str]:
    return (one.former for one in wanted if isinstance(one, Wanted) and one.former)


def _outlived(wanted: Sequence[Wanted | WantedChart], known: Mapping[str, Message]) -> Iterator[str]:
    """Former keys beside the one that took their place: driftbot ended between the two."""
    return (one.former for one in wanted if isinstance(one, Wanted) and one.key in known and one.former in known)
