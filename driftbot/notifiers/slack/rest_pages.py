"""Pages of findings that have no entry of their own: a line each, as far as some pages hold them; all are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from slack_sdk.models.blocks import Block

from driftbot.core.digest import Digest, Entry
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.limits import MESSAGE
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, code, mrkdwn
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import STANDINGS, line
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.wording import plural

PAGES = 10
"""Pages of a digest (ours): what comes after some hundred lines is read in a report, not in a chat."""
_AROUND = 400
"""Characters of a page kept for its headings and its last line."""


def rest_pages(
    digest: Digest, entries: Sequence[Entry], workspace: SlackWorkspace | None = None, pages: int = PAGES
) -> tuple[Said, ...]:
    """The entries as pages, in their order, at most ``pages`` of them; none where there are no entries."""
    del digest, workspace
    filled = list(_filled(entries, pages))
    listed = sum(len(page) for page in filled)
    return tuple(
        _page(number, len(filled), page, len(entries), len(entries) - listed)
        for number, page in enumerate(filled, start=1)
    )


def _filled(entries: Sequence[Entry], pages: int) -> Iterator[list[tuple[Entry, Mrkdwn]]]:
    """The lines of each page. What is beyond the last one is not even written."""
    page: list[tuple[Entry, Mrkdwn]] = []
    room = MESSAGE - _AROUND
    for entry in entries:
        written = mrkdwn("{} {}", line(entry), code(entry.fingerprint))
        cost = len(written) + 1
        if page and cost > room:
            yield page
            pages -= 1
            page, room = [], MESSAGE - _AROUND
            if not pages:
                return
        page.append((entry, written))
        room -= cost
    if page:
        yield page


def _page(number: int, of: int, page: Sequence[tuple[Entry, Mrkdwn]], count: int, left: int) -> Said:
    title = f"{plural(count, 'more finding')}, page {number} of {of}"
    blocks: list[Block] = [*block_kit.sections((mrkdwn("*{}*", title),))]
    for standing, alike in groupby(page, key=lambda pair: pair[0].standing):
        lines = (written for _, written in alike)
        blocks += block_kit.sections((mrkdwn("*{}*", STANDINGS[standing]), *lines))
    if number == of and left:
        blocks.append(
            block_kit.context((mrkdwn("… and {} more: {}", f"{left:,}", code("driftbot scan --format json")),))
        )
    return Said(mrkdwn("{}", title), tuple(blocks))
