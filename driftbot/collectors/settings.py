"""Settings: values out of any YAML, JSON, TOML, INI or properties file, by a few lines of ``driftbot.yaml``.

Example
    ::

        - name: clients
          kind: settings
          environment: production
          path: config
          extract:
            - files: ["*/clients.yaml"]
              each: $.clients[*]                # one subject a client; the whole document unless said
              subject: call
              name: "{file.parent}->{$.name}"
              labels: {from: "{file.parent}", to: "{$.name}"}
              values:
                - {key: timeout.request, at: $.timeout, unit: seconds, bare: ms, zero: unlimited}
                - {key: retries.max, at: $.retries, unit: count, default: "3"}

Nothing is dropped in silence: a file that cannot be read and a value that is none are gaps with their line, and a
pattern or path that matched nothing anywhere is a gap, too, because a misspelt one looks the same as an absent value.
A path with a ``default`` may match nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from pathspec import GitIgnoreSpec
from pydantic import Field, model_validator

from driftbot.collectors.collector import Body, Collector, Context, Options, placed
from driftbot.collectors.extraction import Extraction, ValueEntry, Zero
from driftbot.collectors.naming_template import Unnamed, check_template, filled
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance, Value
from driftbot.core.key import Key, ValueType
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.documents import Documents
from driftbot.documents.format import format_of, read_documents
from driftbot.documents.node import Node, Shape
from driftbot.documents.path import Found, Path

KIND = "settings"


class SettingsOptions(Options):
    """Where the files are, and what in them is worth knowing."""

    path: str = Field(description="the folder (or file), relative to driftbot.yaml")
    exclude: tuple[str, ...] = Field((), description="patterns of files and folders to leave out, as in .gitignore")
    extract: tuple[Extraction, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _templates_are_sound(self) -> Self:
        for extraction in self.extract:
            for template in (extraction.name, *extraction.labels.values()):
                check_template(template)
        return self


@dataclass(slots=True)
class _Query:
    """One extraction under way; ``matched`` counts the nodes that each key's path led to.

    ``gaps`` leave every key in doubt, ``doubts`` one.
    """

    extraction: Extraction
    context: Context
    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    doubts: dict[str, list[Gap]] = field(default_factory=dict)
    matched: dict[str, int] = field(default_factory=dict)
    files: int = 0
    read: int = 0
    subjects: int = 0

    def takes(self, locator: str) -> bool:
        """Whether the file is one of the extraction's."""
        return bool(GitIgnoreSpec.from_lines(self.extraction.files).match_file(locator))

    def take(self, body: Body) -> None:
        """Read one file."""
        self.files += 1
        source = self.context.source
        format_ = self.extraction.format or format_of(body.locator)
        if body.problem or format_ is None:
            reason = body.problem or "the suffix says no format; name it with `format`"
            self.gaps.append(Gap(Origin(source, body.locator), reason))
            return
        self.read += 1
        documents = read_documents(body.content, source, body.locator, format_)
        self._doubt(documents)
        each = Path(self.extraction.each)
        for document in documents.nodes:
            for found in each.find(document):
                self._state(found, body.locator)

    def _doubt(self, documents: Documents) -> None:
        for problem in documents.problems:
            reason = problem.message + (f" ({problem.hint})" if problem.hint else "")
            self.gaps.append(Gap(problem.origin, reason))

    def _state(self, found: Found, locator: str) -> None:
        self.subjects += 1
        try:
            subject = self._subject(found, locator)
        except Unnamed as error:
            self.gaps.append(Gap(found.node.origin, f"a {self.extraction.subject} without a name: {error}"))
            return
        for entry in self.extraction.values:
            nodes = [below.node for below in Path(entry.at).find(found.node)]
            self.matched[entry.key] = self.matched.get(entry.key, 0) + len(nodes)
            self.facts += self._facts(subject, entry, nodes, found.node)

    def _subject(self, found: Found, locator: str) -> Subject:
        labels = {name: filled(template, found, locator) for name, template in self.extraction.labels.items()}
        name = filled(self.extraction.name, found, locator)
        return Subject(self.extraction.subject, self.context.environment, name, labels_of(labels))

    def _facts(self, subject: Subject, entry: ValueEntry, nodes: list[Node], holder: Node) -> Iterator[Fact]:
        written = [node for node in nodes if not node.is_null]
        if not written and entry.default is not None:
            at = holder.origin
            place = Origin(at.source, at.locator, at.line, at.column, at.start, at.start)
            yield Fact(subject, entry.key, entry.read(entry.default), provenance=Provenance.DEFAULT, origin=place)
        elif entry.type is ValueType.NAMES and len(written) > 1:
            names = tuple(sorted({node.text for node in written}))
            yield Fact(subject, entry.key, names, origin=written[0].origin)
        else:
            for node in written:
                yield from self._fact(subject, entry, node)

    def _fact(self, subject: Subject, entry: ValueEntry, node: Node) -> Iterator[Fact]:
        try:
            value = _read(entry, node)
        except ValueError as error:
            gap = Gap(node.origin, f"{subject.kind} {subject.name}: {entry.key}: {error}")
            self.doubts.setdefault(entry.key, []).append(gap)
            return
        if not entry.is_zero(value):
            yield Fact(subject, entry.key, value, origin=node.origin)
        elif entry.zero is Zero.DEFAULT and entry.default is not None:
            default = entry.read(entry.default)
            yield Fact(subject, entry.key, default, provenance=Provenance.DEFAULT, origin=node.origin)

    def coverage(self, path: str) -> Iterator[Coverage]:
        """What was looked at, a key: a dead query leaves only its own key in doubt."""
        for entry in self.extraction.values:
            gaps = [*(self.gaps or self._dead(path, entry)), *self.doubts.get(entry.key, ())]
            yield Coverage(
                self.context.source,
                self.context.environment,
                self.extraction.subject,
                frozenset({entry.key}),
                tuple(dict.fromkeys(gaps)),
                failed=self.files > self.read == 0,
            )

    def _dead(self, path: str, entry: ValueEntry) -> Iterator[Gap]:
        files = ", ".join(self.extraction.files)
        if not self.files:
            reason = f"a dead query: no file below {path} matches {files}"
        elif not self.subjects:
            reason = f"a dead query: {self.extraction.each} leads to nothing in {self.files} files ({files})"
        elif not self.matched.get(entry.key) and entry.default is None:
            reason = f"a dead query: {entry.at} leads to nothing in {self.subjects} subjects ({files})"
        else:
            return
        yield Gap(Origin(self.context.source, path, query=f"{entry.key}={entry.at}"), reason)


