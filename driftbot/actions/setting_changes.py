"""From what a step's settings ask to the changes of files: which place, which bytes, which value. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from driftbot.actions.action import Occasion
from driftbot.actions.declaration import Declaration, declaration, declared_in
from driftbot.actions.edit_settings import EditSettings, Insertion, NewFile, SettingEdit
from driftbot.actions.file_change import FileChange, made_file, replaced_text
from driftbot.actions.file_intent import FileIntent, intended
from driftbot.actions.inserted_change import added_document, inserted_value, object_name
from driftbot.core.fact import Fact, Provenance, Value, View, provenance_told, show
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.remedy import ValueChange
from driftbot.documents.node import Plain
from driftbot.documents.path import Path
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.insertion import new_file
from driftbot.edits.recommended import edit_fact
from driftbot.edits.rounding import Rounding
from driftbot.edits.setting import can_edit
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.spelling import spell

_PLAIN_NAMES = re.compile(r"\$((?:\.[A-Za-z_][\w-]*)*)")
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class FileChanges:
    """The changes of one file, their diff, and which values they give which keys."""

    intent: FileIntent
    diff: str
    values: tuple[ValueChange, ...]


def files_needed(settings: EditSettings, occasion: Occasion) -> tuple[str, ...]:
    """The files that have to be read before changes can be proposed, by path, sorted."""
    found, subject = set[str](), occasion.finding.subject.id
    for change in settings.changes():
        if change.new_file is not None:
            found.add(change.new_file.path)
        elif change.key is not None:
            found |= {fact.origin.locator for fact in _stated(change.key, occasion) if fact.origin.locator}
            found |= set(declared_in(occasion.facts, subject)) if change.where_missing is not None else set()
        else:
            found |= set(declared_in(occasion.facts, subject))
    return tuple(sorted(found))


def changes_of(
    settings: EditSettings, occasion: Occasion, contents: Mapping[str, SettingFile | None]
) -> tuple[FileChanges, ...]:
    """What becomes of each file, sorted by path. ``contents`` are the files needed, None where there is none.

    Raises:
        Refused: one of the changes is not possible, with the reason; then none is made.
    """
    asked = _Asked(occasion, contents)
    for change in settings.changes():
        asked.take(change)
    return tuple(asked.told(path) for path in sorted(asked.changes))


@dataclass(slots=True)
class _Asked:
    """The changes that were asked for so far, by the path of their file."""

    occasion: Occasion
    contents: Mapping[str, SettingFile | None]
    changes: dict[str, list[tuple[FileChange, Edit]]] = field(default_factory=dict)
    values: dict[str, list[ValueChange]] = field(default_factory=dict)

    def take(self, asked: SettingEdit) -> None:
        if asked.key is not None and asked.to is not None:
            self._set(asked.key, asked.to, asked)
        elif asked.insert is not None:
            self._insert(asked.insert, _place_told(asked.insert))
        elif asked.append_document is not None:
            self._append(asked.append_document)
        elif asked.new_file is not None:
            self._make(asked.new_file)

    def told(self, path: str) -> FileChanges:
        file = self.contents.get(path) or SettingFile(path, b"")
        intent, diff = intended(file, self.changes[path])
        return FileChanges(intent, diff, tuple(self.values[path]))

    def _set(self, key: str, to: str, asked: SettingEdit) -> None:
        stated = _stated(key, self.occasion)
        written = [fact for fact in stated if fact.provenance is Provenance.EXPLICIT]
        if not written and asked.where_missing is not None:
            self._insert(asked.where_missing, key, next(iter(stated), None))
            return
        fact = _only(key, written or stated, self.occasion)
        value = _value(to, fact)
        file = _file(self.contents, fact.origin.locator)
        beside = {one.key: one.value for one in self.occasion.facts if one.origin == fact.origin}
        edit = edit_fact(fact, value, file, beside, asked.rounding)
        value = _as_written(fact, value, file, asked.rounding)
        change = ValueChange(
            fact.subject.id, key, show(fact.value), show(value), was=_number(fact.value), becomes=_number(value)
        )
        self._add(file, replaced_text(file, edit), edit, change)

    def _insert(self, asked: Insertion, key: str, counts: Fact | None = None) -> None:
        """Insert a value; ``counts`` is what counts for the key while nobody writes it."""
        declared = self._declaration()
        value, number = _plain_value(asked)
        location, name, wrapped = _parent(declared, asked, value)
        change, edit = inserted_value(declared.file, location, name, wrapped)
        told = value if number is None else str(number)
        self._add(declared.file, change, edit, self._new_value(key, told, number, counts))

    def _append(self, document: Plain) -> None:
        file = self._declaration().file
        change, edit = added_document(file, document)
        self._add(file, change, edit, self._new_value(object_name(document) or "document", document))

    def _make(self, asked: NewFile) -> None:
        if self.contents.get(asked.path) is not None:
            raise Refused(f"{asked.path}: there is such a file already", Refusal.ALREADY)
        edit = new_file(asked.path, asked.document, asked.format)
        file = SettingFile(asked.path, b"", asked.format)
        self._add(file, made_file(edit), edit, self._new_value(asked.path, asked.document))

    def _add(self, file: SettingFile, change: FileChange, edit: Edit, value: ValueChange) -> None:
        self.changes.setdefault(file.path, []).append((change, edit))
        self.values.setdefault(file.path, []).append(value)

    def _declaration(self) -> Declaration:
        files = {path: file for path, file in self.contents.items() if file is not None}
        return declaration(self.occasion.facts, self.occasion.finding.subject.id, files)

    def _new_value(
        self, key: str, value: Plain, number: Quantity | None = None, counts: Fact | None = None
    ) -> ValueChange:
        after = value if isinstance(value, str) else _compact(value)
        becomes = number.value if number else None
        before = "" if counts is None else f"{show(counts.value)} ({provenance_told(counts.provenance)})"
        alike = counts is not None and number is not None and _unit(counts.value) is number.unit
        was = _number(counts.value) if counts is not None and alike else None
        return ValueChange(self.occasion.finding.subject.id, key, before, after, was=was, becomes=becomes)


def _stated(key: str, occasion: Occasion) -> list[Fact]:
    """The facts of the key about the finding's subject that a file states, or makes count for it."""
    return [
        fact
        for fact in occasion.facts
        if fact.key == key and fact.view is View.DECLARED and fact.subject.id == occasion.finding.subject.id
    ]


