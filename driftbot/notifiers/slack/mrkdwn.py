"""Slack's markup: what is ours is marked up, what was collected stays text, and the type says which is which.

Slack documents three characters to escape, ``& < >`` (https://docs.slack.dev/messaging/formatting-message-text); they
carry mentions, links and dates. It documents no way to escape ``* _ ~``, backquotes and ``:name:``: where they would
mark up they are shown by a character of the same shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from driftbot.report.harmless import harmless

PROSE = 400
"""Characters of a collected sentence."""
NAME = 200
"""Characters of a collected name."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack reads the full-width forms as markup, too; between two letters or digits none of them marks up.
_SHAPES = str.maketrans("*＊_＿~～`｀", "∗∗ˍˍ∼∼ˋˋ")
_MARKS = re.compile(r"(?<![^\W_])[*＊_＿~～]|[*＊_＿~～](?![^\W_])|[`｀]")
_EMOJI = re.compile(r":(?=[\w+'-]*[^\W\d][\w+'-]*:)")
_QUOTE = re.compile(r"^(\s*)(?:&gt;|＞)")
_TOKEN = re.compile(r"&(?:amp|lt|gt);|.", re.DOTALL)
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_URL = re.compile(r"https?://[!#-;=?-{}~]+")
"""A URL as RFC 3986 writes it, without what ends or divides a link of Slack's: quotes, ``<``, ``>`` and ``|``."""


class Mrkdwn(str):
    """Text in Slack's markup in which nothing that was collected marks up, links or mentions."""

    __slots__ = ()


def mrkdwn(template: str, *values: object) -> Mrkdwn:
    """Our own markup with values in its ``{}``; what is no markup of ours is escaped as a sentence."""
    return Mrkdwn(template.format(*(one if isinstance(one, Mrkdwn) else escaped(str(one)) for one in values)))


def joined(separator: str, parts: Iterable[Mrkdwn]) -> Mrkdwn:
    """The parts that are not empty, joined by markup of ours."""
    return Mrkdwn(separator.join(filter(None, parts)))


def escaped(text: str, longest: int = PROSE) -> Mrkdwn:
    """Collected text of at most ``longest`` characters that Slack shows as it is."""
    quoted = _MARKS.sub(_shape, harmless(text, longest)).translate(_ENTITIES)
    return _cut(_QUOTE.sub(r"\1›", _EMOJI.sub("꞉", quoted)), longest)


def code(text: str, longest: int = NAME) -> Mrkdwn:
    """Collected text of at most ``longest`` characters in a code span, where only a backquote marks up."""
    shown = harmless(text, longest).translate(_SHAPES_IN_CODE).translate(_ENTITIES).strip()
    return Mrkdwn(f"`{_cut(shown, longest - 2)}`") if shown else Mrkdwn("")


_SHAPES_IN_CODE = str.maketrans("`｀", "ˋˋ")


def plain(text: str, longest: int) -> str:
    """Collected text for Slack's ``plain_text``, which marks up nothing; what looks like a mention is broken up."""
    shown = re.sub(r"<(?=[!@#])", "‹", harmless(text, longest))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def moment(at: datetime) -> Mrkdwn:
    """A time in the reader's own zone, in UTC where Slack cannot tell it."""
    fallback = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    seconds = int(at.timestamp())
    return Mrkdwn(f"<!date^{seconds}^{{date_short_pretty}} {{time}}|{fallback}>" if seconds > 0 else fallback)


def day(at: datetime) -> Mrkdwn:
    """A day in UTC, as every report writes it."""
    return Mrkdwn(f"{at.astimezone(UTC):%Y-%m-%d}")


def link(url: str, text: str) -> Mrkdwn:
    """A link where the address is one of the web's; else both as text."""
    if _URL.fullmatch(url) and len(url) <= NAME * 2:
        return Mrkdwn(f"<{url.translate(_ENTITIES)}|{escaped(text, NAME).replace('|', '¦') or 'link'}>")
    return mrkdwn("{} {}", escaped(text, NAME), code(url))


def mention(identity: str) -> Mrkdwn:
    """A mention of a user (``U…``) or a user group (``S…``); empty for anything else."""
    if _USER.fullmatch(identity):
        return Mrkdwn(f"<@{identity}>")
    return Mrkdwn(f"<!subteam^{identity}>" if _GROUP.fullmatch(identity) else "")


def _shape(match: re.Match[str]) -> str:
    return match[0].translate(_SHAPES)


def _cut(text: str, longest: int) -> Mrkdwn:
    """The text, cut between characters and never inside an entity."""
    if len(text) <= longest:
        return Mrkdwn(text)
    kept, length = [], 1
    for token in _TOKEN.findall(text):
        length += len(token)
        if length > longest:
            break
        kept.append(token)
    return Mrkdwn("".join(kept) + "…")
