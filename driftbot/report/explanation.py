"""One finding explained: the arithmetic, where it was read, the lesson, since when, who, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from driftbot.core.decision import keys_of
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Origin, Provenance, View, show
from driftbot.core.finding import Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Interval, Life
from driftbot.core.rule import Rule
from driftbot.edits.edit import Edit
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.timeline import changes
from driftbot.report.wording import change, evidence_line, headline, owner, place, plural, state

_TONES = {
    Verdict.DRIFT: Tone.ALARM,
    Verdict.UNKNOWN: Tone.DOUBT,
    Verdict.WAIVED: Tone.QUIET,
    Verdict.OK: Tone.GOOD,
}
_WRITTEN = frozenset({Provenance.EXPLICIT, Provenance.INHERITED})
LONGEST = 2000
LONGEST_IN_LINE = 100
"""Characters of a list of names that stay in the line of their key; longer ones get a line each (ours)."""


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """What a recommendation would change in a file: the edit, and what promtool says of it; or why there is none."""

    key: str
    edit: Edit | None = None
    trial: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known around a finding; whatever is missing is left out of the explanation.

    ``touched`` says who last touched the line of an origin, in words. ``intervals`` are the subject's values over time.
    ``as_of`` is the past night that is asked for; None asks for the last. ``edits`` are those that it recommends.
    """

    rule: Rule | None = None
    waiver: Waiver | None = None
    touched: Mapping[Origin, str] = field(default_factory=dict)
    intervals: Sequence[Interval] = ()
    as_of: datetime | None = None
    edits: Sequence[ProposedEdit] = ()


def lines_to_change(advice: Recommendation, intervals: Sequence[Interval]) -> tuple[Origin, ...]:
    """The places where somebody wrote another value of the key than the recommended one, of what still holds."""
    if advice.value is None:
        return ()
    standing = [interval.fact for interval in intervals if interval.closed is None and interval.fact.key == advice.key]
    written = [fact for fact in standing if fact.view is View.DECLARED and fact.provenance in _WRITTEN]
    return tuple(sorted({fact.origin for fact in written if fact.value != advice.value and fact.origin.line}))


def explanation(life: FindingLife, background: Background) -> Outline:
    """The finding in words, section by section."""
    finding, rule = life.finding, background.rule
    sections = (
        _judged(life),
        Section("What it rests on", Tone.QUIET, tuple(_evidence(finding, background.touched))),
        _charts(finding),
        _unreadable(finding),
        Section("The lesson", Tone.QUIET, tuple(_lesson(rule)) if rule else ()),
        Section("Since when", Tone.QUIET, tuple(_time(life, background))),
        _advice(life, background),
        Section("The edit", Tone.GOOD, tuple(item for edit in background.edits for item in _edit(edit))),
    )
    verdict = "resolved" if life.resolved else {Verdict.UNKNOWN: "not readable"}.get(finding.verdict, finding.verdict)
    told = (verdict, str(finding.severity), state(life), harmless(owner(finding, rule), 80), finding.fingerprint)
    asked = f" · as known on {background.as_of:%Y-%m-%d %H:%M}" if background.as_of else ""
    return Outline(
        title=headline(finding),
        summary=" · ".join(filter(None, told)) + asked,
        sections=tuple(section for section in sections if not section.empty),
        conclusion="",
        tone=Tone.GOOD if life.resolved else _TONES[finding.verdict],
    )


def _text(text: str) -> str:
    return harmless(text, LONGEST)


def _judged(life: FindingLife) -> Section:
    finding = life.finding
    stood = finding.verdict is Verdict.UNKNOWN and life.life is Life.ONGOING
    last = " when last readable" if stood and finding.observed else ""
    items = [
        Item("", _text(finding.title)),
        Item("observed", _text(finding.observed) + last) if finding.observed else None,
        Item("expected", _text(finding.expected)) if finding.expected else None,
        Item("because", _text(finding.message)) if finding.message and finding.verdict is not Verdict.UNKNOWN else None,
    ]
    if finding.verdict is not Verdict.UNKNOWN:
        items += [Item("note", _text(reason)) for reason in finding.reasons]
    return Section("What was judged", _TONES[finding.verdict], tuple(item for item in items if item))


def _evidence(finding: Finding, touched: Mapping[Origin, str]) -> Iterator[Item]:
    for evidence in finding.evidence:
        lines = [f"last touched by {_text(touched[origin])}" for origin in evidence.origins if origin in touched]
        if isinstance(evidence.value, tuple) and len(show(evidence.value)) > LONGEST_IN_LINE:
            lines[:0] = map(_text, evidence.value)
            evidence = replace(evidence, value=f"{len(evidence.value):,}, a line each")
        yield Item("", evidence_line(evidence, LONGEST), tuple(lines))


