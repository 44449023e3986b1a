"""Label selectors: which pods an object means (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)."""

from __future__ import annotations

from collections.abc import Mapping

from driftbot.collectors.kubernetes.manifest import items, mapping, text, texts
from driftbot.documents.node import Node


def selects(selector: Node | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector with ``matchLabels`` and ``matchExpressions`` means pods with these labels.

    No selector means none, an empty one all.
    """
    if selector is None:
        return False
    return selects_equal(mapping(selector, "matchLabels"), labels, empty=True) and all(
        _holds(expression, labels) for expression in items(selector, "matchExpressions")
    )


def selects_equal(wanted: Node | None, labels: Mapping[str, str], empty: bool = False) -> bool:
    """Whether pods carry all these labels; ``empty`` is the answer where none is named."""
    pairs = texts(wanted)
    return all(labels.get(name) == value for name, value in pairs.items()) if pairs else empty


def _holds(expression: Node, labels: Mapping[str, str]) -> bool:
    key = text(expression, "key")
    listed = expression.get("values")
    values = {value.text for value in listed.items} if listed else set()
    match text(expression, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
