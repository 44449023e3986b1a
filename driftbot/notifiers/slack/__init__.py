"""Slack: one living digest a channel, its details in its thread, and controls for the people who read it."""

from driftbot.notifiers.slack.delivery import notifier

__all__ = ["notifier"]