def _charts(finding: Finding) -> Section:
    last = ", as last readable" if finding.verdict is Verdict.UNKNOWN else ""
    title = "The chart" if len(finding.charts) == 1 else "The charts"
    return Section(title + last, Tone.QUIET, charts=finding.charts)


def _unreadable(finding: Finding) -> Section:
    if finding.verdict is not Verdict.UNKNOWN:
        return Section("", Tone.DOUBT)
    items = [Item("why", _text(reason)) for reason in finding.reasons]
    for evidence in finding.evidence:
        if evidence.value is None:
            places = tuple(f"asked: {place(origin)}" for origin in evidence.origins)
            items.append(Item("needed", _text(evidence.name), (*filter(None, [_text(evidence.note)]), *places)))
    return Section("What would have to be readable", Tone.DOUBT, tuple(items))


def _lesson(rule: Rule) -> Iterator[Item]:
    lesson = rule.lesson
    day = f", {lesson.date}" if lesson.date else ""
    name = f"{lesson.incident}{day}" if lesson.incident else "reference"
    yield Item(_text(name), _text(lesson.summary), (_text(lesson.url),))
    if rule.why:
        yield Item("why", _text(rule.why))
    if rule.numbers:
        told = ", ".join(f"{number.text} ({number.source})" for number in rule.numbers)
        yield Item("numbers", _text(told))
    yield Item("rule", place(rule.origin), (_text(rule.expect.text),))


def _time(life: FindingLife, background: Background) -> Iterator[Item]:
    opened = f", opened {plural(life.times_opened, 'time')}" if life.times_opened > 1 else ""
    yield Item("first seen", f"{life.first_seen:%Y-%m-%d %H:%M}{opened}")
    yield Item("last seen", f"{life.last_seen:%Y-%m-%d %H:%M}")
    if change(life):
        yield Item("observed changed", change(life))
    if life.resolved:
        yield Item("resolved", f"{life.resolved:%Y-%m-%d %H:%M}")
    keys = keys_of(life.finding.evidence, (interval.fact.key for interval in background.intervals))
    for key in keys:
        told = changes([interval for interval in background.intervals if interval.fact.key == key])
        if told:
            yield Item(harmless(key, 60), told[0], told[1:])


def _advice(life: FindingLife, background: Background) -> Section:
    finding, rule, waiver = life.finding, background.rule, background.waiver
    items = [_recommendation(advice, _changers(finding, advice, background)) for advice in finding.recommendations]
    if rule and rule.playbook:
        items.append(Item("playbook", _text(rule.playbook)))
    if waiver:
        until = f"by {_text(waiver.owner)} until {waiver.expires:%Y-%m-%d}"
        items.append(Item("waived", until, (_text(waiver.reason),)))
    closing = () if items else ("The rule recommends no value; its lesson says what went wrong the last time.",)
    if life.resolved:
        return Section("", Tone.GOOD)
    waive = f'driftbot waive {finding.fingerprint} --reason "…"  # for 90 days'
    commands = () if waiver or background.as_of else (waive,)
    return Section("What to do", Tone.GOOD, tuple(items), closing, commands)


def _changers(finding: Finding, advice: Recommendation, background: Background) -> tuple[str, ...]:
    """Who last touched the lines that would change, where the evidence does not tell it already."""
    told = {(origin.locator, origin.line) for evidence in finding.evidence for origin in evidence.origins}
    places = lines_to_change(advice, background.intervals)
    asked = [one for one in places if (one.locator, one.line) not in told and one in background.touched]
    return tuple(f"{place(origin)} · last touched by {_text(background.touched[origin])}" for origin in asked)


def _recommendation(advice: Recommendation, changers: tuple[str, ...]) -> Item:
    if advice.value is None:
        why = advice.note or "something it needs could not be read"
        return Item("", f"{harmless(advice.key, 80)}: no value can be recommended", (_text(why),))
    note = (_text(advice.note),) if advice.note else ()
    return Item("", f"{harmless(advice.key, 80)}: {_text(show(advice.value))}", (*note, *changers))


def _edit(proposed: ProposedEdit) -> Iterator[Item]:
    if proposed.edit is None:
        yield Item("", f"{harmless(proposed.key, 80)}: no file is edited", (_text(proposed.refused),))
        return
    edit = proposed.edit
    lines = tuple(_text(line) for line in edit.diff.splitlines())
    yield Item("", harmless(f"{edit.path}:{edit.line}"), lines)
    if proposed.trial:
        yield Item("promtool", _text(proposed.trial))
