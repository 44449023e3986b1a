"""The page of the lessons: every rule with its story, its expectation and its cases, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Rule
from driftbot.lessons.transcript import transcript
from driftbot.rules.case import Case


def page(rules: Sequence[Rule], cases: Mapping[str, Sequence[Case]], vocabulary: Vocabulary) -> str:
    """All rules in the order of their ids, after a table of them."""
    parts = [
        "# Lessons",
        "<!-- Rendered by `driftbot rules docs`: change the rules, not this page. -->",
        "What incidents and handbooks taught, as rules that are held every night. Each number is marked: `review`"
        " stands in the source, `ours` is a proposal.",
        "\n".join(_table(rules)),
        *(part for rule in rules for part in _lesson(rule, cases.get(rule.id, ()), vocabulary)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| rule | severity | for each | says |"
    yield "| --- | --- | --- | --- |"
    for rule in rules:
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.for_each} | {_cell(rule.title)} |"


def _lesson(rule: Rule, cases: Sequence[Case], vocabulary: Vocabulary) -> Iterator[str]:
    yield f"## {rule.id}"
    yield f"**{_prose(rule.title)}.** Severity {rule.severity}, owner {_prose(rule.owner)}{_review(rule)}."
    yield f"{_source(rule)} {_prose(rule.lesson.summary)}"
    yield f"Why it is held: {_prose(rule.why)}"
    yield _block(_judgement(rule))
    numbers = ", ".join(f"`{number.text}` ({number.source})" for number in rule.numbers)
    if numbers:
        yield f"Numbers: {numbers}."
    yield "Cases, each judged by every run of `driftbot rules test`:"
    yield _block(transcript(case, case.name, _verdict(case), vocabulary) for case in cases)


def _review(rule: Rule) -> str:
    return f", to be reviewed by {rule.review_by.isoformat()}" if rule.review_by else ""


def _source(rule: Rule) -> str:
    lesson = rule.lesson
    if not lesson.incident:
        return f"[Reference]({lesson.url}):"
    day = f" of {lesson.date.isoformat()}" if lesson.date else ""
    return f"[Incident {_prose(lesson.incident)}]({lesson.url}){day}:"


def _judgement(rule: Rule) -> Iterator[str]:
    yield f"for_each: {rule.for_each}"
    if rule.where:
        yield f"where: {rule.where.text}"
    if rule.let:
        yield "let:"
        yield from (f"  {binding.name}: {binding.expression.text}" for binding in rule.let)
    yield f"expect: {rule.expect.text}"
    if rule.recommend:
        yield "recommend:"
        yield from (f"  {binding.name}: {binding.expression.text}" for binding in rule.recommend)


def _verdict(case: Case) -> Verdict | None:
    return Verdict(case.verdict.value) if case.verdict else None


def _block(lines: Iterable[str]) -> str:
    return "\n".join(("```yaml", *lines, "```"))


def _prose(text: str) -> str:
    """Text of a rule as Markdown shows it: what would be markup is not."""
    plain = " ".join(text.split())
    for sign in "\\`*_[]<>":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")
