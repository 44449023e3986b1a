"""Interactive elements as HTML controls (https://docs.slack.dev/reference/block-kit/block-elements)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from driftbot.sandbox.element import initial, options
from driftbot.sandbox.page.html import Node, h
from driftbot.sandbox.page.mrkdwn import Names, drawn_emoji, mrkdwn, plain
from driftbot.sandbox.post import Json

_KINDS = {"datepicker": "date", "datetimepicker": "datetime-local"}


def said(text: Json | None, names: Names) -> list[Node]:
    """A text object."""
    if text is None:
        return []
    return mrkdwn(text["text"], names) if text["type"] == "mrkdwn" else [drawn_emoji(plain(text["text"]))]


def control(element: Json, block_id: str, names: Names) -> Element:
    """An element that tells the app as soon as it is used, with its confirmation if it has one."""
    draw = _DRAWN.get(element["type"])
    if draw is None:
        return h("span", f"[{element['type']}]", class_="unknown")
    confirm = _confirmation(element["confirm"], names) if "confirm" in element else None
    return h(
        "span",
        draw(element, names),
        confirm,
        class_="control",
        data_action_id=str(element.get("action_id", "")),
        data_block_id=block_id,
        data_type=element["type"],
    )


def entry(element: Json, block_id: str, label: str, names: Names, wrong: bool) -> Element:
    """An element of an input block: its value is told when the modal is submitted."""
    drawn = _DRAWN[element["type"]](element, names)
    field = drawn if drawn.tag in ("input", "select", "textarea") else drawn.find("*")
    if field is not None:
        field.set("name", block_id)
        field.set("aria-label", label)
        if wrong:
            field.set("aria-invalid", "true")
    return h("span", drawn, class_="entry", data_block_id=block_id, data_type=element["type"])


def _button(element: Json, names: Names) -> Element:
    style = f"button {element.get('style', '')}".strip()
    label = element.get("accessibility_label")
    shown = h("button", said(element["text"], names), type="button", class_=style, aria_label=label)
    shown.set("data-value", str(element.get("value", "")))
    return shown


def _select(element: Json, names: Names) -> Element:
    del names
    placeholder = plain((element.get("placeholder") or {}).get("text", "Choose…"))
    chosen = initial(element)
    return h(
        "select",
        h("option", placeholder, value=""),
        [
            h("option", plain(one["text"]["text"]), value=one["value"], selected=one["value"] == chosen)
            for one in options(element)
        ],
        aria_label=placeholder,
    )


def _overflow(element: Json, names: Names) -> Element:
    items = [_item(option, names) for option in options(element)]
    return h("details", h("summary", "⋯", aria_label="More"), h("div", items, class_="menu"), class_="overflow")


def _item(option: Json, names: Names) -> Element:
    return h("button", said(option["text"], names), type="button", class_="item", data_value=option["value"])


def _choices(element: Json, names: Names) -> Element:
    kind = "radio" if element["type"] == "radio_buttons" else "checkbox"
    held = [option["value"] for option in element.get("initial_options") or ()] or [initial(element)]
    return h(
        "fieldset",
        [
            h(
                "label",
                h("input", type=kind, value=one["value"], checked=one["value"] in held, name=element.get("action_id")),
                said(one["text"], names),
            )
            for one in options(element)
        ],
    )


def _picker(element: Json, names: Names) -> Element:
    del names
    held = initial(element)
    if element["type"] == "datetimepicker" and held:
        held = datetime.fromtimestamp(int(held), UTC).strftime("%Y-%m-%dT%H:%M")
    title = "UTC" if element["type"] == "datetimepicker" else None
    return h("input", type=_KINDS[element["type"]], value=held, title=title)


def _input(element: Json, names: Names) -> Element:
    del names
    placeholder = plain((element.get("placeholder") or {}).get("text", ""))
    limits = {name: str(element[given]) for name, given in _LENGTHS if given in element}
    if element.get("multiline"):
        return h("textarea", initial(element), placeholder=placeholder, rows="4", **limits)
    return h("input", type="text", value=initial(element), placeholder=placeholder, **limits)


_LENGTHS = (("minlength", "min_length"), ("maxlength", "max_length"))


def _confirmation(confirm: Json, names: Names) -> Element:
    style = f"button {confirm.get('style', 'primary')}"
    return h(
        "dialog",
        h("h2", said(confirm["title"], names)),
        h("p", said(confirm["text"], names)),
        h(
            "div",
            h("button", said(confirm["deny"], names), type="button", class_="button deny"),
            h("button", said(confirm["confirm"], names), type="button", class_=f"{style} confirm"),
            class_="row",
        ),
        class_="confirmation",
    )


_DRAWN: dict[str, Callable[[Json, Names], Element]] = {
    "button": _button,
    "checkboxes": _choices,
    "datepicker": _picker,
    "datetimepicker": _picker,
    "overflow": _overflow,
    "plain_text_input": _input,
    "radio_buttons": _choices,
    "static_select": _select,
}
