"""The picture of an entry's charts, as channels that show pictures send it."""

from __future__ import annotations

import logging

from driftbot.core.chart import Chart
from driftbot.core.digest import Entry


def picture(entry: Entry, charts: tuple[Chart, ...]) -> bytes:
    """The charts below each other as PNG, with what the finding says above them."""
    # It tells people without a writable home where it keeps its list of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from driftbot.report.chart_image import Caption, png

    finding = entry.finding
    return png(charts, Caption(finding.title, f"{finding.subject} · {finding.fingerprint}"))
