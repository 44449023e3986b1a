"""A digest in five seconds: its heading, what there is to do, and the heartbeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from driftbot.core.digest import Counts, Digest, Entry, Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.run import RunState
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, mrkdwn
from driftbot.report.wording import plural

_SETTLED = frozenset({Standing.FIXED, Standing.WAIVED, Standing.SNOOZED})


@dataclass(frozen=True, slots=True)
class Morning:
    """What a digest's entries come to: each group in the digest's order."""

    new: tuple[Entry, ...]
    worse: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    standing: tuple[Entry, ...]
    unread: tuple[Entry, ...]
    snoozed: tuple[Entry, ...]
    waived: tuple[Entry, ...]
    fixed: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    uncertain: tuple[Entry, ...]
    under_way: tuple[Entry, ...]
    escalated: tuple[Entry, ...]


def morning(digest: Digest) -> Morning:
    """The digest's entries by what they ask of people."""
    by_standing: dict[Standing, list[Entry]] = {standing: [] for standing in Standing}
    for entry in digest.entries:
        by_standing[entry.standing].append(entry)
    open_ones = [entry for entry in digest.entries if entry.standing not in _SETTLED]
    running = [entry for entry in digest.entries if entry.run is not None and not entry.run.state.ended]
    uncertain = [entry for entry in running if entry.run is not None and entry.run.state is RunState.UNCERTAIN]
    return Morning(
        **{standing.value: tuple(found) for standing, found in by_standing.items()},
        waiting=tuple(entry for entry in open_ones if entry.offer is not None and entry.offer.approvable),
        uncertain=tuple(uncertain),
        under_way=tuple(entry for entry in running if entry.run and entry.run.state is not RunState.UNCERTAIN),
        escalated=tuple(entry for entry in open_ones if entry.escalated is not None),
    )


def headline(digest: Digest, told: Morning) -> str:
    """The heading: what is worst, with a mark whose colour can be seen from afar."""
    if digest.exit_code is None:
        return "⚪ Nothing was judged"
    if told.new or told.worse:
        worst = min((one.finding.severity for one in (*told.new, *told.worse)), key=lambda severity: severity.rank)
        return f"🔴 {_news(told)}, the worst is {worst}" + ("; blind in part" if _blind(digest) else "")
    if _blind(digest):
        return f"⚫ Blind in part: {plural(len(digest.blind), 'thing')} could not be read"
    if told.uncertain:
        return f"🟠 {plural(len(told.uncertain), 'fix', 'fixes')} cannot go on without a person"
    if told.waiting:
        return f"🟠 Nothing new; {plural(len(told.waiting), 'fix', 'fixes')} can be approved"
    if digest.silences:
        needs = "needs" if len(digest.silences) == 1 else "need"
        return f"🟠 Nothing new; {plural(len(digest.silences), 'waiver')} {needs} a decision"
    if standing := len(told.standing) + len(told.changed):
        return f"🟡 Nothing new; {plural(standing, 'finding still stands', 'findings still stand')}"
    return "🟢 No drift" if not digest.counts.drift else "🟢 Nothing for this channel"


def tasks(digest: Digest, told: Morning) -> Mrkdwn:
    """What there is to do, so that a reader can close the channel again."""
    parts = list(_tasks(digest, told))
    return mrkdwn("*To do:* {}", ", ".join(parts)) if parts else Mrkdwn("*Nothing to do.*")


def heartbeat(counts: Counts) -> str:
    """``0 drift, 214 checks, 3 unknown``: that somebody looked, and at how much."""
    waived = f", {counts.waived:,} waived" if counts.waived else ""
    return f"{counts.drift:,} drift, {counts.checks:,} checks, {counts.unknown:,} unknown{waived}"


def _blind(digest: Digest) -> bool:
    return digest.exit_code is ExitCode.BLIND or bool(digest.blind)


def _news(told: Morning) -> str:
    new = plural(len(told.new), "new finding") if told.new else ""
    worse = f"{plural(len(told.worse), 'finding')} got worse" if told.worse else ""
    return " and ".join(filter(None, (new, worse)))


def _tasks(digest: Digest, told: Morning) -> Iterator[str]:
    if news := len(told.new) + len(told.worse):
        yield f"look at {plural(news, 'finding')}"
    if told.waiting:
        yield f"approve or leave {plural(len(told.waiting), 'fix', 'fixes')}"
    if told.uncertain:
        yield f"settle {plural(len(told.uncertain), 'run')}"
    if told.escalated:
        yield f"mend {plural(len(told.escalated), 'finding')} that stood too long"
    if digest.silences:
        yield f"decide on {plural(len(digest.silences), 'waiver')}"
    if _blind(digest):
        yield f"make {plural(len(digest.blind), 'thing')} readable" if digest.blind else "make the sources readable"
