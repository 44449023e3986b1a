"""Whatever a digest holds: what is said of it is valid, fits, marks up and mentions nothing that is not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.digest import Digest, Entry
from driftbot.core.history import FindingLife
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.notifiers.slack.chart_alt import chart_alt
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.explanation_view import explanation_view
from driftbot.notifiers.slack.limits import ALT_TEXT
from driftbot.notifiers.slack.modals import snooze_form, waive_form
from driftbot.notifiers.slack.notice_message import escalation_message, notice_message
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.rest_pages import rest_pages
from driftbot.report.explanation import Background, explanation
from tests.notices.digest_scene import NOW, digest
from tests.notifiers.slack import hostile
from tests.notifiers.slack.payload_checks import faults

OPTIONS = SlackOptions(name="sre", channel="#sre", entries=2)


@settings(max_examples=60)
@given(hostile.digests())
def test_a_digest_is_valid(told: Digest) -> None:
    said = digest_message(told, OPTIONS, hostile.WORKSPACE)
    assert faults(said.payload()) == []
    assert "<@" not in str(said.payload())


@settings(max_examples=60)
@given(hostile.digests(), st.timedeltas(timedelta(), timedelta(days=1)))
def test_a_digest_says_the_same_whenever_it_is_told(told: Digest, later: timedelta) -> None:
    try:
        again = replace(told, now=told.now + later)
    except OverflowError:
        return
    assert digest_message(told, OPTIONS).content == digest_message(again, OPTIONS).content
    for entry in told.entries:
        assert entry_message(told, entry).content == entry_message(again, entry).content


@settings(max_examples=150)
@given(hostile.entries(), st.sampled_from([None, hostile.WORKSPACE]))
def test_an_entry_is_valid(entry: Entry, workspace: object) -> None:
    told = digest(entry)
    assert faults(entry_message(told, entry, workspace).payload()) == []
    assert faults(escalation_message(told, entry, workspace).payload()) == []
    assert len(chart_alt(entry)) <= ALT_TEXT


@settings(max_examples=40)
@given(st.lists(hostile.entries(), max_size=6))
def test_pages_are_valid(entries: list[Entry]) -> None:
    pages = rest_pages(digest(), entries)
    assert bool(pages) is bool(entries)
    assert [fault for page in pages for fault in faults(page.payload())] == []


@given(hostile.notice)
def test_a_notice_is_valid(notice: OutboxNotice) -> None:
    assert faults(notice_message(digest(), notice, hostile.WORKSPACE).payload()) == []


@settings(max_examples=60)
@given(hostile.lives(), st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1)))
def test_forms_are_valid(life: FindingLife, now: datetime) -> None:
    at = now.replace(tzinfo=NOW.tzinfo)
    assert faults(waive_form(life, at).to_dict()) == []
    assert faults(snooze_form(life, at).to_dict()) == []


@settings(max_examples=60)
@given(hostile.entries())
def test_an_explanation_is_valid(entry: Entry) -> None:
    outline = explanation(entry.life, Background(entry.rule, entry.waiver))
    assert faults(explanation_view(outline, entry.fingerprint).to_dict()) == []
