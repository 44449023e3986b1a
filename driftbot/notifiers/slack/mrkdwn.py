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
"""Characters of a collected sentence (ours)."""
NAME = 160
"""Characters of a collected name (ours)."""
LONGEST_URL = 300
"""Characters of an address that is a link (ours); a longer one is text."""

_CUT_MARK = 26
"""Characters of ``… (1,000,000 characters)``, which says how long a text was."""
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack reads the full-width forms as markup, too; between two letters or digits none but the backquote marks up.
_MARKS = re.compile(r"(?<![^\W_])[*＊_＿~～]|[*＊_＿~～](?![^\W_])|[`｀]")
_SHAPES = str.maketrans("*＊_＿~～`｀", "∗∗ˍˍ∼∼ˋˋ")
_SHAPES_IN_CODE = str.maketrans("`｀", "ˋˋ")
# Of what has no letter these are emoji; a line and column behind a file's name (``a.yaml:14:3``) are none.
_EMOJI = re.compile(r":(?=(?:[\w+'-]*[^\W\d][\w+'-]*|[+-]1|100|1234):)")
_QUOTE = re.compile(r"^\s*[>＞]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TOKEN = re.compile(r"&(?:amp|lt|gt);|.", re.DOTALL)
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_URL = re.compile(r"https?://[!#-;=?-{}~]+")
"""An address as RFC 3986 writes it, without what ends or divides a link of Slack's: quotes, ``<``, ``>`` and ``|``."""


class Mrkdwn(str):
    """Text in Slack's markup in which nothing that was collected marks up, links or mentions."""

    __slots__ = ()


NOTHING = Mrkdwn("")


def mrkdwn(template: str, *values: object) -> Mrkdwn:
    """Our own markup with values in its ``{}``; what is no markup of ours is escaped as a sentence."""
    return Mrkdwn(template.format(*(one if isinstance(one, Mrkdwn) else escaped(str(one)) for one in values)))


def joined(separator: str, parts: Iterable[Mrkdwn]) -> Mrkdwn:
    """The parts that are not empty, joined by markup of ours."""
    return Mrkdwn(separator.join(filter(None, parts)))


def escaped(text: str, longest: int = PROSE) -> Mrkdwn:
    """Collected text of at most ``longest`` characters, in which Slack finds no markup."""
    shown = _MARKS.sub(_shape, _shown(text, longest))
    shown = _EMOJI.sub("꞉", _QUOTE.sub("›", shown))
    return _isolated(shown, shown.translate(_ENTITIES), longest)


def code(text: str, longest: int = NAME) -> Mrkdwn:
    """Collected text of at most ``longest`` characters in a code span, where only a backquote marks up."""
    shown = _shown(text, longest - 2).translate(_SHAPES_IN_CODE)
    if not shown:
        return NOTHING
    room = longest - 4
    return _isolated(shown, f"`{_cut(shown.translate(_ENTITIES), room)}`", longest)


def exact(text: str, longest: int = PROSE) -> Mrkdwn:
    """Collected text, in a code span where it has what would mark up: arithmetic keeps its signs."""
    marked = _MARKS.search(text) or _EMOJI.search(text) or _QUOTE.search(text)
    return code(text, longest) if marked else escaped(text, longest)


def preformatted(lines: Iterable[str], longest: int) -> Mrkdwn:
    """Collected lines as they are written, under each other, of at most ``longest`` characters in all."""
    shown = (harmless(line).translate(_SHAPES_IN_CODE).translate(_ENTITIES) for line in lines)
    text = _cut("\n".join(shown), longest - 8)
    return Mrkdwn(f"```\n{text}\n```") if text.strip() else NOTHING


def plain(text: str, longest: int) -> str:
    """Collected text for Slack's ``plain_text``, which marks up nothing; what looks like a mention is broken up."""
    return _isolated(text, re.sub(r"<(?=[!@#])", "‹", _shown(text, longest)), longest)


def moment(at: datetime) -> Mrkdwn:
    """A time in the reader's own zone, in UTC where Slack cannot tell it."""
    fallback, seconds = _minute(at), int(at.timestamp())
    return Mrkdwn(f"<!date^{seconds}^{{date_short_pretty}} {{time}}|{fallback}>" if seconds > 0 else fallback)


def day(at: datetime) -> Mrkdwn:
    """A day in UTC, as every report writes it."""
    return Mrkdwn(_minute(at)[:10])


def link(url: str, text: str) -> Mrkdwn:
    """A link where the address is one of the web's; else both as text."""
    if len(url) <= LONGEST_URL and _URL.fullmatch(url):
        named = escaped(text, NAME).replace("|", "¦").strip() or "link"
        return Mrkdwn(f"<{url.translate(_ENTITIES)}|{named}>")
    return joined(" ", (escaped(text, NAME), code(url)))


def mention(identity: str) -> Mrkdwn:
    """A mention of a user (``U…``) or a user group (``S…``); empty for anything else."""
    if _USER.fullmatch(identity):
        return Mrkdwn(f"<@{identity}>")
    return Mrkdwn(f"<!subteam^{identity}>") if _GROUP.fullmatch(identity) else NOTHING


def _shown(text: str, longest: int) -> str:
    """The text made harmless; a long one says how long it was where that leaves most of it."""
    if len(text) <= longest:
        return harmless(text, longest).strip()
    if longest < 4 * _CUT_MARK:
        return harmless(text[:longest], longest).strip() + "…"
    return harmless(text, longest - _CUT_MARK).strip()


def _shape(match: re.Match[str]) -> str:
    return match[0].translate(_SHAPES)


def _isolated(shown: str, marked: str, longest: int) -> Mrkdwn:
    """The text with at most ``longest`` characters; right-to-left letters do not turn what stands beside them."""
    if not _RIGHT_TO_LEFT.search(shown):
        return _cut(marked, longest)
    return Mrkdwn(f"\u2068{_cut(marked, longest - 2)}\u2069")


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


def _minute(at: datetime) -> str:
    """The minute in UTC; at the edges of the calendar as it was written."""
    try:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        return at.isoformat(" ", "minutes")
