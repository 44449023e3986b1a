"""Messages that are posted anew for somebody: a notice of the outbox, and a finding whose owner is asked in person."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from driftbot.core.digest import Digest, Entry
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.mrkdwn import NOTHING, PROSE, Mrkdwn, code, day, escaped, moment, mrkdwn
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import arithmetic, mentioned, owner, severity, since
from driftbot.notifiers.slack.workspace import SlackWorkspace

_LINES = 15
"""Lines of a notice that are told (ours); `driftbot runs notices` tells all of them."""


def notice_message(digest: Digest, notice: OutboxNotice, workspace: SlackWorkspace | None = None) -> Said:
    """A notice with all its words as far as some lines hold them."""
    del digest, workspace
    title = escaped(notice.title.strip(), 300) or escaped(notice.kind.strip(), 80) or Mrkdwn("Notice")
    body = notice.body.splitlines()
    lines = [mrkdwn("*{}*", title), *(escaped(one, PROSE) for one in body[:_LINES])]
    if len(body) > _LINES:
        lines.append(mrkdwn("… and {} more lines", f"{len(body) - _LINES:,}"))
    small = mrkdwn("{} · {} · {}", escaped(notice.kind, 80), moment(notice.at), code("driftbot runs notices"))
    blocks: list[Block] = [*block_kit.sections(lines), block_kit.context([small])]
    return Said(title, tuple(blocks))


def escalation_message(digest: Digest, entry: Entry, workspace: SlackWorkspace | None = None) -> Said:
    """A finding that stood too long, with a mention of its owner where the workspace names one."""
    del digest
    finding = entry.finding
    whom = mentioned(entry, workspace) or owner(entry)
    asked = mrkdwn(", asked since {}", day(entry.escalated)) if entry.escalated else NOTHING
    command = code(f"driftbot explain {entry.fingerprint}")
    lines = (
        mrkdwn("{}: *{}* still stands", whom, escaped(finding.title, 200)),
        mrkdwn("{} · {} · since {}{}", code(str(finding.subject)), severity(finding), since(entry), asked),
        arithmetic(finding),
        mrkdwn("Mend it, waive it with a reason, or snooze it. Its entry is in this thread; or {}", command),
    )
    about = escaped(f"{finding.title} – {finding.subject}", 300)
    return Said(mrkdwn("{}: {} still stands, since {}", whom, about, since(entry)), tuple(block_kit.sections(lines)))