def _only(key: str, stated: Iterable[Fact], occasion: Occasion) -> Fact:
    places = {(fact.origin.locator, fact.origin.start): fact for fact in stated}
    if not places:
        raise Refused(f"no file that driftbot reads states {key} of {occasion.finding.subject}", Refusal.UNWRITTEN)
    if len(places) > 1:
        told = ", ".join(sorted(str(fact.origin) for fact in places.values()))
        raise Refused(f"{key} stands in several places: {told}", Refusal.SEVERAL)
    return next(iter(places.values()))


def _file(contents: Mapping[str, SettingFile | None], path: str) -> SettingFile:
    file = contents.get(path)
    if file is None:
        raise Refused(f"{path}: the file is gone since the scan; scan again", Refusal.MOVED)
    return file


def _value(text: str, fact: Fact) -> Value:
    """The text as a value of the fact's kind.

    Raises:
        Refused: it is none.
    """
    match fact.value:
        case bool():
            if text.lower() not in _FLAGS:
                raise Refused(f"{fact.key}: {text!r} is neither true nor false", Refusal.NO_VALUE)
            return _FLAGS[text.lower()]
        case Quantity(unit=unit):
            try:
                return parse_quantity(text, unit)
            except NotAQuantity as error:
                raise Refused(f"{fact.key}: {error}", Refusal.NO_VALUE) from None
        case str():
            return text
        case _:
            raise Refused(f"{fact.key} is no single value", Refusal.NOT_EDITED)


def _as_written(fact: Fact, value: Value, file: SettingFile, rounding: Rounding) -> Value:
    """The value as the author's notation holds it."""
    node = file.span(fact.origin.start, fact.origin.end)
    numbers = isinstance(value, Quantity) and isinstance(fact.value, Quantity)
    if node is None or not numbers or can_edit(fact.subject.kind, fact.key):
        return value
    assert isinstance(value, Quantity) and isinstance(fact.value, Quantity)
    return spell(value, node.text, fact.value, rounding).value


def _unit(value: Value | None) -> Unit | None:
    return value.unit if isinstance(value, Quantity) else None


def _number(value: Value) -> float | None:
    return value.value if isinstance(value, Quantity) else None


def _plain_value(asked: Insertion) -> tuple[Plain, Quantity | None]:
    """The value that is inserted, and the quantity that it is asked to be written as a number of."""
    if asked.number_of is None:
        value: Plain = asked.value
        return value, None
    try:
        quantity = parse_quantity(asked.value, asked.number_of)
    except (NotAQuantity, AttributeError) as error:
        raise Refused(f"{asked.key}: {error}", Refusal.NO_VALUE) from None
    number = quantity.value
    return (int(number) if number.is_integer() else number), quantity


def _parent(declared: Declaration, asked: Insertion, value: Plain) -> tuple[Location, str | None, Plain]:
    """Where the value goes: the place that the path leads to, or the nearest above it with what is missing around it.

    Raises:
        Refused: the path leads to several places, or to none and says more than names.
    """
    path, missing = asked.path, list[str]()
    found = list(Path(path).find(declared.node))
    while not found and (shorter := _split(path)) is not None:
        path, name = shorter
        missing.insert(0, name)
        found = list(Path(path).find(declared.node))
    if len(found) != 1:
        leads = f"leads to {len(found)} places" if found else "leads nowhere"
        raise Refused(f"{_at(declared)}: {asked.path} {leads}", Refusal.SEVERAL if found else Refusal.NOT_THERE)
    location = (*declared.location, *found[0].location)
    if not missing:
        return location, asked.key, value
    inner: Plain = [value] if asked.key is None else {asked.key: value}
    for name in reversed(missing[1:]):
        inner = {name: inner}
    return location, missing[0], inner


def _split(path: str) -> tuple[str, str] | None:
    """A path without the plain name at its end, and that name."""
    match = re.fullmatch(r"(\$.*)\.([A-Za-z_][\w-]*)", path, re.DOTALL)
    return (match[1], match[2]) if match else None


def _at(declared: Declaration) -> str:
    return f"{declared.file.path}:{declared.node.line}"


def _place_told(asked: Insertion) -> str:
    return f"{asked.path}.{asked.key}" if asked.key else asked.path


def _compact(value: Plain) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
