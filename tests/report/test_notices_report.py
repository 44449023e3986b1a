"""Notices are told newest first, whole where they are short, and harmless whatever is in them."""

from __future__ import annotations

from datetime import timedelta

from driftbot.core.outbox_notice import OutboxNotice
from driftbot.report.notices_report import notice_lines, waiting
from tests.store.scene import night_of

NOTICE = OutboxNotice("3f9c2a", "notice", "cart \x1b[31m", "one\n\x1b]0;owned\x07two", night_of(0))


def test_nothing_in_a_notice_reaches_the_terminal_raw():
    told = "\n".join(notice_lines([NOTICE]))
    assert "\x1b" not in told
    assert "\x07" not in told
    assert [line[:5] for line in told.splitlines()[1:]] == ["  one", "  \\x1b"[:5]]


def test_the_newest_come_first_and_the_rest_is_counted():
    later = OutboxNotice("aaaaaa", "escalated", "pay", "\n".join("x" * 60), night_of(0) + timedelta(hours=1))
    lines = list(notice_lines([NOTICE, later], shown=1))
    assert lines[0].startswith("escalated  ")
    assert lines[-2:] == ["  … and 20 more lines", "… and 1 older notice"]
    assert (waiting(0), waiting(1)) == ("", "1 notice for people: `driftbot runs notices` shows them")
