"""A silence that needs a decision, in a line: a waiver, an accepted gap, an approval."""

from __future__ import annotations

from driftbot.core.coverage import AcceptedGap
from driftbot.core.excuse import Waiver
from driftbot.core.silence import Silence, SilenceState
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, code, day, escaped, mrkdwn


def silence_line(silence: Silence) -> Mrkdwn:
    """What is silenced by whom, and why that is to be decided again; in dates, so that the words stay the same."""
    return mrkdwn("• {} – {}, by {}", _about(silence), _why(silence), escaped(silence.owner, 60))


def _about(silence: Silence) -> Mrkdwn:
    match silence.excuse:
        case Waiver() as waiver:
            return mrkdwn("waiver of {} {}", code(waiver.rule, 60), code(str(waiver.subject), 80))
        case AcceptedGap() as gap:
            return mrkdwn("accepted gap {}", code(gap.fingerprint, 120))
        case approval:
            return mrkdwn("approval of {} {}", code(approval.key, 60), code(str(approval.subject), 80))


def _why(silence: Silence) -> Mrkdwn:
    if silence.state is SilenceState.ENDS_SOON and silence.expires is not None:
        return mrkdwn("ends on {}", day(silence.expires))
    return escaped(silence.detail, 100)
