"""A night in a few lines of plain text, for phones and places that know nothing else. Pure; bounded; harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Severity
from driftbot.notifiers.plain_text import plain
from driftbot.report.wording import counts_told, plural

LONGEST_LINE = 240
MOST_BLIND = 3
"""What could not be read is named so often; the rest is counted."""

_COUNTED = {
    Standing.NEW: "new",
    Standing.WORSE: "worse",
    Standing.CHANGED: "changed",
    Standing.FIXED: "fixed",
    Standing.UNREAD: "not readable",
    Standing.WAIVED: "waived",
    Standing.SNOOZED: "snoozed",
    Standing.STANDING: "known",
}
"""What the title counts, in this order and in these words."""


class Tone(StrEnum):
    """How bad a night is: ``BLIND`` could not be judged, ``DRIFT`` brought drift that nobody knew, ``CALM`` neither."""

    BLIND = "blind"
    DRIFT = "drift"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class NightlyText:
    """A title of one line, a body of several, and how bad it is."""

    title: str
    body: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class News:
    """What is told: changed entries in the digest's order, how many others are gone, and notices."""

    entries: tuple[Entry, ...] = ()
    gone: int = 0
    notices: tuple[OutboxNotice, ...] = ()


def nightly_text(digest: Digest, news: News, most_entries: int, longest: int) -> NightlyText:
    """The night's text: what changed, the counts of everything, then the worst findings one a line.

    The body has at most ``longest`` characters; whole lines are left out and counted, never the counts.
    """
    title = _title(digest, news)
    lines = [_night(digest), *_blind(digest), *_endings(digest)]
    lines += [f"notice: {plain(notice.title, LONGEST_LINE)}" for notice in news.notices]
    named = sorted(news.entries, key=_worst_first)
    lines += [_line(entry) for entry in named[:most_entries]]
    return NightlyText(title, _fitted(lines, len(named[most_entries:]), longest), _tone(digest, news))


def _title(digest: Digest, news: News) -> str:
    standings = Counter(entry.standing for entry in news.entries)
    parts = [f"{standings[one]:,} {word}" for one, word in _COUNTED.items() if standings[one]]
    parts += [f"{news.gone:,} gone"] if news.gone else []
    told = ", ".join(parts) or "nothing new"
    return f"driftbot could not look everywhere; {told}" if digest.exit_code is ExitCode.BLIND else f"driftbot: {told}"


def _night(digest: Digest) -> str:
    waived = f"{digest.counts.waived:,} waived"
    return f"{counts_told(digest.counts)}, {waived} (night of {digest.night:%Y-%m-%d %H:%M} UTC)"


def _blind(digest: Digest) -> Iterator[str]:
    for line in digest.blind[:MOST_BLIND]:
        yield f"not readable: {plain(line, LONGEST_LINE)}"
    if len(digest.blind) > MOST_BLIND:
        yield f"not readable: {len(digest.blind) - MOST_BLIND:,} more"


def _endings(digest: Digest) -> Iterator[str]:
    if digest.silences:
        yield f"{plural(len(digest.silences), 'waiver or accepted gap', 'waivers or accepted gaps')} to decide on"


def _worst_first(entry: Entry) -> tuple[int, int]:
    """What is new before what is known, the severe before the mild; else as the digest has it."""
    return tuple(Standing).index(entry.standing), entry.finding.severity.rank


def _line(entry: Entry) -> str:
    finding = entry.finding
    about = f"{_word(entry.standing)}: {finding.severity} {plain(finding.rule, 80)} {plain(str(finding.subject), 120)}"
    said = plain(finding.message or "; ".join(finding.reasons), 160) if entry.standing is not Standing.FIXED else ""
    return " - ".join(part for part in (about, said, *_state(entry)) if part)


def _state(entry: Entry) -> Iterator[str]:
    if entry.escalated:
        yield f"not mended since {entry.life.first_seen:%Y-%m-%d}, {plain(entry.owner, 60) or 'nobody'} is asked"
    if entry.offer and entry.offer.approvable:
        yield f"{plain(entry.offer.playbook, 60)} waits for approval"
    if entry.run and entry.run.ended is None:
        yield f"run {entry.run.number} is {entry.run.state}"


def _word(standing: Standing) -> str:
    return "stands" if standing is Standing.STANDING else _COUNTED[standing]


def _fitted(lines: Sequence[str], unnamed: int, longest: int) -> str:
    """As many whole lines as fit, with a last one that counts what is not named."""
    kept = list(lines[:longest])
    dropped = unnamed + len(lines) - len(kept)
    while True:
        end = [f"and {dropped:,} more"] if dropped else []
        text = "\n".join([*kept, *end])
        if len(text) <= longest or len(kept) <= 1:
            return text[:longest]
        kept.pop()
        dropped += 1


def _tone(digest: Digest, news: News) -> Tone:
    if digest.exit_code is ExitCode.BLIND:
        return Tone.BLIND
    worse = any(entry.standing in (Standing.NEW, Standing.WORSE) for entry in news.entries)
    return Tone.DRIFT if worse or news.notices else Tone.CALM


def is_urgent(entry: Entry) -> bool:
    """Whether it is worth a second text in one night: new or worse drift of high severity."""
    return entry.standing in (Standing.NEW, Standing.WORSE) and entry.finding.severity.rank <= Severity.HIGH.rank
