"""What which channel is told, and when: routing, quiet hours, escalation and the digest. Pure."""
