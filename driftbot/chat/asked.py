"""What Slack says somebody pressed or sent, read into a wish. Pure and total: whatever arrives, nothing is raised.

The payloads are those of https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from driftbot.chat.wish import (
    Approve,
    AskFor,
    Explain,
    Nothing,
    NotUsefulToMe,
    SnoozeBy,
    SnoozeUntil,
    Unreadable,
    Waive,
    Wish,
)
from driftbot.notifiers.slack.controls import Control, Field, Form, SnoozeFor

LONGEST_REQUEST = 200
"""Characters of Slack's name of a request; those that Slack gives have about fifty."""
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
_TIMESTAMP = re.compile(r"[0-9]{1,20}\.[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asked: a channel's id, and the message whose thread it was in; empty where Slack named none."""

    channel: str = ""
    thread: str = ""

    @property
    def told(self) -> str:
        """As a form's private metadata carries it behind the fingerprint; ``place_from`` reads it."""
        return ":".join(filter(None, (self.channel, self.thread)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with who has it, where, and by which request.

    ``request`` is Slack's own name of the request (``trigger_id``), empty where it has none. ``trigger`` opens a view
    within three seconds. ``team`` and ``app`` are whose request it is; ``author`` the app that wrote the message.
    """

    wish: Wish
    user: str = ""
    place: Place = Place()
    request: str = ""
    trigger: str = ""
    team: str = ""
    enterprise: str = ""
    app: str = ""
    author: str = ""


def read_asked(body: Any) -> Asked:
    """Understand the body of a request; what is not understood is a wish of its own kind."""
    kind = _text(body, "type")
    wish = _WISHES.get(kind, _stranger)(body)
    trigger = _text(body, "trigger_id")[:LONGEST_REQUEST]
    return Asked(
        wish=wish,
        user=_text(body, "user", "id"),
        place=_place(body, kind),
        request=trigger,
        trigger=trigger,
        team=_text(body, "team", "id"),
        enterprise=_text(body, "enterprise", "id"),
        app=_text(body, "api_app_id"),
        author=_text(body, "message", "app_id"),
    )


def form_metadata(fingerprint: str, place: Place) -> str:
    """The private metadata of a form: the finding, then where to answer."""
    return ":".join(filter(None, (fingerprint, place.told)))


def _stranger(body: Any) -> Wish:
    return Unreadable(f"a request of the kind {_text(body, 'type')[:40]!r}, which driftbot does not know")


def _pressed(body: Any) -> Wish:
    actions = _at(body, "actions")
    if not isinstance(actions, list) or len(actions) != 1:
        return Unreadable("not one control was used")
    name = _text(actions, 0, "action_id")
    if name in tuple(Field):
        return Nothing()
    value = _text(actions, 0, "value") or _text(actions, 0, "selected_option", "value")
    return _of_control(name, value)


def _of_control(name: str, value: str) -> Wish:
    fingerprint, _, rest = value.partition(":")
    if name not in tuple(Control):
        return Unreadable(f"the control {name[:40]!r} is none of driftbot's")
    if not _FINGERPRINT.fullmatch(fingerprint):
        return Unreadable(f"the control {name} carries {value[:40]!r}, which names no finding")
    made = _READERS[Control(name)](fingerprint, rest)
    return made or Unreadable(f"the control {name} carries {value[:100]!r}, which it never does")


def _approve(fingerprint: str, digest: str) -> Wish | None:
    return Approve(fingerprint, digest) if _DIGEST.fullmatch(digest) else None


def _snooze(fingerprint: str, span: str) -> Wish | None:
    if span not in tuple(SnoozeFor):
        return None
    chosen = SnoozeFor(span)
    return AskFor(fingerprint, Form.SNOOZE) if chosen is SnoozeFor.UNTIL else SnoozeBy(fingerprint, chosen)


def _bare(make: Callable[[str], Wish]) -> Callable[[str, str], Wish | None]:
    return lambda fingerprint, rest: None if rest else make(fingerprint)


_READERS: Mapping[Control, Callable[[str, str], Wish | None]] = {
    Control.APPROVE: _approve,
    Control.SNOOZE: _snooze,
    Control.WAIVE: _bare(lambda fingerprint: AskFor(fingerprint, Form.WAIVE)),
    Control.EXPLAIN: _bare(Explain),
    Control.NOT_USEFUL: _bare(NotUsefulToMe),
}


def _sent(body: Any) -> Wish:
    name = _text(body, "view", "callback_id")
    fingerprint = _text(body, "view", "private_metadata").partition(":")[0]
    if name not in tuple(Form):
        return Unreadable(f"the form {name[:40]!r} is none of driftbot's")
    if not _FINGERPRINT.fullmatch(fingerprint):
        return Unreadable(f"the form {name} carries {fingerprint[:40]!r}, which names no finding")
    match Form(name):
        case Form.WAIVE:
            return Waive(fingerprint, _reason(_field(body, Field.REASON, "value")), _day(body))
        case Form.SNOOZE:
            return SnoozeUntil(fingerprint, _moment(_field(body, Field.UNTIL, "selected_date_time")))
        case Form.EXPLANATION:
            return Nothing()


def _field(body: Any, field: Field, name: str) -> Any:
    return _at(body, "view", "state", "values", field.value, field.value, name)


def _reason(typed: Any) -> str:
    """One line of what was typed; a lone surrogate is no text that a file could hold."""
    text = typed if isinstance(typed, str) else ""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").split())


def _day(body: Any) -> date | None:
    try:
        return date.fromisoformat(_field(body, Field.EXPIRES, "selected_date"))
    except (TypeError, ValueError):
        return None


def _moment(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


_WISHES: Mapping[str, Callable[[Any], Wish]] = {
    "block_actions": _pressed,
    "view_submission": _sent,
    "view_closed": lambda _: Nothing(),
}


def _place(body: Any, kind: str) -> Place:
    if kind == "block_actions":
        channel = _text(body, "container", "channel_id") or _text(body, "channel", "id")
        return _checked(channel, _text(body, "container", "thread_ts") or _text(body, "message", "thread_ts"))
    _, channel, thread = (*_text(body, "view", "private_metadata").split(":", 2), "", "")[:3]
    return _checked(channel, thread)


def _checked(channel: str, thread: str) -> Place:
    if not _CHANNEL.fullmatch(channel):
        return Place()
    return Place(channel, thread if _TIMESTAMP.fullmatch(thread) else "")


def _at(node: Any, *path: str | int) -> Any:
    for step in path:
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def _text(node: Any, *path: str | int) -> str:
    found = _at(node, *path)
    return found if isinstance(found, str) else ""
