"""A Slack on loopback: the Web API, Socket Mode and a page that shows its channels; for demos and tests."""
