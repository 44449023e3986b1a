"""Rule files read quickly, for the thousands of contents of a history: plain values, no places.

Only files that hold nothing odd are read so; ``rules_of`` reads the others, and every file whose places matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from driftbot.collectors.rule_file import RESOURCES

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_ODD = re.compile(rb"<<\s*:|kind:\s*[\"']?\w*(?:List|ConfigMap)|^\xef\xbb\xbf|^[\xff\xfe]{2}|\x00")

_NULL = frozenset({"~", "null", "Null", "NULL"})


class NotQuick(Exception):
    """The file holds something that the careful reader is needed for."""


@dataclass(frozen=True, slots=True)
class QuickAlert:
    """An alert as the texts that a file holds; ``labels`` are the group's and its own, sorted."""

    group: str
    name: str
    expression: str
    hold: str
    keep_firing: str
    labels: tuple[tuple[str, str], ...]


def quick_alerts(content: bytes) -> tuple[QuickAlert, ...]:
    """The alerts of a YAML file, in its order.

    Raises:
        NotQuick: it is broken, or not all of it is as rule files usually are.
    """
    if _ODD.search(content):
        raise NotQuick
    try:
        documents = list(yaml.load_all(content.decode("utf-8"), Loader=_LOADER))
        return tuple(alert for document in documents for alert in _of_document(document))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError, RecursionError):
        raise NotQuick from None


def _of_document(document: Any) -> Iterator[QuickAlert]:
    if not isinstance(document, dict):
        return
    holder: Any = document
    if "kind" in document:
        holder = document.get("spec") if document["kind"] in RESOURCES else {}
    groups = _mapping(holder).get("groups")
    for group in _sequence(groups):
        yield from _of_group(_mapping(group))


def _of_group(group: dict[str, Any]) -> Iterator[QuickAlert]:
    name, labels = _text(group.get("name")), _texts(group.get("labels"))
    if not name:
        raise NotQuick
    for rule in map(_mapping, _sequence(group.get("rules"))):
        alert, record, expression = (_text(rule.get(key)) for key in ("alert", "record", "expr"))
        if bool(alert) == bool(record) or not expression.strip():
            raise NotQuick
        if alert:
            said = {**labels, **_texts(rule.get("labels"))}
            hold, keep_firing = (_duration(rule.get(key)) for key in ("for", "keep_firing_for"))
            yield QuickAlert(name, alert, expression, hold, keep_firing, tuple(sorted(said.items())))


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotQuick
    return value


def _sequence(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise NotQuick
    return value


def _texts(value: Any) -> dict[str, str]:
    return {name: _text(text) for name, text in _mapping(value or {}).items()}


def _text(value: str | Any | None) -> str:
    if value is not None and not isinstance(value, str):
        raise NotQuick
    return value or ""


def _duration(value: Any) -> str:
    text = _text(value)
    return "" if text in _NULL else text
