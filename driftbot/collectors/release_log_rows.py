"""The rows of a release log, whatever its format: JSON lines, CSV or YAML, each with its line."""

from __future__ import annotations

import csv
import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from typing import Any

from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml

_ITEM = re.compile(r"^(?:- |-$|---)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its fields by name, and where it stands."""

    fields: Mapping[str, Any]
    origin: Origin


@dataclass(slots=True)
class Rows:
    """What a file was read as: its rows in order, and what could not be read.

    ``open_line`` is where the last entry begins, if it has no end of line: it may still be being written. 0 if not.
    """

    rows: list[Row] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    open_line: int = 0


def read_rows(content: bytes, source: str, locator: str) -> Rows:
    """Read a log by its suffix: ``.csv`` and ``.tsv`` with a line of names, ``.yaml``, and else JSON, one value a line.

    All errors are gaps with their lines.
    """
    decoded = decode(content, source, locator)
    found = Rows()
    if decoded.text and not decoded.text.endswith("\n"):
        found.open_line = decoded.text.count("\n") + 1
    read = _BY_SUFFIX.get(posixpath.splitext(locator)[1].lower(), _read_json)
    read(decoded, found)
    if decoded.problem is not None:
        found.gaps.append(Gap(decoded.problem.origin, decoded.problem.message))
    return found


def _read_json(decoded: Decoded, found: Rows) -> None:
    """A value a line; a file that is one list is read as YAML, of which JSON is a part."""
    if decoded.text.lstrip().startswith("["):
        _read_yaml(decoded, found)
        return
    for number, line in enumerate(decoded.text.split("\n"), 1):
        if not line.strip():
            continue
        origin = _at(decoded, number)
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            found.gaps.append(Gap(origin, f"the line is no JSON: {error}"))
        else:
            _add(value, origin, found)


def _read_csv(delimiter: str) -> Callable[[Decoded, Rows], None]:
    def read(decoded: Decoded, found: Rows) -> None:
        names: list[str] = []
        for line, values in _csv_rows(decoded.text, delimiter):
            origin = _at(decoded, line)
            if isinstance(values, csv.Error):
                found.gaps.append(Gap(origin, f"the line is no CSV: {values}"))
            elif not any(value.strip() for value in values):
                continue
            elif not names:
                names = [value.strip() for value in values]
            elif len(values) == len(names):
                found.rows.append(Row(dict(zip(names, values, strict=True)), origin))
            else:
                told = f"the line has {len(values)} fields, the line of names {len(names)}"
                found.gaps.append(Gap(origin, told))

    return read


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Each row with its first line; after an error on with the next line, as a quote left open would end the file."""
    lines = list(StringIO(text, newline=""))
    first = 0
    while first < len(lines):
        reader = csv.reader(islice(lines, first, None), delimiter=delimiter, strict=True)
        start = first
        try:
            for values in reader:
                yield start + 1, values
                start = first + reader.line_num
            return
        except csv.Error as error:
            yield start + 1, error
            first = start + 1


def _read_yaml(decoded: Decoded, found: Rows) -> None:
    """A list, or a document an entry."""
    items = [match.start() for match in _ITEM.finditer(decoded.text)]
    if found.open_line and items:
        found.open_line = decoded.text.count("\n", 0, items[-1]) + 1
    documents = _parsed(decoded, decoded.text)
    if found.open_line and items and not documents.complete:
        whole = _parsed(decoded, decoded.text[: items[-1]])
        if whole.complete:
            documents = whole
            found.gaps.append(Gap(_at(decoded, found.open_line), "the entry is no whole YAML"))
    found.gaps += [Gap(problem.origin, problem.message) for problem in documents.problems]
    for node in documents.nodes:
        for item in node.items if node.shape is Shape.SEQUENCE else (node,):
            _add(_plain(item), _at(decoded, item.line), found)


def _parsed(decoded: Decoded, text: str) -> Documents:
    return read_yaml(text.encode(), decoded.content.source, decoded.content.locator)


def _plain(node: Node) -> Any:
    """The entry with its scalars as they are written, but for numbers: ``version: 1.10`` is not 1.1."""
    if node.shape is not Shape.MAPPING:
        return node.plain()
    return {name: entry.value.text for name, entry in node.members.items() if entry.value.shape is Shape.SCALAR}


def _add(value: Any, origin: Origin, found: Rows) -> None:
    if isinstance(value, dict):
        found.rows.append(Row(value, origin))
    else:
        found.gaps.append(Gap(origin, f"the entry is a {type(value).__name__}, not a mapping of names to values"))


def _at(decoded: Decoded, line: int) -> Origin:
    return Origin(decoded.content.source, decoded.content.locator, line)


_BY_SUFFIX: Mapping[str, Callable[[Decoded, Rows], None]] = {
    ".csv": _read_csv(","),
    ".tsv": _read_csv("\t"),
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}
