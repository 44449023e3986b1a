"""The text alternative of an entry's charts."""

from __future__ import annotations

from driftbot.core.digest import Entry
from driftbot.notifiers.slack.limits import ALT_TEXT
from driftbot.notifiers.slack.mrkdwn import plain
from driftbot.report.chart_words import described


def chart_alt(entry: Entry) -> str:
    """What the charts show, in some sentences of plain text; empty where the finding has none."""
    return plain(" ".join(described(chart) for chart in entry.finding.charts), ALT_TEXT)
