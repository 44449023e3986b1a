"""What Slack's errors mean for what was asked, and what a person can do about them.

The names are those of the pages of each method (https://docs.slack.dev/reference/methods/chat.postMessage and others).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What a failure means.

    ``GONE``: the message is not there (any more). ``FROZEN``: it is there and cannot be edited. ``UNSAYABLE``: Slack
    does not take these words. ``CHANNEL`` and ``ACCESS``: nothing can be said there, or by this token. ``LIMITED``:
    Slack asks to wait longer than there is time. ``UNREACHED``: Slack was not reached, so surely nothing was done.
    ``UNCERTAIN``: it may have been done. ``REFUSED``: an error that is not known here.
    """

    GONE = "gone"
    FROZEN = "frozen"
    UNSAYABLE = "unsayable"
    CHANNEL = "channel"
    ACCESS = "access"
    LIMITED = "limited"
    UNREACHED = "unreached"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"


class SlackFailure(Exception):
    """A call that did not do what it should; ``error`` is Slack's name of it, or what happened on the way.

    ``told`` is a sentence, ``next_step`` what a person can do.
    """

    def __init__(self, kind: FailureKind, error: str, told: str, next_step: str) -> None:
        super().__init__(told)
        self.kind, self.error, self.told, self.next_step = kind, error, told, next_step


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error means, in a clause, and what to do next."""

    kind: FailureKind
    clause: str
    next_step: str


_INVITE = "Invite the app into the channel (/invite @driftbot), or correct the channel in driftbot.yaml."
_TOKEN = "Install the app again, and put its bot token (xoxb-…) where slack.token of driftbot.yaml says."
_ADMIN = "Ask an administrator of the workspace, or choose another channel in driftbot.yaml."
_WAIT = "Nothing is lost: the next delivery goes on from here. See https://slack-status.com if it lasts."
_REPORT = "The message was told without markup; report this as a defect of driftbot."
_AGAIN = "The next delivery sends it anew."

MEANINGS: Mapping[str, Meaning] = {
    "message_not_found": Meaning(FailureKind.GONE, "the message is not there any more", _AGAIN),
    "thread_not_found": Meaning(FailureKind.GONE, "the thread is not there any more", _AGAIN),
    "edit_window_closed": Meaning(FailureKind.FROZEN, "the workspace does not let messages be edited so late", _ADMIN),
    "cant_update_message": Meaning(FailureKind.FROZEN, "the message is not this app's to edit", _AGAIN),
    "cant_delete_message": Meaning(FailureKind.FROZEN, "the message is not this app's to delete", _AGAIN),
    "msg_too_long": Meaning(FailureKind.UNSAYABLE, "the text is too long", _REPORT),
    "msg_blocks_too_long": Meaning(FailureKind.UNSAYABLE, "the blocks are too long", _REPORT),
    "invalid_blocks": Meaning(FailureKind.UNSAYABLE, "the blocks are not as Slack wants them", _REPORT),
    "invalid_blocks_format": Meaning(FailureKind.UNSAYABLE, "the blocks are not as Slack wants them", _REPORT),
    "channel_not_found": Meaning(
        FailureKind.CHANNEL, "there is no such channel, or it is private and the app is not in it", _INVITE
    ),
    "not_in_channel": Meaning(FailureKind.CHANNEL, "the app is not in the channel", _INVITE),
    "is_archived": Meaning(
        FailureKind.CHANNEL,
        "the channel is archived",
        "Unarchive it, or choose another one in driftbot.yaml: what is to be told waits.",
    ),
    "is_inactive": Meaning(
        FailureKind.CHANNEL,
        "the channel is archived or frozen",
        "Unarchive it, or choose another one in driftbot.yaml: what is to be told waits.",
    ),
    "restricted_action": Meaning(FailureKind.CHANNEL, "the workspace lets not everybody post there", _ADMIN),
    "restricted_action_read_only_channel": Meaning(FailureKind.CHANNEL, "the channel is read-only", _ADMIN),
    "restricted_action_thread_only_channel": Meaning(FailureKind.CHANNEL, "the channel takes threads only", _ADMIN),
    "restricted_action_non_threadable_channel": Meaning(FailureKind.CHANNEL, "the channel has no threads", _ADMIN),
    "restricted_action_thread_locked": Meaning(FailureKind.CHANNEL, "the thread is locked", _ADMIN),
    "not_authed": Meaning(FailureKind.ACCESS, "no token was sent", _TOKEN),
    "invalid_auth": Meaning(FailureKind.ACCESS, "the token is not valid", _TOKEN),
    "account_inactive": Meaning(FailureKind.ACCESS, "the token's app or account was removed", _TOKEN),
    "token_revoked": Meaning(FailureKind.ACCESS, "the token was revoked", _TOKEN),
    "token_expired": Meaning(FailureKind.ACCESS, "the token has expired", _TOKEN),
    "not_allowed_token_type": Meaning(FailureKind.ACCESS, "this kind of token may not do that", _TOKEN),
    "missing_scope": Meaning(
        FailureKind.ACCESS,
        "the token lacks a scope",
        "Add the scope to the app (OAuth & Permissions), install it again, and renew the token.",
    ),
    "no_permission": Meaning(FailureKind.ACCESS, "the token may not do that there", _ADMIN),
    "access_denied": Meaning(FailureKind.ACCESS, "access is denied", _ADMIN),
    "team_access_not_granted": Meaning(FailureKind.ACCESS, "the app is not granted to the workspace", _ADMIN),
    "org_login_required": Meaning(FailureKind.ACCESS, "the workspace is being moved to an organisation", _WAIT),
    "ratelimited": Meaning(FailureKind.LIMITED, "there were too many calls", _WAIT),
    "rate_limited": Meaning(FailureKind.LIMITED, "there were too many messages", _WAIT),
    "message_limit_exceeded": Meaning(FailureKind.LIMITED, "the workspace has sent too many messages", _WAIT),
    "internal_error": Meaning(FailureKind.UNCERTAIN, "Slack failed on the way", _WAIT),
    "fatal_error": Meaning(FailureKind.UNCERTAIN, "Slack failed on the way", _WAIT),
    "request_timeout": Meaning(FailureKind.UNCERTAIN, "Slack did not get the whole request", _WAIT),
    "service_unavailable": Meaning(FailureKind.UNCERTAIN, "Slack is not available", _WAIT),
    "team_added_to_org": Meaning(FailureKind.UNCERTAIN, "the workspace is being moved to an organisation", _WAIT),
}
"""By Slack's name of the error; those whose effect is unsure are the ones that Slack's pages call so."""

UNREACHED = Meaning(
    FailureKind.UNREACHED, "it was not reached", "Check slack.url, name resolution, proxies and firewalls."
)
UNCERTAIN = Meaning(FailureKind.UNCERTAIN, "there was no answer that could be understood", _WAIT)
LIMITED = MEANINGS["ratelimited"]
UNKNOWN = Meaning(
    FailureKind.REFUSED, "it is an error that driftbot does not know", "See the method's page at docs.slack.dev."
)
