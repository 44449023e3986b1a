"""Blocks of markup: every text is escaped by its type and fits by construction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from slack_sdk.models.blocks import (
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from driftbot.notifiers.slack.limits import CONTEXT_ELEMENTS, FIELDS, HEADER, SECTION
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, plain


def text(markup: Mrkdwn) -> MarkdownTextObject:
    """A text object that leaves addresses, channels and ``@here`` as they are written."""
    return MarkdownTextObject(text=str(markup), verbatim=True)


def plain_text(words: str, longest: int) -> PlainTextObject:
    """A text object without markup; ``:name:`` stays what it is."""
    return PlainTextObject(text=plain(words, longest) or "…", emoji=False)


def header(words: str) -> HeaderBlock:
    """A heading in words of ours; its mark is drawn as an emoji."""
    return HeaderBlock(text=PlainTextObject(text=plain(words, HEADER), emoji=True))


def sections(lines: Iterable[Mrkdwn]) -> Iterator[SectionBlock]:
    """The lines in as few sections as hold them; a line is never divided."""
    for page in packed(lines, SECTION):
        yield SectionBlock(text=text(Mrkdwn("\n".join(page))), expand=True)


def fields(parts: Sequence[Mrkdwn]) -> SectionBlock:
    """Short texts side by side, the first ten of them."""
    return SectionBlock(fields=[text(part) for part in parts[:FIELDS]])


def context(parts: Sequence[Mrkdwn]) -> ContextBlock:
    """Small print, the first ten parts of it."""
    return ContextBlock(elements=[text(part) for part in parts[:CONTEXT_ELEMENTS]])


def packed(lines: Iterable[Mrkdwn], longest: int) -> Iterator[list[Mrkdwn]]:
    """The lines in pages of at most ``longest`` characters, line ends counted; empty lines are left out."""
    page: list[Mrkdwn] = []
    length = 0
    for line in filter(None, lines):
        if page and length + 1 + len(line) > longest:
            yield page
            page, length = [], 0
        page.append(line)
        length += len(line) + (1 if length else 0)
    if page:
        yield page
