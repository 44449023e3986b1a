"""People of a chat: which of them the configuration knows, and what each may ask for. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from driftbot.core.chat_decision import ChatVerb
from driftbot.core.failure import Failure
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.remedies.approval import check_approver

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the chat: the chat's id of them, and their name in the configuration (empty: it names none)."""

    user: str
    name: str = ""

    @property
    def told(self) -> str:
        """As the audit names them: ``Ann <ann@example.org> (U012AB)``."""
        return f"{self.name or 'unknown'} ({self.user or 'no user'})"


def person_of(user: str, workspace: SlackWorkspace) -> Person:
    """Who that is; what is no user id of Slack's is nobody."""
    known = workspace.people.get(user)
    return Person(user if _USER.fullmatch(user) else "", known.name if known else "")


def refusal(verb: ChatVerb, person: Person, workspace: SlackWorkspace, approvers: Collection[str]) -> str:
    """Why somebody may not ask for that; empty where they may.

    Anybody may have a finding explained. All else is for people whom the configuration names; approving is for those
    among ``slack.approvers`` whom ``acting.approvers`` (given as ``approvers``; empty: everybody) names as well.
    """
    if verb is ChatVerb.EXPLAIN:
        return ""
    if not person.name:
        return (
            f"driftbot does not know who {person.user or 'this'} is; to decide here, be added to driftbot.yaml:"
            f" slack: people: {person.user or 'U…'}: name"
        )
    return _not_approving(person, workspace, approvers) if verb is ChatVerb.APPROVE else ""


def _not_approving(person: Person, workspace: SlackWorkspace, approvers: Collection[str]) -> str:
    if person.user not in workspace.approvers:
        named = f"does not name {person.user}" if workspace.approvers else "names nobody"
        return f"{person.name} may not approve in Slack: slack.approvers {named}"
    try:
        check_approver(person.name, approvers)
    except Failure as failure:
        return failure.message
    return ""
