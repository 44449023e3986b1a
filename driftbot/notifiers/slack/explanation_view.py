"""What ``driftbot explain`` says of a finding, as a modal."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.block_kit import plain_text
from driftbot.notifiers.slack.controls import Form
from driftbot.notifiers.slack.limits import MODAL_TITLE, VIEW_BLOCKS
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, code, escaped, mrkdwn
from driftbot.report.chart_words import described
from driftbot.report.outline import Item, Outline, Section


def explanation_view(outline: Outline, fingerprint: str) -> View:
    """The outline's sections as far as a modal holds them; it says where it was cut."""
    blocks = [block for section in outline.sections for block in _section(section)]
    head = block_kit.sections((mrkdwn("*{}*", outline.title), escaped(outline.summary)))
    shown: list[Block] = [*head, *blocks]
    if len(shown) > VIEW_BLOCKS:
        shown = [
            *shown[: VIEW_BLOCKS - 1],
            block_kit.context([mrkdwn("… and more: {}", code(f"driftbot explain {fingerprint}"))]),
        ]
    return View(
        type="modal",
        callback_id=Form.EXPLANATION.value,
        private_metadata=fingerprint,
        title=plain_text("Explanation", MODAL_TITLE),
        close=plain_text("Close", MODAL_TITLE),
        blocks=shown,
    )


def _section(section: Section) -> Iterator[Block]:
    yield from block_kit.sections(_lines(section))


def _lines(section: Section) -> Iterator[Mrkdwn]:
    yield mrkdwn("*{}*", section.title)
    for item in section.items:
        yield from _item(item)
    yield from (escaped(described(chart), 1000) for chart in section.charts)
    yield from map(escaped, section.closing)
    yield from (code(command.partition("  #")[0]) for command in section.commands)


def _item(item: Item) -> Iterator[Mrkdwn]:
    mark = mrkdwn("*{}* ", item.mark) if item.mark else Mrkdwn("")
    yield mrkdwn("• {}{}", mark, escaped(item.head, 1000))
    yield from (mrkdwn("    {}", escaped(one, 1000)) for one in item.lines)
