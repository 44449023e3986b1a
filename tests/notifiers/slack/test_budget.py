"""Groups of lines share a message: each is heard, and what is left out is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.notifiers.slack.block_kit import packed
from driftbot.notifiers.slack.budget import LEAST, Group, shared, within
from driftbot.notifiers.slack.mrkdwn import Mrkdwn

LINES = st.lists(st.integers(1, 300).map(lambda length: Mrkdwn("x" * length)), max_size=20).map(tuple)


@given(st.lists(st.tuples(LINES, st.integers(0, 10_000)), max_size=10), st.integers(1_000, 9_000))
def test_what_is_shown_fits_and_what_is_left_out_is_counted(
    parts: list[tuple[tuple[Mrkdwn, ...], int]], room: int
) -> None:
    groups = [Group("Title", lines, len(lines) + more) for lines, more in parts]
    shown = shared(groups, room)
    assert sum(len(line) + 1 for lines in shown for line in lines) <= room
    for group, lines in zip(groups, shown, strict=True):
        assert lines[0] == f"*Title* ({group.count:,})"
        listed = [line for line in lines[1:] if not line.startswith("…")]
        assert tuple(listed) == group.lines[: len(listed)]
        assert (lines[-1] == f"… and {group.count - len(listed):,} more") is (group.count > len(listed))


def test_every_group_has_some_lines_before_the_first_has_all() -> None:
    groups = [Group(title, tuple(Mrkdwn(f"{title} {number} {'x' * 90}") for number in range(20)), 20) for title in "ab"]
    first, second = shared(groups, 100 * 12)
    assert len(second) == 1 + LEAST + 1
    assert len(first) > len(second)


@given(LINES, st.integers(300, 3_000))
def test_a_line_is_never_divided(lines: tuple[Mrkdwn, ...], longest: int) -> None:
    pages = list(packed(lines, longest))
    assert [line for page in pages for line in page] == list(lines)
    assert all(len("\n".join(page)) <= longest for page in pages)


@pytest.mark.parametrize("lines", [(), (Mrkdwn(""),)])
def test_no_lines_are_no_page(lines: tuple[Mrkdwn, ...]) -> None:
    assert list(packed(lines, 100)) == []


@given(LINES, st.integers(20, 3_000))
def test_lines_fit_or_say_where_the_others_are(lines: tuple[Mrkdwn, ...], room: int) -> None:
    shown = within(lines, room, Mrkdwn("the rest"))
    assert len("\n".join(shown)) <= room
    assert shown == lines or (shown[-1] == "the rest" and shown[:-1] == lines[: len(shown) - 1])
