"""Foreign text in a forge's Markdown: nobody is pinged, nothing is closed, no command is run, no comment hides text.

Both forges read CommonMark (https://spec.commonmark.org/0.31.2/#fenced-code-blocks) with additions of their own:
mentions, references and closing keywords (https://docs.github.com/en/get-started/writing-on-github,
https://docs.gitlab.com/user/project/issues/managing_issues/#closing-issues-automatically) and GitLab's quick actions
(https://docs.gitlab.com/user/project/quick_actions/). What would be obeyed is broken with a zero-width joiner, which
nobody sees; in fenced code only quick actions are, because GitLab looks for them without understanding the fence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from driftbot.core.harmless import harmless

JOINER = "\u200d"
"""Zero-width joiner: breaks a word for a program and not for a reader."""

CUT = "\n\n*The text ends here: it has {length:,} characters and the forge takes {longest:,}.*"

# Controls and marks of direction, as `harmless` has them; the line ends and tabs of a text of several lines stay.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_KEYWORD = r"(?<![A-Za-z0-9])(clos|fix|resolv|implement)(?=(?:e[sd]?|s|ed|es|ing)?\b[ \t]*:?[ \t]*(?:issues?[ \t]+)?<?https?://)"
_BROKEN = (
    # Entities are decoded before mentions and references are looked for.
    (re.compile(r"&(?=#|(?!(?:lt|gt|amp|quot|nbsp);)\w+;)"), f"&{JOINER}"),
    # A mention: an account, a group, a team, a role (`@@maintainers`).
    (re.compile(r"(?<![A-Za-z0-9\u200d])(@+)(?=[\w-])"), rf"\1{JOINER}"),
    # A reference: an issue, a merge request, an epic, and `GH-1`. In a URL the same characters are part of it.
    (
        re.compile(r"\b(?P<kept>https?://[\w./%:=&?+,;-]*[A-Za-z0-9/]#[\w./%:=&?+,;-]*)|([#!&])(?=\d)"),
        lambda found: found["kept"] or f"{found[0]}{JOINER}",
    ),
    (re.compile(r"(?<![A-Za-z0-9])(GH)(?=-\d)", re.IGNORECASE), rf"\1{JOINER}"),
    # A keyword that closes what the URL after it names.
    (re.compile(_KEYWORD, re.IGNORECASE), rf"\1{JOINER}"),
    # HTML, comments and autolinks.
    (re.compile(r"<(?=[A-Za-z!/?])"), f"<{JOINER}"),
    # An image: loaded by everybody who opens the page.
    (re.compile(r"!(?=\[)"), f"!{JOINER}"),
    # A fence where `defused` does not see one.
    (re.compile(r"^([ \t>*+\d.)-]*)(?=`{3}|~{3})"), rf"\1{JOINER}"),
)
_QUICK_ACTION = re.compile(r"^([ \t>*+-]*)/(?=[A-Za-z_]+(?:\s|$))", re.MULTILINE)
_FRONT_MATTER = re.compile(r"(?=-{3}|\+{3}|;{3})")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)")
_ADDRESS = re.compile(r"(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|<>~^-])")


def defused(text: str) -> str:
    """Markdown in which nothing has an effect beyond the page; fenced code stays as it is, but for quick actions.

    A fence counts only where nobody can read it otherwise: in the first column, after an empty line or at the start.
    One that is not closed is closed at the end.
    """
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).lstrip("\n")
    text = f"{JOINER}{text}" if _FRONT_MATTER.match(text) else text
    return _QUICK_ACTION.sub(rf"\1{JOINER}/", "\n".join(_defused_lines(text.split("\n"))))


def _defused_lines(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line, open_fence, code in _walked(lines):
        yield line if code else _broken(line)
        fence = open_fence
    if fence:
        yield fence


def _walked(lines: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Each line, the fence that is open after it (or nothing), and whether the line belongs to fenced code."""
    fence, before = "", ""
    for line in lines:
        if fence:
            closed = re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*", line)
            fence = "" if closed else fence
            yield line, fence, True
        else:
            opened = _FENCE.fullmatch(line) if not before.strip() else None
            fence = opened["fence"] if opened else ""
            yield line, fence, bool(opened)
        before = line


def _broken(line: str) -> str:
    for pattern, replacement in _BROKEN:
        line = pattern.sub(replacement, line)
    return line


def plain_line(text: str, longest: int = 255) -> str:
    """One line for a title: no line ends, no controls, nothing that refers or closes; at most ``longest`` long."""
    line = _broken(" ".join(harmless(text, longest=max(len(text), 1)).split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def literal(text: str) -> str:
    """One line of foreign text as Markdown that shows exactly this text; addresses in it are no links."""
    unlinked = _ADDRESS.sub(rf"\g<0>{JOINER}", harmless(text))
    return _PUNCTUATION.sub(r"\\\1", _broken(unlinked))


def code_span(text: str) -> str:
    """One line of foreign text as inline code; the run of backticks around it is longer than any in it."""
    shown = harmless(text) or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{padding}{shown}{padding}{ticks}"


def cell(text: str) -> str:
    """One line of foreign text as inline code in a table."""
    return code_span(text).replace("|", "\\|")


def code_block(text: str, language: str = "") -> str:
    """Foreign text of several lines as fenced code that it cannot leave."""
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"\n{ticks}{re.sub('[^A-Za-z0-9-]', '', language)}\n{text.rstrip()}\n{ticks}\n"


def fitted(text: str, longest: int) -> str:
    """The text in at most ``longest`` characters, cut at the end of a line, which it says; open fences are closed."""
    if len(text) <= longest:
        return text
    told = CUT.format(length=len(text), longest=longest)
    lines = text[: max(0, longest - len(told))].split("\n")
    if len(lines) > 1:
        lines.pop()
    while lines and sum(map(len, lines)) + len(lines) + len(_open_fence(lines)) + len(told) > longest:
        lines.pop()
    fence = _open_fence(lines)
    return "\n".join([*lines, fence] if fence else lines) + told


def _open_fence(lines: Iterable[str]) -> str:
    *_, (_, fence, _) = [("", "", False), *_walked(lines)]
    return fence
