"""How a YAML file is laid out, and values written so: steps of indentation, where dashes stand, which quotes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from driftbot.documents.node import Node, Plain, Scalar, Shape
from driftbot.documents.yaml_scalar import resolve
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.yaml_text import is_literal, plain_or_quoted

_MOST_NODES = 2_000
"""Values that are looked at: a file's manner shows in its beginning."""

_KEPT = 16
"""Files whose layout is remembered while their edits are made."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Spaces a level is indented by, spaces before a list's dashes below its key, and the quotes of texts."""

    step: int = 2
    dash: int = 2
    quote: str = '"'

    def lines(self, value: Plain, indentation: int) -> list[str]:
        """The value in block style, a line each, indented by so many spaces."""
        if isinstance(value, dict) and value:
            return [line for key, below in value.items() for line in self._entry(key, below, indentation)]
        if isinstance(value, list) and value:
            return [line for item in value for line in self._item(item, indentation)]
        return [" " * indentation + self.flow(value)]

    def flow(self, value: Plain) -> str:
        """The value in flow style, in one line."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self._text(key)}: {self.flow(below)}" for key, below in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        return self._text(value) if isinstance(value, str) else _word(value)

    def _text(self, text: str) -> str:
        return plain_or_quoted(text, self.quote)

    def _entry(self, key: str, value: Plain, indentation: int) -> Iterator[str]:
        head = f"{' ' * indentation}{self._text(key)}:"
        if isinstance(value, dict | list) and value:
            yield head
            yield from self.lines(value, indentation + (self.step if isinstance(value, dict) else self.dash))
        elif isinstance(value, str) and is_literal(value):
            yield f"{head} {'|' if value.endswith(chr(10)) else '|-'}"
            written = value.removesuffix("\n").split("\n")
            yield from (f"{' ' * (indentation + self.step)}{line}" if line else "" for line in written)
        else:
            yield f"{head} {self.flow(value)}"

    def _item(self, value: Plain, indentation: int) -> Iterator[str]:
        first, *others = self.lines(value, indentation + 2)
        yield f"{' ' * indentation}- {first[indentation + 2 :]}"
        yield from others


@lru_cache(maxsize=_KEPT)
def layout_of(file: SettingFile) -> Layout:
    """The layout that most of the file has."""
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    for _, node in islice(file.nodes, _MOST_NODES):
        if node.shape is Shape.SCALAR:
            quotes[file.readable[node.start : node.start + 1].decode("latin-1")] += 1
        elif node.shape is Shape.MAPPING and is_block(file, node):
            for key, value in node.entries:
                if value.children and value.start > key.end and is_block(file, value):
                    (steps if value.shape is Shape.MAPPING else dashes)[value.column - key.column] += 1
    quote = "'" if quotes["'"] > quotes['"'] else '"'
    return Layout(_commonest(steps, 2, least=1), _commonest(dashes, 2, least=0), quote)


def is_block(file: SettingFile, node: Node) -> bool:
    """Whether a collection is written without brackets."""
    return file.readable[node.start : node.start + 1] not in (b"{", b"[")


def _commonest(found: Counter[int], default: int, least: int) -> int:
    likely = [width for width, _ in found.most_common() if width >= least]
    return likely[0] if likely else default


def _word(value: Scalar) -> str:
    if isinstance(value, float):
        return next((text for text in (repr(value), f"{value:f}") if resolve(text) == value), repr(value))
    return json.dumps(value)