def _read(entry: ValueEntry, node: Node) -> Value:
    if entry.type is ValueType.NAMES and node.shape is Shape.SEQUENCE:
        return tuple(sorted({item.text for item in node.items}))
    if entry.type is ValueType.NAMES and node.shape is Shape.MAPPING:
        return tuple(sorted(node.members))
    if node.shape is not Shape.SCALAR:
        raise ValueError(f"a {node.shape} stands where a {entry.type} is expected")
    number = entry.type is ValueType.QUANTITY and isinstance(node.value, int | float) and type(node.value) is not bool
    # What the format makes of 010, 0x1F or 1_000 is the number that its reader gets.
    return entry.read(str(node.value) if number else node.text)


def read(options: SettingsOptions, context: Context) -> Reading:
    """Read the files once: the facts of every extraction, and for each of its keys whether everything was seen."""
    queries = [_Query(extraction, context) for extraction in options.extract]
    patterns = sorted({pattern for extraction in options.extract for pattern in extraction.files})
    for body in context.tape.files(context.source, options.path, patterns, options.exclude):
        takers = [query for query in queries if query.takes(body.locator)]
        # The root itself, or a folder, that cannot be listed may hold files of every extraction.
        for query in takers or (queries if body.problem else []):
            query.take(placed(body, options.path))
    facts = sorted(
        (fact for query in queries for fact in query.facts), key=lambda fact: (fact.subject, fact.key, fact.origin)
    )
    coverage = tuple(entry for query in queries for entry in query.coverage(options.path))
    return Reading(facts=tuple(facts), coverage=coverage)


def keys(options: SettingsOptions | None = None) -> tuple[Key, ...]:
    """The keys that the options declare; none without options."""
    extractions = options.extract if options else ()
    return tuple(sorted({entry.declared(one.subject, KIND) for one in extractions for entry in one.values}))


collector = Collector(kind=KIND, options=SettingsOptions, keys=keys, read=read)
