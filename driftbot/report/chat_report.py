"""What people asked for in a chat and what came of it, and which rules they did not find useful."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from driftbot.core.chat_decision import ChatDecision
from driftbot.core.snooze import NotUseful
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import plural

SHOWN = 20
"""Decisions of one section that are shown; older ones are counted."""
_DIGITS = 12
"""Digits of a digest that people see; a finding's fingerprint has no more."""


def chat_outline(decisions: Sequence[ChatDecision], voices: Sequence[NotUseful], shown: int = SHOWN) -> Outline:
    """What was granted and what was refused, the newest first, and the voices by rule, the most first."""
    newest = sorted(decisions, key=lambda one: one.at, reverse=True)
    granted = [one for one in newest if one.accepted]
    refused = [one for one in newest if not one.accepted]
    sections = (
        _section("Refused", Tone.ALARM, refused, shown),
        _section("Decided", Tone.GOOD, granted, shown),
        Section("Not useful", Tone.QUIET, tuple(_voices(voices))),
    )
    summary = (
        f"{plural(len(granted), 'decision')} · {len(refused):,} refused · {plural(len(voices), 'voice')} not useful"
    )
    filled = tuple(section for section in sections if not section.empty)
    hint = "driftbot explain FINDING tells what it was about" if newest else "nobody asked for anything in a chat yet"
    return Outline("chat", summary, filled, hint, Tone.QUIET)


def chat_json(decisions: Sequence[ChatDecision], voices: Sequence[NotUseful]) -> str:
    """Everything, the oldest decision first; times are ISO 8601 in UTC."""
    document = {
        "decisions": [
            {
                "at": one.at.isoformat(),
                "verb": one.verb.value,
                "by": one.by,
                "about": one.about or None,
                "accepted": one.accepted,
                "told": one.told,
                "request": one.request or None,
            }
            for one in decisions
        ],
        "not_useful": [
            {"rule": one.rule, "finding": one.fingerprint, "by": one.by, "at": one.at.isoformat()} for one in voices
        ],
        "not_useful_by_rule": dict(_counted(voices)),
    }
    return json.dumps(document, indent=2, ensure_ascii=True)


def _section(title: str, tone: Tone, decisions: Sequence[ChatDecision], shown: int) -> Section:
    left = len(decisions) - shown
    closing = (f"… and {plural(left, 'older one')}; --format json has them all",) if left > 0 else ()
    return Section(title, tone, tuple(_item(one) for one in decisions[:shown]), closing)


def _item(one: ChatDecision) -> Item:
    head = f"{one.at:%Y-%m-%d %H:%M} UTC  {one.verb.value.replace('_', ' ')}"
    about = f"  {harmless(one.about, 80)[:_DIGITS]}" if one.about else ""
    return Item("", f"{head}{about}  {harmless(one.by, 160)}", (harmless(one.told),))


def _voices(voices: Sequence[NotUseful]) -> Iterator[Item]:
    for rule, count in _counted(voices):
        people = sorted({harmless(one.by, 80) for one in voices if one.rule == rule})
        findings = len({one.fingerprint for one in voices if one.rule == rule})
        told = f"{plural(count, 'voice')} about {plural(findings, 'finding')}"
        yield Item("", f"{harmless(rule, 80)}  {told}", (", ".join(people),))


def _counted(voices: Sequence[NotUseful]) -> list[tuple[str, int]]:
    return sorted(Counter(one.rule for one in voices).items(), key=lambda one: (-one[1], one[0]))
