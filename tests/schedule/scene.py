"""An ordinary schedule and where driftbot is installed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from driftbot.schedule.cron import read_cron
from driftbot.schedule.installation import Installation
from driftbot.schedule.night_schedule import NightSchedule

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
BERLIN = NightSchedule(
    read_cron("30 2 * * *"), "Europe/Berlin", timedelta(minutes=5), timedelta(hours=4), timedelta(days=1)
)
HERE = Installation(
    "driftbot",
    "/usr/bin/driftbot",
    "/etc/driftbot/driftbot.yaml",
    variables=("PROMETHEUS_TOKEN", "SLACK_TOKEN"),
    secret_files=("/etc/keys/forge", "/run/credentials/driftbot.service/slack-app"),
)
