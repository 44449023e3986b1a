"""What ``driftbot explain`` says of a finding, as a modal."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import Block, SectionBlock
from slack_sdk.models.views import View

from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.block_kit import plain_text
from driftbot.notifiers.slack.controls import Form
from driftbot.notifiers.slack.limits import MODAL_TITLE, SECTION, VIEW, VIEW_BLOCKS
from driftbot.notifiers.slack.mrkdwn import NOTHING, Mrkdwn, code, exact, mrkdwn, preformatted
from driftbot.report.chart_words import described
from driftbot.report.outline import Item, Outline, Section

_TEXT = 1000
"""Characters of one line of an explanation (ours)."""
_EDIT = "The edit"


def explanation_view(outline: Outline, fingerprint: str) -> View:
    """The outline's sections as far as a modal holds them; it says where it was cut."""
    head = block_kit.sections((mrkdwn("*{}*", exact(outline.title, _TEXT)), exact(outline.summary, _TEXT)))
    told = [block for section in outline.sections for block in block_kit.sections(_lines(section))]
    return View(
        type="modal",
        callback_id=Form.EXPLANATION.value,
        private_metadata=fingerprint,
        title=plain_text("Explanation", MODAL_TITLE),
        close=plain_text("Close", MODAL_TITLE),
        blocks=list(_fitting([*head, *told], fingerprint)),
    )


def _fitting(blocks: list[SectionBlock], fingerprint: str) -> Iterator[Block]:
    """The first blocks that a modal holds, and where the others are."""
    left = VIEW
    for number, block in enumerate(blocks):
        left -= len(block.text.text or "") if block.text else 0
        if number == VIEW_BLOCKS - 1 or left < 0:
            yield block_kit.context((mrkdwn("… and more: {}", code(f"driftbot explain {fingerprint}")),))
            return
        yield block


def _lines(section: Section) -> Iterator[Mrkdwn]:
    yield mrkdwn("*{}*", exact(section.title))
    for item in section.items:
        yield from _diff(item) if section.title == _EDIT and item.lines else _item(item)
    yield from (exact(described(chart), _TEXT) for chart in section.charts)
    yield from map(exact, section.closing)
    yield from (code(command.partition("  #")[0]) for command in section.commands)


def _item(item: Item) -> Iterator[Mrkdwn]:
    mark = mrkdwn("*{}* ", exact(item.mark, 120)) if item.mark else NOTHING
    yield mrkdwn("• {}{}", mark, exact(item.head, _TEXT))
    yield from (mrkdwn("     {}", exact(one, _TEXT)) for one in item.lines)


def _diff(item: Item) -> Iterator[Mrkdwn]:
    """A file's lines before and after."""
    yield mrkdwn("• {}", exact(item.head, _TEXT))
    yield preformatted(item.lines, SECTION)
