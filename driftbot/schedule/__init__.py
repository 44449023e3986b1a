"""Schedules as text: when nights begin, and units for systemd, Kubernetes and cron. Pure."""
