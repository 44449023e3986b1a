"""Reading playbook files: YAML → checked documents, with every problem of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import BaseModel, ValidationError

from driftbot.core.body import Body
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem
from driftbot.documents.node import Shape
from driftbot.documents.validation import problems_of
from driftbot.documents.yaml import read_yaml
from driftbot.playbooks.contradictions import contradictions, contradictions_of_sketch
from driftbot.playbooks.document import PlaybookDocument

SOURCE = "playbooks"
"""The source named in the origins of playbooks and of their problems."""


@dataclass(frozen=True, slots=True)
class PlaybookShelf:
    """All playbooks that can be used, sorted by id, and the problems of all files, sorted by place."""

    playbooks: tuple[PlaybookDocument, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_playbooks(bodies: Iterable[Body], actions: Mapping[str, type[BaseModel]] | None = None) -> PlaybookShelf:
    """Read playbook files; one with a problem is left out, the others are kept.

    ``actions`` are the settings of every action by its name; without them steps are not held against actions.
    """
    found: dict[str, PlaybookDocument] = {}
    problems: list[Problem] = []
    for body in sorted(bodies, key=lambda body: body.locator):
        playbook, wrong = _read(body, actions)
        problems += wrong
        if playbook is None:
            continue
        if playbook.id in found:
            problems.append(Problem(Origin(SOURCE, body.locator), f"a playbook {playbook.id!r} stands elsewhere, too"))
        else:
            found[playbook.id] = playbook
    return PlaybookShelf(tuple(found[name] for name in sorted(found)), tuple(sorted(problems)))


def _read(body: Body, actions: Mapping[str, type[BaseModel]] | None) -> tuple[PlaybookDocument | None, list[Problem]]:
    origin = Origin(SOURCE, body.locator)
    if body.problem:
        return None, [Problem(origin, body.problem)]
    documents = read_yaml(body.content, SOURCE, body.locator)
    if len(documents.nodes) != 1 or documents.problems:
        count = len(documents.nodes)
        return None, list(documents.problems) or [Problem(origin, f"a playbook file has one document, not {count}")]
    node = documents.nodes[0]
    if node.shape is not Shape.MAPPING:
        return None, [Problem(node.origin, f"a playbook file is a mapping of fields, not a {node.shape}")]
    try:
        playbook = PlaybookDocument.model_validate(node.plain())
    except ValidationError as error:
        wrong = [*problems_of(error, node, PlaybookDocument), *contradictions_of_sketch(node, actions)]
        return None, sorted(set(wrong))
    wrong = list(contradictions(playbook, node, PurePosixPath(body.locator).stem, actions))
    return (None if wrong else playbook), wrong
