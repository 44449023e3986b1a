"""A payload held against Slack's own two descriptions, and against the rules of its markup; faults in words.

``slack_sdk``'s models know lengths and counts, ``@slack/types`` knows fields and types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from driftbot.notifiers.slack import limits
from driftbot.sandbox.payload_check import check_blocks, check_view
from driftbot.sandbox.refusal import Refused

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "notifiers" / "slack-types" / "schema.json").read_text("utf-8")
)
_CONTROL = re.compile(r"<([^<>]*)>")
_OURS = re.compile(
    r"!date\^\d+\^\{date_short_pretty\} \{time\}\|[-0-9: UTC]+"
    r"|https?://[^|<>\s]+\|[^|<>]+|@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#C[A-Z0-9]+"
)


def model_faults(payload: dict[str, Any]) -> list[str]:
    """What slack_sdk's models refuse of a message's or a view's blocks."""
    try:
        blocks = Block.parse_all(payload["blocks"])
        for part in _parts([*blocks, *([View(**payload)] if payload.get("type") == "modal" else [])]):
            part.validate_json()
    except (SlackObjectFormationError, TypeError, AttributeError) as error:
        return [f"{type(error).__name__}: {error}"]
    most = limits.VIEW_BLOCKS if payload.get("type") == "modal" else limits.BLOCKS
    return [] if 0 < len(blocks) <= most else [f"{len(blocks)} blocks"]


def schema_faults(payload: dict[str, Any]) -> list[str]:
    """What the schema of @slack/types refuses."""
    modal = payload.get("type") == "modal"
    root = {"$ref": f"#/definitions/{'Modal' if modal else 'MessageBlocks'}", "definitions": SCHEMA["definitions"]}
    about = payload if modal else {"blocks": payload["blocks"]}
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(root).iter_errors(about)]


def sandbox_faults(payload: dict[str, Any]) -> list[str]:
    """What the sandbox refuses, whose shapes and limits were written down on their own."""
    try:
        if payload.get("type") == "modal":
            check_view(payload)
        else:
            check_blocks(payload["blocks"])
    except Refused as refused:
        return [f"{refused}: {refused.messages}"]
    return []


def faults(payload: dict[str, Any]) -> list[str]:
    """Everything that is wrong with it."""
    found = model_faults(payload) + schema_faults(payload) + sandbox_faults(payload)
    found += [f"{len(text)} characters of a field" for text in _fields(payload) if len(text) > limits.FIELD]
    markup = [text for text, kind in texts(payload) if kind == "mrkdwn"]
    found += [fault for text in markup for fault in markup_faults(text)]
    found += [f"plain text mentions: {text!r}" for text, kind in texts(payload) if kind != "mrkdwn" and "<!" in text]
    size = sum(len(text) for text, _ in texts(payload))
    most = limits.VIEW if payload.get("type") == "modal" else limits.MESSAGE
    found += [f"{size} characters of text"] if size > most + 500 * (payload.get("type") == "modal") else []
    return found + [f"not to be sent: {character!r}" for character in sorted(set(_unsendable(payload)))]


def texts(payload: Any) -> Iterator[tuple[str, str]]:
    """Every text with its kind, the fallback as markup."""
    if isinstance(payload, list):
        for part in payload:
            yield from texts(part)
    elif isinstance(payload, dict):
        kind = payload.get("type", "mrkdwn")
        for key, value in payload.items():
            if key == "text" and isinstance(value, str):
                yield value, "mrkdwn" if kind == "mrkdwn" else "plain_text"
            else:
                yield from texts(value)


def markup_faults(text: str) -> Iterator[str]:
    """Mentions, links and dates that are none of ours, and what ought to be escaped."""
    yield from (f"not ours: <{found}>" for found in _CONTROL.findall(text) if not _OURS.fullmatch(found))
    rest = _CONTROL.sub("", text)
    yield from (f"not escaped: {text!r}" for mark in "<>" if mark in rest)
    yield from (f"no entity: {text!r}" for _ in re.findall(r"&(?!(?:amp|lt|gt);)", rest))


def _fields(payload: dict[str, Any]) -> Iterator[str]:
    """The texts of fields, whose length the models leave alone."""
    for block in payload["blocks"]:
        yield from (field["text"] for field in block.get("fields", ()))


def _unsendable(payload: dict[str, Any]) -> Iterator[str]:
    for text, _ in texts(payload):
        yield from re.findall(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b\u200c\u200e\u200f\ufeff\ud800-\udfff]", text
        )


def _parts(models: Any) -> Iterator[JsonObject]:
    """Every model within, the outer ones first."""
    for model in models:
        if isinstance(model, JsonObject):
            yield model
            yield from _parts(vars(model).values())
        elif isinstance(model, list | tuple):
            yield from _parts(model)
