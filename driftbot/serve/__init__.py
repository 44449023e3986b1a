"""The process that stays awake: it begins nights as children, hears Slack, and answers who asks how it is."""
