"""Reading playbook files: YAML → checked documents, with every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import ValidationError

from driftbot.core.body import Body
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem
from driftbot.documents.node import Node
from driftbot.documents.validation import nearest, problems_of
from driftbot.documents.yaml import read_yaml
from driftbot.playbooks.document import PlaybookDocument

SOURCE = "playbooks"
"""The source named in the origins of playbooks and of their problems."""

_PARAMETER = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")


@dataclass(frozen=True, slots=True)
class PlaybookShelf:
    """All playbooks that can be used, sorted by id, and the problems of all files, sorted by place."""

    playbooks: tuple[PlaybookDocument, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_playbooks(bodies: Iterable[Body]) -> PlaybookShelf:
    """Read playbook files; one with a problem is left out, the others are kept."""
    found: dict[str, PlaybookDocument] = {}
    problems: list[Problem] = []
    for body in sorted(bodies, key=lambda body: body.locator):
        playbook, wrong = _read(body)
        problems += wrong
        if playbook is None:
            continue
        if playbook.id in found:
            problems.append(Problem(Origin(SOURCE, body.locator), f"a playbook {playbook.id!r} stands elsewhere, too"))
        else:
            found[playbook.id] = playbook
    return PlaybookShelf(tuple(found[name] for name in sorted(found)), tuple(sorted(problems)))


def _read(body: Body) -> tuple[PlaybookDocument | None, list[Problem]]:
    origin = Origin(SOURCE, body.locator)
    if body.problem:
        return None, [Problem(origin, body.problem)]
    documents = read_yaml(body.content, SOURCE, body.locator)
    if len(documents.nodes) != 1 or documents.problems:
        count = len(documents.nodes)
        return None, list(documents.problems) or [Problem(origin, f"a playbook file has one document, not {count}")]
    node = documents.nodes[0]
    try:
        playbook = PlaybookDocument.model_validate(node.plain())
    except ValidationError as error:
        return None, list(problems_of(error, node, PlaybookDocument))
    wrong = list(_contradictions(playbook, node, PurePosixPath(body.locator).stem))
    return (None if wrong else playbook), wrong


def _contradictions(playbook: PlaybookDocument, node: Node, stem: str) -> Iterator[Problem]:
    if playbook.id != stem:
        yield Problem(
            nearest(node, ["id"]).origin, f"the id {playbook.id!r} is not the file's name {stem!r}", "rename one"
        )
    for index, step in enumerate(playbook.steps):
        for name, setting in step.settings.items():
            for unknown in sorted(_named(setting) - set(playbook.parameters)):
                at = nearest(node, ["steps", index, "settings", name])
                legal = ", ".join(sorted(playbook.parameters)) or "none is declared"
                yield Problem(at.origin, f"there is no parameter {unknown!r}", f"parameters: {legal}")
    for index, case in enumerate(playbook.cases):
        for unknown in sorted(set(case.parameters) - set(playbook.parameters)):
            at = nearest(node, ["cases", index, "parameters", unknown])
            yield Problem(at.origin, f"there is no parameter {unknown!r}")


def _named(setting: object) -> set[str]:
    """The parameters in a setting; other braces (a matcher of PromQL, a Go template) are text."""
    texts = setting if isinstance(setting, list) else [setting]
    return {name for text in texts for name in _PARAMETER.findall(str(text))}
