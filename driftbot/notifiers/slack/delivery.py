"""The notifier for Slack: one living digest a channel, its details in its thread, told once whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from driftbot.core.digest import Digest
from driftbot.notifiers.notifier import Delivered, DeliveryTools
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.workspace import SlackWorkspace

TIMEOUT = 30.0
"""Seconds that Slack has for an answer (slack_sdk's default)."""


@dataclass(frozen=True, slots=True)
class SlackNotifier:
    """Channels of a Slack workspace (None: nobody said which); ``timeout`` is how many seconds one answer may take."""

    kind: str = "slack"
    options: type[SlackOptions] = SlackOptions
    section: str = "slack"
    workspace: SlackWorkspace | None = None
    timeout: float = TIMEOUT

    def with_section(self, section: SlackWorkspace | None) -> SlackNotifier:
        """The notifier of that workspace."""
        return replace(self, workspace=section)

    def deliver(self, digest: Digest, options: Any, tools: DeliveryTools) -> Delivered:
        """Edit the digest and its thread in place, post what is new; look before anything is posted again.

        Raises:
            DeliveryFailed: the workspace or the channel cannot be told; what was told already is remembered.
        """
        # Every command reads the configuration, which knows this notifier; few need Slack's client.
        from driftbot.notifiers.slack.sending import sent

        return sent(digest, options, tools, self.workspace, self.timeout)


notifier = SlackNotifier()
