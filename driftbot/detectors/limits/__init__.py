"""Whether and when a series reaches a limit."""
