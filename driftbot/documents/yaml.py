"""YAML 1.1 files as documents with positions, several documents a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from driftbot.core.rule import Problem
from driftbot.documents import template
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node
from driftbot.documents.yaml_composer import Composer, Unreadable

_OF_NODES = (yaml.NodeEvent, yaml.CollectionEndEvent)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCUMENT_START = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)


def read_yaml(content: bytes, source: str, locator: str) -> Documents:
    """Read every document of a YAML file with the byte span of every value; never raises for what the file holds.

    A broken document is a problem with its line, and the documents before and after it are kept. Duplicate keys are
    problems and the last one counts, as in most parsers. Aliases and merge keys are resolved to the anchored nodes,
    which keep their own place. Own tags (``!vault``, ``!Ref``) stay on the node. A file that is a template is named
    with its placeholder.
    """
    decoded = decode(content, source, locator, forbidden=_FORBIDDEN)
    nodes: list[Node] = []
    problems: list[Problem] = []
    complete = decoded.problem is None
    start: int | None = 0
    while start is not None:
        reader = _Reader(decoded, start)
        nodes.extend(reader.documents())
        problems.extend(reader.problems)
        complete = complete and reader.broken_at is None
        start = _next_document(decoded.text, start, reader.broken_at)
    if decoded.problem:
        problems.append(decoded.problem)
    return Documents(tuple(nodes), tuple(sorted(problems)), complete)


def _next_document(text: str, start: int, broken_at: int | None) -> int | None:
    if broken_at is None:
        return None
    line = max(text.rfind("\n", 0, broken_at) + 1, start + 1)
    following = _DOCUMENT_START.search(text, line)
    return following.start() if following else None


class _From:
    """The text from one place on, as a stream: going on after each of many broken documents copies nothing."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._at = text, start

    def read(self, size: int = -1, /) -> str:
        """The next ``size`` characters at most."""
        start, self._at = self._at, len(self._text) if size < 0 else min(self._at + size, len(self._text))
        return self._text[start : self._at]


def _events(stream: _From) -> Iterator[yaml.Event]:
    """The events of a stream, as ``yaml.parse`` gives them one by one."""
    loader = _LOADER(stream)
    try:
        yield from iter(loader.get_event, None)
    finally:
        loader.dispose()


class _Reader:
    """Reads documents from one place on until the end or the first document that breaks the parser."""

    def __init__(self, decoded: Decoded, start: int) -> None:
        self._decoded = decoded
        self._start = start
        self._document = start
        self.problems: list[Problem] = []
        self.broken_at: int | None = None

    def documents(self) -> Iterator[Node]:
        """The documents that hold something."""
        try:
            yield from self._composed()
        except Unreadable as error:
            self._break(error.problem, self._index_of(error.problem))
        except yaml.MarkedYAMLError as error:
            self._break(*self._syntax(error))
        except yaml.YAMLError as error:
            self._break(Problem(self._decoded.origin(self._document), str(error).splitlines()[0]), self._document)

    def _composed(self) -> Iterator[Node]:
        composer = Composer(self._decoded, self._start)
        for event in _events(_From(self._decoded.text, self._start)):
            if isinstance(event, _OF_NODES):
                composer.take(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document = composer.begins(event)
                composer = Composer(self._decoded, self._start)
            elif isinstance(event, yaml.DocumentEndEvent):
                self.problems.extend(composer.problems)
                end = composer.ends(event)
                if composer.root and not _is_empty(composer.root) and not self._is_cut(end, event):
                    yield composer.root

    def _is_cut(self, end: int, event: yaml.DocumentEndEvent) -> bool:
        """Whether the document runs into the place where the file stops being text."""
        if self._decoded.problem is None or event.explicit:
            return False
        return not self._decoded.text[end:].strip() and not _DOCUMENT_START.match(self._decoded.text, end)

    def _break(self, problem: Problem, at: int) -> None:
        if self._decoded.problem is None or at < len(self._decoded.text.rstrip()):
            self.problems.append(problem)
        self.broken_at = at

    def _index_of(self, problem: Problem) -> int:
        return self._decoded.index(problem.origin.start)

    def _syntax(self, error: yaml.MarkedYAMLError) -> tuple[Problem, int]:
        text = self._decoded.text
        mark = error.problem_mark or error.context_mark
        at = min(self._start + (mark.index if mark else 0), len(text))
        found = template.placeholder_near(text, self._document, at)
        if found is None and error.context_mark:
            found = template.placeholder_near(text, self._document, self._start + error.context_mark.index)
        if found:
            origin = self._decoded.origin(found.start(), found.end())
            return Problem(origin, f"placeholder {found[0][:80]} is not YAML", template.HINT), at
        if text.startswith("\t", at):
            return Problem(self._decoded.origin(at), "a tab stands where only spaces can indent", "use spaces"), at
        return Problem(self._decoded.origin(at), self._sentence(error)), at

    def _sentence(self, error: yaml.MarkedYAMLError) -> str:
        message = error.problem or "not YAML"
        mark = error.context_mark
        if not error.context or error.context.endswith("the next token"):
            return message
        line = self._decoded.origin(self._start + mark.index).line if mark else 0
        return f"{message} {error.context}" + (f" that begins on line {line}" if line else "")


def _is_empty(node: Node) -> bool:
    return node.is_null and node.start == node.end
