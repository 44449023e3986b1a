"""Pages of what has no entry of its own: bounded, in order, and counted to the last finding."""

from __future__ import annotations

import re

import pytest

from driftbot.core.digest import Standing
from driftbot.notifiers.slack.mrkdwn import escaped
from driftbot.notifiers.slack.rest_pages import PAGES, rest_pages
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import LINE, SAID, line
from tests.notices.digest_scene import digest, entry
from tests.notifiers.slack.hostile import HOSTILE, full_entry
from tests.notifiers.slack.payload_checks import faults, texts


def words(said: Said) -> str:
    return "\n".join(text for text, _ in texts(said.payload()["blocks"]))


def test_no_entries_are_no_pages() -> None:
    assert rest_pages(digest(), ()) == ()


def test_a_page_names_each_finding_under_how_it_stands() -> None:
    entries = (entry(Standing.STANDING), entry(Standing.STANDING, "shop/mail"), entry(Standing.WAIVED, "shop/index"))
    (page,) = rest_pages(digest(), entries)
    assert page.text == "3 more findings, page 1 of 1"
    assert words(page).count("*Still standing*") == 1
    assert "*Waived*\n• *high* `job-deadline-headroom` `job:production/shop/index`" in words(page)
    assert [one.fingerprint in words(page) for one in entries] == [True] * 3


@pytest.mark.parametrize("count", [40, 300, 10_000])
def test_every_finding_is_listed_or_counted(count: int) -> None:
    entries = tuple(entry(Standing.STANDING, f"shop/job-{number}") for number in range(count))
    pages = rest_pages(digest(), entries)
    listed = re.findall(r"`([0-9a-f]{12})`", "\n".join(map(words, pages)))
    assert listed == [one.fingerprint for one in entries[: len(listed)]]
    assert len(pages) <= PAGES
    left = count - len(listed)
    assert (f"… and {left:,} more: `driftbot scan --format json`" in words(pages[-1])) is (left > 0)
    assert all(f"{count:,} more findings, page {number} of {len(pages)}" in words(page)
               for number, page in enumerate(pages, start=1))  # fmt: skip
    assert [fault for page in pages for fault in faults(page.payload())] == []


def test_pages_are_full_and_bounded() -> None:
    entries = tuple(entry(Standing.STANDING, f"shop/job-{number}") for number in range(2_000))
    assert [len(words(page)) > 8_000 for page in rest_pages(digest(), entries)] == [True] * PAGES
    assert len(rest_pages(digest(), entries, pages=2)) == 2


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_stays_text(number: int) -> None:
    crowd = tuple(full_entry(HOSTILE[number], standing) for standing in Standing for _ in range(40))
    assert [fault for page in rest_pages(digest(), crowd) for fault in faults(page.payload())] == []


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_line_is_no_longer_than_a_line(number: int) -> None:
    for standing in Standing:
        about = full_entry(HOSTILE[number], standing)
        assert len(line(about)) <= LINE
        assert len(line(about, escaped(HOSTILE[number], SAID))) <= LINE
