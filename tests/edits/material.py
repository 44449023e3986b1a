"""Rule files as the scan reads them: facts about alerts and conditions of bytes in memory."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.alert_rule import ALERT, DEFAULT_INTERVAL, RuleStatement, condition_statements, labels_in
from driftbot.collectors.rule_file import rules_of
from driftbot.core.fact import Fact, Provenance, Value
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.format import Format, format_of, read_documents
from driftbot.edits.edit import Edit
from driftbot.edits.setting import edit_setting
from driftbot.edits.setting_file import SettingFile


def facts_of(path: str, content: bytes) -> Iterator[Fact]:
    """What the collector states of every alert in a file, alerts named by their place in it."""
    documents = read_documents(content, "git", path, format_of(path) or Format.YAML)
    for number, rule in enumerate(rules_of(documents).rules):
        if not rule.recording:
            labels = labels_of(dict(labels_in(rule, path)))
            subject = Subject(ALERT, "production", f"{rule.name.text}#{number}", labels)
            statement = RuleStatement(subject, rule, (DEFAULT_INTERVAL, Provenance.DEFAULT))
            statement.state_all()
            found = statement.state_expression()
            yield from statement.facts
            for condition in condition_statements(subject, found, rule.expression):
                yield from condition.facts


def fact(path: str, content: bytes, alert: str, key: str, condition: int = 1) -> Fact:
    """The fact about the first alert of this name, or about one of its conditions."""
    named = [one for one in facts_of(path, content) if one.subject.label("alertname") == alert and one.key == key]
    wanted = [one for one in named if one.subject.kind == ALERT or one.subject.name.endswith(f"/{condition}")]
    return wanted[0]


def edited(path: str, content: bytes, alert: str, key: str, value: Value, condition: int = 1) -> Edit:
    """The edit of the first alert of this name.

    Raises:
        Refused: there is none.
    """
    return edit_setting(fact(path, content, alert, key, condition), value, SettingFile(path, content))
