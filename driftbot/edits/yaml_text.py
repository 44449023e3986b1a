"""A scalar's text as YAML has it, in the style that stands there, else in one that can hold it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from driftbot.documents.node import Node
from driftbot.documents.yaml_scalar import resolve

_BLOCK = re.compile(
    r"(?P<style>[|>])(?P<before>[1-9]?)(?P<chomp>[+-]?)(?P<after>[1-9]?)(?P<rest>[^\r\n]*)(?P<end>\r\n|\r|\n|\Z)"
)
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NUMERIC = re.compile(
    r"[-+]?(?:0[xob][\da-fA-F_]+|\.?\d[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?\d+)?|\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|\.(?:inf|nan))"
    r"|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?",
    re.IGNORECASE,
)
_SAFE = re.compile(r"[\w./$](?:[\w ./@$+=()-]*[\w./@$+=()-])?", re.ASCII)
_ODD_LINE = re.compile(r"^\s|\s$|[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff]")
_INDICATORS = frozenset({"=", "<<"})
"""Texts that YAML 1.1 gives a meaning of their own, which no value has."""

_WORDS = _INDICATORS | frozenset({"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def spellings(node: Node, text: str) -> Iterator[str]:
    """What could stand in the scalar's bytes so that it reads ``text``, the likeliest first; each is to be proved."""
    raw = node.raw
    if raw.startswith(("|", ">")) and (header := _BLOCK.match(raw)):
        yield from _blocks(node, header, text)
    elif raw.startswith("'"):
        yield from _quoted(text, "'")
    elif raw.startswith('"'):
        yield from _quoted(text, '"')
    elif not raw:
        # Behind a colon or a dash; a key of a flow mapping may have no colon.
        yield from (f"{before}{written}" for written in _plain(node, text) for before in (" ", "", ": "))
    else:
        yield from _plain(node, text)


def plain_or_quoted(text: str, quote: str) -> str:
    """A text in one line that every version of YAML reads as this text, in block and in flow."""
    if _SAFE.fullmatch(text) and not is_ambiguous(text):
        return text
    return next(_quoted(text, quote))


def is_literal(text: str) -> bool:
    """Whether a block of lines holds the text: several lines, none of them odd."""
    lines = text.removesuffix("\n").split("\n")
    return len(lines) > 1 and bool(lines[0]) and not any(_ODD_LINE.search(line) for line in lines) and lines[-1] != ""


def is_ambiguous(text: str) -> bool:
    """Whether some version of YAML reads a plain scalar of this text as something else than text."""
    return text.lower() in _WORDS or _NUMERIC.fullmatch(text) is not None or not isinstance(resolve(text), str)


def _plain(node: Node, text: str) -> Iterator[str]:
    # A text that no parser took for a number must not become one for some of them.
    becomes_number = isinstance(node.value, str) and is_ambiguous(text) and not is_ambiguous(node.text)
    if text and text not in _INDICATORS and not becomes_number and not _UNPRINTABLE.search(text):
        yield text
    yield from _quoted(text, "'" if '"' in text or "\\" in text else '"')


def _quoted(text: str, quote: str) -> Iterator[str]:
    if quote == "'" and not _UNPRINTABLE.search(text):
        yield "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False)
    yield _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _blocks(node: Node, header: re.Match[str], text: str) -> Iterator[str]:
    """The text as lines of the block with its indentation and end; in double quotes where no block can hold it."""
    raw, end = node.raw, header["end"] or "\n"
    last = end if raw.endswith(("\n", "\r")) else ""
    fitting = "" if text.endswith("\n") else "-"
    for chomp in dict.fromkeys([header["chomp"], fitting]):
        head = f"{header['style']}{header['before']}{chomp}{header['after']}{header['rest']}"
        lines = text.removesuffix("\n").split("\n")
        for written in _line_breaks(header["style"], lines):
            indented = [f"{_indentation(node, header)}{line}" if line else "" for line in written]
            yield end.join([head, *indented]) + last
    for quoted in _quoted(text, '"'):
        yield f"{quoted}{header['rest']}{last}"


def _line_breaks(style: str, lines: list[str]) -> Iterator[list[str]]:
    """The lines as a block holds them: a folded one makes a space of a single line break, and one of two."""
    if style == ">" and len(lines) > 1:
        yield [part for line in lines for part in (line, "")][:-1]
    yield lines


def _indentation(node: Node, header: re.Match[str]) -> str:
    """What stands before every line of the block."""
    first = next((line for line in node.raw[header.end() :].splitlines() if line.strip()), "")
    text = next((line for line in node.text.split("\n") if line.strip()), "")
    written, meant = (len(line) - len(line.lstrip(" ")) for line in (first, text))
    return " " * (written - meant) if first else " " * _key_column(node)


def _key_column(node: Node) -> int:
    before = node.content.data[: node.start].rpartition(b"\n")[2].decode("utf-8", "replace")
    indentation = len(before) - len(before.lstrip(" -"))
    return indentation + 2
