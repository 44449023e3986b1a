"""Where a subject is declared: the document, in a file, that most of what is known about it was read from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from driftbot.core.fact import Fact, Provenance, View
from driftbot.core.subject import SubjectId
from driftbot.documents.format import Format, format_of
from driftbot.documents.node import Node, Shape
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import Location, SettingFile


@dataclass(frozen=True, slots=True)
class Declaration:
    """A document of a file; of a ``List`` of Kubernetes objects the one item."""

    file: SettingFile
    location: Location
    node: Node


def declared_in(facts: Iterable[Fact], subject: SubjectId) -> tuple[str, ...]:
    """The files that state something of the subject itself, sorted: those to read before its document is asked for."""
    return tuple(sorted({fact.origin.locator for fact in _own(facts, subject)}))


def declaration(facts: Iterable[Fact], subject: SubjectId, files: Mapping[str, SettingFile]) -> Declaration:
    """The document that declares the subject: more than half of what is stated of it stands there.

    What other objects say about a subject (an autoscaler about its workload) is fewer facts, and what is inherited from
    elsewhere does not count.

    Raises:
        Refused: no file declares it, or no document more than the others.
    """
    own = _own(facts, subject)
    if not own:
        raise Refused(f"no file that driftbot reads declares {subject}", Refusal.NOT_THERE)
    votes = Counter(place for fact in own if (place := _place(fact, files)) is not None)
    if not votes:
        raise Refused(f"{own[0].origin}: the file has changed since the scan; scan again", Refusal.MOVED)
    (path, location), count = votes.most_common(1)[0]
    if 2 * count <= len(own):
        places = ", ".join(sorted({str(fact.origin) for fact in own})[:5])
        raise Refused(f"{subject} is declared in several places: {places}", Refusal.SEVERAL)
    node = files[path].node(location)
    assert node is not None
    return Declaration(files[path], location, node)


def setting_file(path: str, content: bytes, kind: str = "") -> SettingFile:
    """A file as the collectors read it: rule files are YAML whatever else their suffix says."""
    rules = kind in {"alert", "condition"} and format_of(path) is not Format.JSON
    return SettingFile(path, content, Format.YAML if rules else None)


def _own(facts: Iterable[Fact], subject: SubjectId) -> list[Fact]:
    unsaid = (Provenance.INHERITED, Provenance.DERIVED)
    return [
        fact
        for fact in facts
        if fact.view is View.DECLARED
        and fact.subject.id == subject
        and fact.provenance not in unsaid
        and fact.origin.locator
        and "://" not in fact.origin.locator
        and fact.origin.end
    ]


def _place(fact: Fact, files: Mapping[str, SettingFile]) -> tuple[str, Location] | None:
    """The file and the document that a fact stands in."""
    file = files.get(fact.origin.locator)
    if file is None or not file.documents.complete:
        return None
    for number, node in enumerate(file.documents.nodes):
        if _holds(node, fact):
            items = node.get("items") if node.get("kind") is not None else None
            if items is None or items.shape is not Shape.SEQUENCE:
                return file.path, (number,)
            item = next((index for index, one in enumerate(items.items) if _holds(one, fact)), None)
            return (file.path, (number,)) if item is None else (file.path, (number, "items", item))
    return None


def _holds(node: Node, fact: Fact) -> bool:
    return node.start <= fact.origin.start and fact.origin.end <= node.end
