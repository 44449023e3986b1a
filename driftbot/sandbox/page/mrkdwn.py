"""Slack's markup as elements: https://docs.slack.dev/messaging/formatting-message-text.

Bold, italic, strike, code, quotes, links to http, https and mail, mentions, dates. Everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from driftbot.sandbox.page.html import Node, h
from driftbot.sandbox.page.slack_date import slack_date

_MARKUP = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|(?P<bare>https?://[^\s<>|]+)"
    r"|:(?P<emoji>[a-z0-9_+-]+):",
    re.DOTALL,
)
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_SAFE = frozenset({"http", "https", "mailto"})
_EVERYBODY = frozenset({"channel", "here", "everyone"})
_DEEPEST = 4
EMOJI = {
    "bell": "🔔",
    "hourglass": "⏳",
    "hourglass_flowing_sand": "⏳",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "no_bell": "🔕",
    "red_circle": "🔴",
    "rotating_light": "🚨",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "x": "❌",
    "zzz": "💤",
}
"""The few that are drawn; any other stays its name between colons."""

Names = Callable[[str], str | None]
"""A person's or a channel's name by id."""


def plain(text: str) -> str:
    """Text that was escaped for Slack, as a reader sees it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def drawn_emoji(text: str) -> str:
    """The text with the emoji that are drawn in place of their names, as Slack does in plain text, too."""
    return _EMOJI.sub(lambda found: EMOJI.get(found[1], found[0]), text)


def mrkdwn(text: str, names: Names) -> list[Node]:
    """The text as elements, line by line; quoted lines are set apart."""
    nodes: list[Node] = []
    for quoted, block in _blocks(text):
        shown = list(_inline(block, names, _DEEPEST))
        nodes += [h("blockquote", shown)] if quoted else shown
    return nodes


def _blocks(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of quoted lines and of others."""
    run: list[str] = []
    quoted = False
    for line in text.split("\n"):
        mark = next((mark for mark in ("&gt; ", "&gt;", "> ", ">") if line.startswith(mark)), "")
        if bool(mark) is not quoted and run:
            yield quoted, "\n".join(run)
            run = []
        quoted = bool(mark)
        run.append(line[len(mark) :])
    yield quoted, "\n".join(run)


def _inline(text: str, names: Names, depth: int) -> Iterator[Node]:
    end = 0
    for found in _MARKUP.finditer(text) if depth else ():
        yield from _lines(text[end : found.start()])
        yield from _marked(found, names, depth)
        end = found.end()
    yield from _lines(text[end:])


def _marked(found: re.Match[str], names: Names, depth: int) -> Iterator[Node]:
    kind, inner = str(found.lastgroup), found[str(found.lastgroup)]
    match kind:
        case "pre":
            yield h("pre", plain(inner.strip("\n")))
        case "code":
            yield h("code", plain(inner))
        case "angle":
            yield _angle(inner, names)
        case "bare":
            yield h("a", plain(inner), href=plain(inner), rel="noopener noreferrer", target="_blank")
        case "emoji":
            yield EMOJI.get(inner, found[0])
        case _:
            tag = {"bold": "b", "italic": "i", "strike": "s"}[kind]
            yield h(tag, _inline(inner, names, depth - 1))


def _lines(text: str) -> Iterator[Node]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield h("br")
        yield plain(line)


def _angle(inner: str, names: Names) -> Node:
    target, _, label = inner.partition("|")
    if target.startswith("!"):
        return _special(target[1:], label)
    if target.startswith(("@", "#")):
        name = names(target[1:]) or label
        return h("span", target[0] + plain(name), class_="mention") if name else f"<{inner}>"
    if urlsplit_scheme(target) not in _SAFE:
        return f"<{plain(inner)}>"
    return h("a", plain(label or target), href=plain(target), rel="noopener noreferrer", target="_blank")


def _special(target: str, label: str) -> Node:
    name, *rest = target.split("^")
    if name == "date" and len(rest) >= 2:
        return h("span", slack_date(rest[0], plain(rest[1]), plain(label)), class_="date")
    if name == "subteam":
        return h("span", plain(label or f"@{rest[0]}" if rest else "@group"), class_="mention")
    if name in _EVERYBODY:
        return h("span", f"@{name}", class_="mention everybody")
    return f"<!{plain(target)}>"


def urlsplit_scheme(url: str) -> str:
    """The scheme of an address, "" for what is none."""
    try:
        return urlsplit(plain(url)).scheme.lower()
    except ValueError:
        return ""
