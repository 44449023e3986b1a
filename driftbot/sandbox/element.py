"""Interactive elements: where one is in blocks, and what a person's choice makes of it in a payload.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and …/view-interactions-payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftbot.sandbox.post import Json

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class NotThere(Exception):
    """A person cannot press or choose what is not shown."""


class NotFilledIn(NotThere):
    """Inputs that have to be filled in are empty; the modal says so beside them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An element and the id of the block that holds it."""

    block_id: str
    element: Json

    @property
    def action_id(self) -> str:
        """The element's ``action_id``."""
        return str(self.element.get("action_id", ""))


def interactive(blocks: Sequence[Json]) -> Iterator[Placed]:
    """Every interactive element of blocks, in order."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and {"action_id", "type"} <= element.keys():
                yield Placed(str(block["block_id"]), element)


def pressable(blocks: Sequence[Json], action_id: str, value: str | None) -> Placed:
    """The element with that id; where several have it, the one that can give the value.

    Raises:
        NotThere: there is none.
    """
    named = [placed for placed in interactive(blocks) if placed.action_id == action_id]
    for placed in named:
        if value is None or placed.element["type"] not in ("button", *_MENUS) or value in _values(placed.element):
            return placed
    offered = sorted({placed.action_id for placed in interactive(blocks)})
    values = sorted({one for placed in named for one in _values(placed.element)})
    raise NotThere(f"no control {action_id!r} with value {value!r} is shown; there are {offered}, with values {values}")


def action(placed: Placed, value: str | None, at: str) -> Json:
    """An item of a payload's ``actions``."""
    named = {"action_id": placed.action_id, "block_id": placed.block_id, "type": placed.element["type"]}
    return {**named, **_pressed(placed.element, value), "action_ts": at}


def state_of(blocks: Sequence[Json], given: Json) -> Json:
    """A view's ``state.values``: by block and action, what a person entered or what stood there from the start.

    ``given`` has the entered values by block id.
    """
    values: Json = {}
    for placed in interactive(blocks):
        if placed.element["type"] in _STATEFUL:
            entered = given.get(placed.block_id, initial(placed.element))
            values.setdefault(placed.block_id, {})[placed.action_id] = _entered(placed.element, entered)
    return values


def missing(blocks: Sequence[Json], given: Json) -> list[str]:
    """The ids of inputs that have to be filled in and are not: Slack's client does not submit then."""
    return [
        str(block["block_id"])
        for block in blocks
        if block["type"] == "input" and not block.get("optional")
        if not given.get(str(block["block_id"]), initial(block["element"]))
    ]


def initial(element: Json) -> str:
    """What an element holds before anybody touches it."""
    option = element.get("initial_option") or {}
    for name in ("initial_value", "initial_date", "initial_date_time"):
        if element.get(name) is not None:
            return str(element[name])
    return str(option.get("value", ""))


def options(element: Json) -> list[Json]:
    """The options of a menu, in groups or not."""
    return [
        *(element.get("options") or ()),
        *(one for group in element.get("option_groups") or () for one in group["options"]),
    ]


_MENUS = ("static_select", "overflow", "radio_buttons", "checkboxes")
_STATEFUL = (*_MENUS[:1], *_MENUS[2:], "plain_text_input", "datepicker", "datetimepicker")


def _values(element: Json) -> list[str]:
    if element["type"] == "button":
        return [str(element.get("value", ""))]
    return [str(option["value"]) for option in options(element)]


def _pressed(element: Json, value: str | None) -> Json:
    if element["type"] == "button":
        shown = {"text": element["text"]}
        return {**shown, "value": element["value"]} if "value" in element else shown
    return {name: entered for name, entered in _entered(element, value or "").items() if name != "type"}


def _entered(element: Json, value: str) -> Json:
    type_ = element["type"]
    match type_:
        case "plain_text_input":
            return {"type": type_, "value": value or None}
        case "datepicker":
            return {"type": type_, "selected_date": _date(value)}
        case "datetimepicker":
            return {"type": type_, "selected_date_time": int(value) if value else None}
        case "checkboxes":
            return {"type": type_, "selected_options": [_option(element, one) for one in value.split("\n") if one]}
        case _:
            return {"type": type_, "selected_option": _option(element, value) if value else None}


def _date(value: str) -> str | None:
    if value and not _DATE.fullmatch(value):
        raise NotThere(f"a date picker gives dates like 2026-01-31, not {value!r}")
    return value or None


def _option(element: Json, value: str) -> Json:
    for option in options(element):
        if option["value"] == value:
            return option
    raise NotThere(f"{element.get('action_id')} offers no {value!r}, but {_values(element)}")
