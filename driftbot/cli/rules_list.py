"""``driftbot rules list``: the rules as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from driftbot.core.rule import Rule

_HEAD = ("rule", "severity", "for each", "lesson", "review by", "owner")


def as_table(rules: Sequence[Rule]) -> str:
    """One line a rule, in columns as wide as they need."""
    rows = [_HEAD, *(_row(rule) for rule in rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((*lines, f"{len(rules)} rules"))


def _row(rule: Rule) -> tuple[str, ...]:
    review = rule.review_by.isoformat() if rule.review_by else "never"
    return rule.id, rule.severity, rule.for_each, _lesson(rule), review, rule.owner


def _lesson(rule: Rule) -> str:
    return rule.lesson.incident or urlsplit(rule.lesson.url).netloc


def as_json(rules: Sequence[Rule]) -> str:
    """A list of objects with everything a script may want to choose rules by."""
    return json.dumps([_entry(rule) for rule in rules], indent=2, ensure_ascii=False)


def _entry(rule: Rule) -> dict[str, object]:
    lesson = rule.lesson
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "for_each": rule.for_each,
        "incident": lesson.incident or None,
        "date": lesson.date.isoformat() if lesson.date else None,
        "url": lesson.url,
        "review_by": rule.review_by.isoformat() if rule.review_by else None,
        "owner": rule.owner,
        "playbook": rule.playbook,
        "place": f"{rule.origin.locator}:{rule.origin.line}",
        "digest": rule.digest,
    }
