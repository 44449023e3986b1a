"""Slack: one living digest a channel, its details in its thread, and controls for the people who read it."""
