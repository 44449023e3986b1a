"""Blocks that the sandbox's tests post."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, value: str = "3f9c", label: str = "Press", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(label), **more}


def menu(action_id: str, *values: str, type_: str = "static_select") -> Json:
    shown: Json = {"type": type_, "action_id": action_id}
    if type_ == "static_select":
        shown["placeholder"] = plain("Choose")
    return {**shown, "options": [{"text": plain(f"for {value}"), "value": value} for value in values]}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "controls", "elements": list(elements)}


def text_input(block_id: str, label: str = "Reason", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": block_id, **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def picker(block_id: str, kind: str = "datepicker", **more: Any) -> Json:
    element = {"type": kind, "action_id": block_id, **more}
    return {"type": "input", "block_id": block_id, "label": plain(block_id.capitalize()), "element": element}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }
