"""A Slack of your own on the loopback interface: the real clients talk to it, and a page shows what a channel would.

It answers as https://docs.slack.dev/reference/methods describes, keeps everything in memory, and does nothing for
whoever calls it twice: a message posted twice is there twice.
"""
