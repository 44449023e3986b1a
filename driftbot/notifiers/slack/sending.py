"""A digest on its way into its channel: the channel is found, what is unsure concluded, then all brought up to date."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.digest import Digest
from driftbot.notifiers.notifier import Delivered, DeliveryFailed, DeliveryTools
from driftbot.notifiers.slack.channel import Channel
from driftbot.notifiers.slack.client import SlackClient, slack_client
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.history import recover
from driftbot.notifiers.slack.ledger import Ledger
from driftbot.notifiers.slack.message_keys import PLACE
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.patience import Patience
from driftbot.notifiers.slack.reconcile import CALLS, Reconciliation, steps_of
from driftbot.notifiers.slack.whereabouts import whereabouts
from driftbot.notifiers.slack.workspace import SlackWorkspace


def sent(
    digest: Digest, options: SlackOptions, tools: DeliveryTools, workspace: SlackWorkspace | None, timeout: float
) -> Delivered:
    """Send it; ``timeout`` is how many seconds one answer may take.

    Raises:
        DeliveryFailed: the workspace or the channel cannot be told; what was told already is remembered.
    """
    ledger = Ledger(tools.memory)
    try:
        return _Sending(digest, options, tools, workspace, ledger, timeout).delivered()
    except SlackFailure as failure:
        if failure.kind is FailureKind.LIMITED:
            steps = steps_of(digest, options, workspace, ledger, tools.clock())
            return Delivered(left=sum(step.act in CALLS for step in steps))
        where = f"channel {options.name} ({options.channel})"
        raise DeliveryFailed(f"{where}: {failure.told}", failure.next_step) from failure


@dataclass(frozen=True, slots=True)
class _Sending:
    """What it needs. Methods raise ``SlackFailure``."""

    digest: Digest
    options: SlackOptions
    tools: DeliveryTools
    workspace: SlackWorkspace | None
    ledger: Ledger
    timeout: float

    def delivered(self) -> Delivered:
        """Do it, in the channel that has the name now if the one that had it cannot be told any more."""
        if self.workspace is None:
            told = "driftbot.yaml names no Slack workspace"
            step = "Write a section slack: with the place of its token."
            raise SlackFailure(FailureKind.ACCESS, "no_workspace", told, step)
        patience = Patience(self.tools.clock, self.tools.sleep, self.tools.deadline)
        client = slack_client(self.workspace, patience, self.timeout)
        place = whereabouts(client, self.ledger, self.options, self.tools.clock())
        recover(client, self.ledger, patience)
        try:
            return self._reconciled(client, patience, place)
        except SlackFailure as failure:
            if failure.kind is not FailureKind.CHANNEL or not self.options.channel.startswith("#"):
                raise
            return self._reconciled(client, patience, self._other(client, place, failure))

    def _reconciled(self, client: SlackClient, patience: Patience, place: str) -> Delivered:
        channel = Channel(self.options.name, place, client, self.ledger, patience, self.tools, self.workspace)
        return Reconciliation(self.digest, self.options, channel).run()

    def _other(self, client: SlackClient, place: str, failure: SlackFailure) -> str:
        """The channel that has the name now: the one that had it was archived or deleted, and another one made."""
        self.ledger.drop(PLACE)
        found = whereabouts(client, self.ledger, self.options, self.tools.clock())
        if found == place:
            raise failure
        return found
