"""How a finding and its life are put into words, the same in every report; every text harmless."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.digest import Counts
from driftbot.core.fact import Origin, View, provenance_told, show
from driftbot.core.finding import Evidence, Finding
from driftbot.core.history import FindingLife, Life
from driftbot.core.ownership import owner as owner
from driftbot.core.rule import Rule
from driftbot.report.harmless import LONGEST, harmless


def plural(count: int, noun: str, nouns: str = "") -> str:
    """``3 findings``; ``nouns`` where an s does not do."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def counts_told(counts: Counts) -> str:
    """``0 drift, 214 checks, 3 unknown``: that somebody looked, and at how much."""
    return f"{counts.drift:,} drift, {plural(counts.checks, 'check')}, {counts.unknown:,} unknown"


def headline(finding: Finding) -> str:
    """The rule and the subject."""
    return f"{harmless(finding.rule, 80)}  {harmless(str(finding.subject), 160)}"


def state(life: FindingLife) -> str:
    """Where it stands in its life."""
    match life.life:
        case Life.RULE_CHANGED:
            return "the rule changed"
        case Life.REOPENED:
            return f"reopened, {life.times_opened} times since {life.first_seen:%Y-%m-%d}"
        case Life.ONGOING:
            return f"since {life.first_seen:%Y-%m-%d}"
        case Life.UNREAD:
            return "not readable yet"
        case _:
            return str(life.life)


def change(life: FindingLife) -> str:
    """When its observed value last changed and from what to what; empty where it never did."""
    if life.changed is None or not life.previous:
        return ""
    now = life.finding.observed or "?"
    return f"{life.changed:%Y-%m-%d}: {harmless(life.previous, 60)} → {harmless(now, 60)}"


def comparison(finding: Finding) -> str:
    """Observed and expected with the arithmetic; empty where the engine said neither."""
    parts = (("observed", finding.observed), ("expected", finding.expected))
    return ", ".join(f"{word} {harmless(text, 160)}" for word, text in parts if text)


def lesson(rule: Rule) -> str:
    """What the rule was learnt from."""
    learnt = rule.lesson
    day = f" ({learnt.date})" if learnt.date else ""
    name = f"{harmless(learnt.incident, 60)}{day}: " if learnt.incident else ""
    return f"lesson: {name}{harmless(learnt.summary, 160)}"


def place(origin: Origin) -> str:
    """A file and line, or a URL and query."""
    name = origin.locator or origin.source
    return harmless(" ".join(part for part in (f"{name}:{origin.line}" if origin.line else name, origin.query) if part))


def best_origin(finding: Finding) -> Origin | None:
    """The first place a person can open: a file and line before a query before anything else."""
    origins = [origin for evidence in finding.evidence for origin in evidence.origins]
    return min(origins, key=lambda origin: (not origin.line, not origin.query), default=None)


def where(finding: Finding) -> str:
    """The first place a person can open, as text; empty if none is known."""
    best = best_origin(finding)
    return place(best) if best else ""


def evidence_line(evidence: Evidence, longest: int = LONGEST) -> str:
    """One value with how it was read: ``timeout.deadline = 2h  (declared, a default; jobs/billing.yaml:14)``."""
    name = harmless(evidence.name, 120)
    if evidence.value is None:
        return f"{name} is not readable" + (f": {harmless(evidence.note, longest)}" if evidence.note else "")
    told = [str(evidence.view)] if evidence.view and evidence.view is not View.DECLARED else []
    told += [provenance_told(evidence.provenance)] if provenance_told(evidence.provenance) else []
    told += [place(origin) for origin in evidence.origins]
    told += [harmless(evidence.note, longest)] if evidence.note else []
    value = harmless(show(evidence.value), longest)
    return f"{name} = {value}" + (f"  ({'; '.join(told)})" if told else "")


def evidence_lines(finding: Finding, longest: int = LONGEST) -> Iterator[str]:
    """The comparison and every value it rests on, one a line."""
    if comparison(finding):
        yield comparison(finding)
    for evidence in finding.evidence:
        yield evidence_line(evidence, longest)
