"""One entry of the approvals file: an approval or a waiver as YAML, and back with every problem of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import TypeVar

from driftbot.core.excuse import Approval, Waiver
from driftbot.core.fact import Value
from driftbot.core.finding import fingerprint
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.rule import Problem
from driftbot.core.subject import SubjectId
from driftbot.documents.node import Node, Shape

Entry = dict[str, object]
Read = TypeVar("Read")

_APPROVAL = ("subject", "key", "value", "unit", "instant", "approved_by", "reason", "at")
_WAIVER = ("rule", "subject", "owner", "reason", "created", "expires")


def approval_entry(approval: Approval) -> Entry:
    """The approval as YAML: a quantity as people write it where that is exact."""
    return {
        "subject": str(approval.subject),
        "key": approval.key,
        **_value_entry(approval.value),
        "approved_by": approval.approved_by,
        "reason": approval.reason,
        "at": _written(approval.at),
    }


def waiver_entry(waiver: Waiver) -> Entry:
    """The waiver as YAML; its fingerprint follows from rule and subject."""
    return {
        "rule": waiver.rule,
        "subject": str(waiver.subject),
        "owner": waiver.owner,
        "reason": waiver.reason,
        "created": _written(waiver.created),
        "expires": _written(waiver.expires),
    }


def read_approval(node: Node, problems: list[Problem]) -> Iterator[Approval]:
    """The approval of an entry, or nothing and its problems."""
    form = _Form(node, problems, _APPROVAL)
    subject, key = form.read("subject", SubjectId.parse), form.text("key")
    value, at = form.value(), form.read("at", _instant)
    approved_by, reason = form.text("approved_by"), form.text("reason")
    if form.good and subject and value is not None and at:
        yield Approval(subject, key, value, approved_by, reason, at)


def read_waiver(node: Node, problems: list[Problem]) -> Iterator[Waiver]:
    """The waiver of an entry, or nothing and its problems."""
    form = _Form(node, problems, _WAIVER)
    rule, subject = form.text("rule"), form.read("subject", SubjectId.parse)
    owner, reason = form.text("owner"), form.text("reason")
    created, expires = form.read("created", _instant), form.read("expires", _instant)
    if created and expires and expires <= created:
        form.fault(node.get("expires") or node, "expires is not after created")
    if form.good and subject and created and expires:
        yield Waiver(fingerprint(rule, subject), rule, subject, owner, reason, created, expires)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _value_entry(value: Value) -> Entry:
    match value:
        case Quantity():
            return {"value": _exactly(value), "unit": value.unit.value}
        case datetime():
            return {"instant": _written(value)}
        case tuple():
            return {"value": list(value)}
        case _:
            return {"value": value}


def _exactly(quantity: Quantity) -> str | float:
    """As people write it (``2h``), or the bare number where that would round it."""
    text = str(quantity)
    try:
        exact = parse_quantity(text, quantity.unit) == quantity
    except NotAQuantity:
        exact = False
    return text if exact else quantity.value


def _instant(text: str) -> datetime:
    """A time with offset, or a date (its first moment in UTC)."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None and len(text) <= len("2026-05-04"):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it like 2026-05-04T02:00:00+00:00, or a date")
    return at


class _Form:
    """Reads the fields of one entry and keeps what is wrong with them."""

    def __init__(self, node: Node, problems: list[Problem], names: tuple[str, ...]) -> None:
        self._node, self._problems = node, problems
        self.good = True
        if node.shape is not Shape.MAPPING:
            self.fault(node, "an entry is a mapping", f"write {', '.join(names)}")
            return
        for entry in node.entries:
            if entry.key.text not in names:
                self.fault(entry.key, f"{entry.key.text!r} is not known here", f"one of {', '.join(names)}")

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        self.good = False
        self._problems.append(Problem(node.origin, message, hint))

    def text(self, name: str) -> str:
        return self.read(name, str) or ""

    def read(self, name: str, reader: Callable[[str], Read]) -> Read | None:
        node = self._node.get(name)
        if node is None or node.shape is not Shape.SCALAR or not node.text.strip():
            if self._node.shape is Shape.MAPPING:
                self.fault(node or self._node, f"{name} is missing")
            return None
        try:
            return reader(node.text)
        except ValueError as error:
            self.fault(node, f"{name}: {error}")
            return None

    def value(self) -> Value | None:
        if self._node.get("instant") is not None:
            return self.read("instant", _instant)
        unit = self.read("unit", Unit) if self._node.get("unit") is not None else None
        node = self._node.get("value")
        if node is not None and node.shape is Shape.SEQUENCE:
            return tuple(sorted(item.text for item in node.items))
        if unit is not None:
            return self.read("value", lambda text: parse_quantity(text, unit))
        if node is not None and isinstance(node.value, bool):
            return node.value
        # An approved text may be empty: that is a value, not a missing one.
        if node is not None and node.shape is Shape.SCALAR and not node.is_null:
            return node.text
        return self.read("value", str)
