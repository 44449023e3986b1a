"""Lists of what people are about to decide and what they decided: values to approve, findings to waive, waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftbot.core.decision import Disagreement
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Fact, Value, show
from driftbot.core.history import FindingLife
from driftbot.core.silence import Silence
from driftbot.core.subject import SubjectId
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import headline, place, plural, state


def approvals_listed(
    facts: Sequence[Fact],
    approved: Mapping[tuple[SubjectId, str], Value],
    conflicts: Sequence[Disagreement],
    unchanged: int,
) -> Outline:
    """The values that would be approved, what was approved before, and where nothing can be approved."""
    items = tuple(_value(fact, approved.get((fact.subject.id, fact.key))) for fact in facts)
    doubtful = tuple(_conflict(conflict) for conflict in conflicts)
    sections = (
        Section("To approve", Tone.GOOD, items),
        Section("Left out: sources disagree, so that there is no value to approve", Tone.DOUBT, doubtful),
    )
    already = f", {unchanged:,} approved already" if unchanged else ""
    summary = f"{plural(len(facts), 'value')} to approve{already}"
    return Outline("Approvals", summary, tuple(section for section in sections if not section.empty), "", Tone.QUIET)


def _value(fact: Fact, before: Value | None) -> Item:
    was = "" if before is None else f" (approved before: {harmless(show(before), 80)})"
    head = f"{harmless(str(fact.subject), 160)}  {harmless(fact.key, 80)} = {harmless(show(fact.value), 160)}{was}"
    return Item("", head, (f"{fact.view} · {place(fact.origin)}",))


def _conflict(conflict: Disagreement) -> Item:
    values = " or ".join(harmless(show(value), 80) for value in conflict.values)
    return Item("", f"{harmless(str(conflict.subject), 160)}  {harmless(conflict.key, 80)} = {values}")


def findings_listed(lives: Sequence[FindingLife], until: str) -> Outline:
    """The findings that would be waived."""
    items = tuple(
        Item(
            str(life.finding.severity),
            headline(life.finding),
            (f"{state(life)} · {life.finding.fingerprint}",),
            life.finding.severity,
        )
        for life in lives
    )
    sections = (Section("To waive", Tone.QUIET, items),) if items else ()
    return Outline("Waivers", f"{plural(len(lives), 'finding')} to waive until {until}", sections, "", Tone.QUIET)


def waivers_listed(waivers: Sequence[Waiver], silences: Sequence[Silence]) -> Outline:
    """Every waiver with who answers for it until when, those that need a decision first."""
    by_finding = {silence.fingerprint: silence for silence in silences}
    ordered = sorted(waivers, key=lambda waiver: (waiver.fingerprint not in by_finding, waiver.expires, waiver.rule))
    items = tuple(_waiver(waiver, by_finding.get(waiver.fingerprint)) for waiver in ordered)
    sections = (Section("Waived", Tone.QUIET, items),) if items else ()
    doubtful = len([waiver for waiver in waivers if waiver.fingerprint in by_finding])
    summary = f"{plural(len(waivers), 'waiver')}, {doubtful:,} need a decision" if waivers else "nothing is waived"
    return Outline("Waivers", summary, sections, "", Tone.ALARM if doubtful else Tone.QUIET)


def _waiver(waiver: Waiver, silence: Silence | None) -> Item:
    head = f"{harmless(waiver.rule, 80)}  {harmless(str(waiver.subject), 160)}"
    lines = [f"{harmless(waiver.owner, 80)}, until {waiver.expires:%Y-%m-%d}: {harmless(waiver.reason, 160)}"]
    if silence:
        lines.append(f"{silence.detail}; driftbot waive --end {waiver.fingerprint}")
    return Item(silence.state.replace("_", " ") if silence else "holds", head, tuple(lines))
