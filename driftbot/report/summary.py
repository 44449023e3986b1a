"""A report for people: what a scan has to say, in the order in which somebody should hear it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from driftbot.core.coverage import AcceptedGap, Gap
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import Blindness, Cause, ExitCode
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife
from driftbot.core.rule import Rule, Severity
from driftbot.core.silence import Silence, SilenceState
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.report import Report
from driftbot.report.wording import change, comparison, headline, lesson, place, plural, state, where

SHOWN = 10
"""Entries of one section that are shown; the rest is counted (the ten worst of an old estate's first night)."""

SHOWN_UNNEEDED = 5


def summary(report: Report, shown: int = SHOWN) -> Outline:
    """The report in words, at most ``shown`` entries a section."""
    triage = report.triage
    sections = (
        _blind(report.blindness, shown),
        _news(report, shown),
        _standing(triage.standing, shown),
        _unread(triage.unread, shown),
        _resolved(triage.resolved, shown),
        _silences(report, shown),
        _upkeep(report, shown),
        _unneeded(report.unneeded),
        _unjoined(report, shown),
        Section("Notes", Tone.QUIET, tuple(Item("", harmless(note)) for note in report.notes)),
    )
    return Outline(
        title=f"driftbot {report.version}, as of {report.as_of:%Y-%m-%d %H:%M %Z}",
        summary=_counts(report),
        sections=tuple(section for section in sections if not section.empty),
        conclusion=" ".join(filter(None, (_conclusion(report), _playbooks(report)))),
        tone={ExitCode.BLIND: Tone.BLIND, ExitCode.DRIFT: Tone.ALARM, ExitCode.CLEAN: Tone.GOOD}[report.exit_code],
    )


def _counts(report: Report) -> str:
    counts = {verdict: report.count(verdict) for verdict in Verdict}
    return (
        f"{counts[Verdict.DRIFT]:,} drift · {counts[Verdict.UNKNOWN]:,} not readable · "
        f"{counts[Verdict.WAIVED]:,} waived · {counts[Verdict.OK]:,} ok · "
        f"{plural(len(report.evaluation.tallies), 'rule')}, {plural(report.evaluation.checks, 'judgement')}"
    )


def _conclusion(report: Report) -> str:
    match report.exit_code:
        case ExitCode.BLIND:
            return "Blind is not clean: something that the rules need could not be read (exit 1)."
        case ExitCode.DRIFT:
            return f"Drift of severity {report.fail_on} or worse, or a silence that is overdue (exit 2)."
        case _ if report.triage.drift:
            return "There is drift, but none that this scan was asked to fail on (exit 0)."
        case _ if not report.evaluation.checks:
            return "No drift, but nothing was judged either: no enabled rule selects any of this (exit 0)."
        case _ if report.triage.unread:
            unread = plural(len(report.triage.unread), "finding is", "findings are")
            return f"No drift; {unread} not readable, because nobody states or measures what the rule needs (exit 0)."
        case _:
            return "No drift (exit 0)."


def _playbooks(report: Report) -> str:
    """How much of the drift something could be done about; the plan says what."""
    rules = report.rules_by_id
    standing = (*report.triage.news, *report.triage.standing)
    drift = [life.finding for life in standing if life.finding.verdict is Verdict.DRIFT]
    count = sum(bool((rule := rules.get(one.rule)) and rule.playbook) for one in drift)
    return (
        f"{count:,} of {plural(len(drift), 'finding')} {'has' if count == 1 else 'have'} a playbook: driftbot plan"
        if count
        else ""
    )


def _rest(count: int) -> tuple[str, ...]:
    return (f"… and {count:,} more; --format markdown or json tells all of them.",) if count > 0 else ()


_CAUSES = {
    Cause.NOTHING_WATCHED: "nothing",
    Cause.SOURCE_FAILED: "source",
    Cause.GAP: "gap",
    Cause.RULE_PROBLEM: "rule file",
    Cause.DECISION_PROBLEM: "decisions",
    Cause.RULE_STOPPED: "rule",
}


def _blind(blindness: Sequence[Blindness], shown: int) -> Section:
    failed = tuple(blind.place for blind in blindness if blind.cause is Cause.SOURCE_FAILED)
    apart = [blind for blind in blindness if not blind.gap.startswith(tuple(f"{source}:" for source in failed))]
    places: dict[tuple[Cause, str], list[Blindness]] = {}
    for blind in sorted(apart, key=lambda blind: list(_CAUSES).index(blind.cause)):
        places.setdefault((blind.cause, blind.gap or blind.place), []).append(blind)
    items = tuple(_unseen(alike) for alike in list(places.values())[:shown])
    gap = next((blind.gap for blind in apart if blind.gap), "")
    advice = (f"To answer for a gap until a date, list it in driftbot.yaml under accepted_gaps: {_quoted(gap)}.",)
    closing = _rest(len(places) - shown) + (advice if gap else ())
    return Section(f"Not read: {plural(len(places), 'thing')} that the rules need", Tone.BLIND, items, closing)


def _quoted(text: str) -> str:
    """The text as YAML, which knows JSON's quoting, reads it back; nothing in it would move a terminal."""
    return json.dumps(text, ensure_ascii=not text.replace("\n", "").isprintable())


def _unseen(alike: Sequence[Blindness]) -> Item:
    """One source, file or rule, however many of its places could not be read; a failed source has but one reason."""
    first = alike[0]
    several = alike[1:] and first.cause is not Cause.SOURCE_FAILED
    more = (f"and {plural(len(alike) - 1, 'more place')} in it",) if several else ()
    return Item(_CAUSES[first.cause], harmless(first.place), (harmless(first.reason), *more))


def _news(report: Report, shown: int) -> Section:
    news = report.triage.news
    items = tuple(_card(life, report.rules_by_id.get(life.finding.rule)) for life in news[:shown])
    hidden = len(news) - len(items)
    if not report.triage.first_night:
        return Section(f"News: {plural(len(news), 'finding')}", Tone.ALARM, items, _rest(hidden))
    title = f"First night: {f'the {shown} worst of ' if hidden else ''}{plural(len(news), 'finding')}"
    return Section(title, Tone.ALARM, items, tuple(_overview(news)) if hidden else (), _settle(news, report.rules))


def _card(life: FindingLife, rule: Rule | None) -> Item:
    finding = life.finding
    told = (state(life), where(finding), f"driftbot explain {finding.fingerprint}")
    message = harmless(finding.message or finding.title)
    lines = (message, comparison(finding), " · ".join(filter(None, told)), lesson(rule) if rule else "")
    return Item(str(finding.severity), headline(finding), tuple(filter(None, lines)), finding.severity)


def _overview(news: Sequence[FindingLife]) -> Iterator[str]:
    severities = Counter(life.finding.severity for life in news)
    yield "In all: " + ", ".join(
        f"{severities[severity]:,} {severity}" for severity in Severity if severities[severity]
    )
    rules = Counter(life.finding.rule for life in news)
    yield "By rule: " + ", ".join(f"{count:,} {harmless(rule, 60)}" for rule, count in rules.most_common(8))


def _settle(news: Sequence[FindingLife], rules: Sequence[Rule]) -> tuple[str, ...]:
    """How to settle an old estate's first night, so that from then on only news alarms."""
    if not news:
        return ()
    rule, _ = Counter(life.finding.rule for life in news).most_common(1)[0]
    return (
        'driftbot waive --standing --reason "known before driftbot"  # all of them, for 90 days',
        f'driftbot waive --rule {harmless(rule, 60)} --reason "…"  # those of one rule',
        *(
            f'driftbot approve {" ".join(f"--key {key}" for key in rule.approved_keys)} --reason "…"'
            f"  # today's values as the baseline of {harmless(rule.id, 60)}"
            for rule in rules
            if rule.approved_keys
        ),
    )


def _standing(lives: Sequence[FindingLife], shown: int) -> Section:
    items = tuple(
        _short(life, " · ".join(filter(None, (state(life), change(life), life.finding.fingerprint))))
        for life in lives[:shown]
    )
    return Section(f"Still standing: {plural(len(lives), 'finding')}", Tone.ALARM, items, _rest(len(lives) - shown))


def _short(life: FindingLife, below: str) -> Item:
    return Item(str(life.finding.severity), headline(life.finding), (below,), life.finding.severity)


def _unread(lives: Sequence[FindingLife], shown: int) -> Section:
    groups: dict[tuple[str, tuple[str, ...]], list[FindingLife]] = {}
    for life in lives:
        groups.setdefault((life.finding.rule, life.finding.reasons), []).append(life)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    items = tuple(_alike(members) for _, members in ranked[:shown])
    hidden = sum(len(members) for _, members in ranked[shown:])
    return Section(f"Not readable: {plural(len(lives), 'finding')}", Tone.DOUBT, items, _rest(hidden))


def _alike(lives: Sequence[FindingLife]) -> Item:
    """Findings that are not readable for the same reason, as one entry."""
    first = lives[0].finding
    head = headline(first) + (f" and {len(lives) - 1:,} more" if lives[1:] else "")
    why = harmless("; ".join(first.reasons) or "something it needs could not be read")
    return Item(f"{len(lives):,}×", head, (why, f"driftbot explain {first.fingerprint}"))


def _resolved(lives: Sequence[FindingLife], shown: int) -> Section:
    items = tuple(_short(life, f"{_why_ended(life)} · since {life.first_seen:%Y-%m-%d}") for life in lives[:shown])
    return Section(f"Resolved: {plural(len(lives), 'finding')}", Tone.GOOD, items, _rest(len(lives) - shown))


def _why_ended(life: FindingLife) -> str:
    return harmless("; ".join(life.finding.reasons)) or change(life) or "ok"


def _silences(report: Report, shown: int) -> Section:
    waived = report.count(Verdict.WAIVED)
    items = tuple(_silence(silence) for silence in report.silences[:shown])
    overdue = any(silence.state is SilenceState.OVERDUE for silence in report.silences)
    closing = _rest(len(report.silences) - shown)
    closing += (f"{plural(waived, 'finding is', 'findings are')} waived: driftbot waive --list",) if waived else ()
    return Section("Silences", Tone.ALARM if overdue else Tone.QUIET, items, closing)


def _silence(silence: Silence) -> Item:
    end = f", until {silence.expires:%Y-%m-%d}" if silence.expires else ""
    why = f"{harmless(silence.owner, 60)}{end}: {harmless(silence.excuse.reason, 120)}"
    return Item(silence.state.replace("_", " "), _excused(silence), (harmless(silence.detail, 320), why))


def _excused(silence: Silence) -> str:
    match silence.excuse:
        case AcceptedGap(fingerprint=gap):
            return f"gap {harmless(gap, 160)}"
        case Waiver(rule=rule, subject=subject):
            return f"{harmless(rule, 80)}  {harmless(str(subject), 160)}"
        case approval:
            return f"{harmless(str(approval.subject), 160)}  {harmless(approval.key, 80)}"


def _upkeep(report: Report, shown: int) -> Section:
    items = tuple(
        Item(note.neglect.replace("_", " "), harmless(note.rule, 80), (harmless(note.detail),))
        for note in report.upkeep[:shown]
    )
    return Section(f"Rules to look at: {len(report.upkeep):,}", Tone.DOUBT, items, _rest(len(report.upkeep) - shown))


def _unneeded(gaps: Sequence[Gap]) -> Section:
    items = tuple(
        Item("gap", harmless(f"{place(gap.origin)}", 160), (harmless(gap.reason),)) for gap in gaps[:SHOWN_UNNEEDED]
    )
    more = len(gaps) - len(items)
    closing = (f"… and {more:,} more; --format json tells all of them under coverage.",) if more else ()
    return Section(f"Gaps that no rule needs tonight: {len(gaps):,}", Tone.QUIET, items, closing)


def _unjoined(report: Report, shown: int) -> Section:
    items = tuple(
        Item("", harmless(str(entry.subject), 160), (harmless(entry.reason),)) for entry in report.unjoined[:shown]
    )
    title = f"Not joined to other sources: {len(report.unjoined):,}"
    return Section(title, Tone.QUIET, items, _rest(len(report.unjoined) - shown))
