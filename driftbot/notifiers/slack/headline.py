"""A digest in five seconds: its heading, what there is to do, and the heartbeat."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.digest import Counts, Digest
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.notifiers.slack.morning import Morning
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, mrkdwn
from driftbot.report.wording import counts_told, plural


def headline(digest: Digest, told: Morning) -> str:
    """The heading: what is worst, behind a mark whose colour is seen from afar."""
    if digest.exit_code is None:
        return "⚪ Nothing was judged"
    if told.news:
        worst = min((one.finding.severity for one in told.news), key=lambda severity: severity.rank)
        mark = "🔴" if worst.rank <= Severity.HIGH.rank else "🟠"
        return f"{mark} {_news(told)}, the worst is {worst}" + ("; blind in part" if is_blind(digest) else "")
    if is_blind(digest):
        return f"⚫ Blind in part: {_unread(digest)}"
    if told.uncertain:
        return f"🟠 {plural(len(told.uncertain), 'fix', 'fixes')} cannot go on without a person"
    if told.waiting:
        return f"🟠 Nothing new; {plural(len(told.waiting), 'fix', 'fixes')} can be approved"
    if digest.silences:
        return f"🟠 Nothing new; {_silences(digest)}"
    if count := len(told.standing) + len(told.changed):
        return f"🟡 Nothing new; {plural(count, 'finding still stands', 'findings still stand')}"
    if told.snoozed:
        return f"🟢 Nothing new; {plural(len(told.snoozed), 'finding is snoozed', 'findings are snoozed')}"
    return "🟢 Nothing for this channel" if digest.counts.drift else "🟢 No drift"


def tasks(digest: Digest, told: Morning) -> Mrkdwn:
    """What there is to do, so that a reader can close the channel again."""
    if parts := list(_tasks(digest, told)):
        return mrkdwn("*To do:* {}", "; ".join(parts))
    return Mrkdwn("*Nothing new to do.*" if told.standing or told.changed else "*Nothing to do.*")


def heartbeat(counts: Counts) -> str:
    """The estate's counts; what is waived only where anything is."""
    waived = f", {counts.waived:,} waived" if counts.waived else ""
    return f"{counts_told(counts)}{waived}"


def is_blind(digest: Digest) -> bool:
    """Whether something could not be seen that the rules need."""
    return digest.exit_code is ExitCode.BLIND or bool(digest.blind)


def _unread(digest: Digest) -> str:
    return f"{plural(len(digest.blind), 'thing')} could not be read" if digest.blind else "not everything could be read"


def _silences(digest: Digest) -> str:
    verb = "needs" if len(digest.silences) == 1 else "need"
    return f"{_silent(digest)} {verb} a decision"


def _silent(digest: Digest) -> str:
    """How many silences, by the name that people know."""
    waivers = all(isinstance(silence.excuse, Waiver) for silence in digest.silences)
    return plural(len(digest.silences), "waiver" if waivers else "silence")


def _news(told: Morning) -> str:
    if not told.new:
        return f"{plural(len(told.worse), 'finding')} got worse"
    return plural(len(told.new), "new finding") + (f" and {len(told.worse):,} that got worse" if told.worse else "")


def _tasks(digest: Digest, told: Morning) -> Iterator[str]:
    if told.news:
        yield f"look at {plural(len(told.news), 'finding')}"
    if told.uncertain:
        yield f"settle {plural(len(told.uncertain), 'run')}"
    if told.waiting:
        yield f"approve or leave {plural(len(told.waiting), 'fix', 'fixes')}"
    if told.escalated:
        yield f"mend {plural(len(told.escalated), 'finding')} that stood too long"
    if digest.silences:
        yield f"decide on {_silent(digest)}"
    if is_blind(digest):
        yield f"find out why {_unread(digest)}"
