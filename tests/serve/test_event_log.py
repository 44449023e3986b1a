"""One line an event, whatever is in it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.failure import Failure
from driftbot.serve.event_log import Bridge, EventLog, LogFormat

AT = datetime(2026, 5, 3, 2, 30, tzinfo=UTC)


def written(form: LogFormat, told: str, journal: bool = False, **fields: object) -> str:
    out = StringIO()
    EventLog(out, lambda: AT, form, journal).info("night.begun", told, **fields)
    return out.getvalue()


def test_text():
    line = written(LogFormat.TEXT, "as planned", pid=7, planned=AT, why="a b", empty="")
    assert line == (
        '2026-05-03T02:30:00Z info    night.begun: as planned (pid=7 planned=2026-05-03T02:30:00+00:00 why="a b")\n'
    )


def test_for_journald_the_priority_stands_first_and_no_time():
    assert written(LogFormat.TEXT, "as planned", journal=True) == "<6>night.begun: as planned\n"


def test_json():
    assert json.loads(written(LogFormat.JSON, "as planned", pid=7, planned=AT)) == {
        "time": "2026-05-03T02:30:00.000+00:00", "level": "info", "event": "night.begun", "message": "as planned",
        "pid": 7, "planned": "2026-05-03T02:30:00+00:00",
    }  # fmt: skip


@given(st.text(), st.text(), st.sampled_from(LogFormat))
def test_whatever_is_told_is_one_line_without_controls(told: str, field: str, form: LogFormat):
    line = written(form, told, field=field)
    assert len(line.splitlines()) == 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line[:-1])
    if form is LogFormat.JSON:
        assert json.loads(line)["event"] == "night.begun"


def test_failures_say_what_to_do_next():
    out = StringIO()
    EventLog(out, lambda: AT).failure("store.unreadable", Failure("the disk is full", "give it room"))
    assert out.getvalue() == "2026-05-03T02:30:00Z error   store.unreadable: the disk is full; give it room\n"


def test_libraries_are_heard_without_their_tracebacks():
    out = StringIO()
    record = logging.LogRecord("apscheduler.x", logging.ERROR, "", 1, "it %s", ("broke",), None)
    try:
        raise ValueError("secret")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    Bridge(EventLog(out, lambda: AT)).emit(record)
    assert out.getvalue() == "2026-05-03T02:30:00Z error   apscheduler: it broke: ValueError\n"


def test_nobody_reading_is_no_reason_to_end():
    out = StringIO()
    out.close()
    EventLog(out, lambda: AT).info("serve.begun", "nights are waited for")
