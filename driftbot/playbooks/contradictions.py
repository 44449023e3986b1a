"""What is wrong between the parts of a playbook file: unknown actions and parameters, bounds of other units."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from driftbot.core.quantity import NotAQuantity
from driftbot.core.rule import Problem
from driftbot.documents.node import Node, Shape
from driftbot.documents.validation import nearest, problems_of
from driftbot.playbooks.document import PlaybookDocument
from driftbot.playbooks.filling import named
from driftbot.playbooks.settings_check import unfilled_errors

Actions = Mapping[str, type[BaseModel]]


def contradictions(playbook: PlaybookDocument, node: Node, stem: str, actions: Actions | None) -> Iterator[Problem]:
    """Every contradiction of a playbook whose file has the name ``stem``, each where it stands."""
    if playbook.id != stem:
        yield Problem(
            nearest(node, ["id"]).origin, f"the id {playbook.id!r} is not the file's name {stem!r}", "rename one"
        )
    yield from _bounds(playbook, node)
    yield from contradictions_of_sketch(node, actions)
    names = [case.name for case in playbook.cases]
    for index, name in enumerate(names):
        if name in names[:index]:
            at = nearest(node, ["cases", index, "name"])
            yield Problem(at.origin, f"two cases are called {name!r}", "rename one")


def contradictions_of_sketch(node: Node, actions: Actions | None) -> Iterator[Problem]:
    """What is wrong with the steps, as far as can be told where other parts of the file are wrong as well."""
    steps, declared = node.get("steps"), node.get("parameters")
    parameters = sorted(declared.members) if declared is not None else []
    for step in steps.items if steps is not None else ():
        settings = step.get("settings")
        if settings is not None and settings.shape is Shape.MAPPING:
            yield from _unknown_parameters(settings, parameters)
        if actions is not None:
            yield from _unsuitable(step, actions)


def _unknown_parameters(settings: Node, parameters: Sequence[str]) -> Iterator[Problem]:
    legal = ", ".join(parameters) or "none is declared"
    for _, place in settings.walk():
        keys = [entry.key.text for entry in place.entries]
        texts = [place.text] if place.shape is Shape.SCALAR else keys
        for unknown in sorted(named(list(texts)) - set(parameters)):
            yield Problem(place.origin, f"there is no parameter {unknown!r}", f"parameters: {legal}")


def _unsuitable(step: Node, actions: Actions) -> Iterator[Problem]:
    action, settings = step.get("action"), step.get("settings")
    if action is None or action.shape is not Shape.SCALAR:
        return
    model = actions.get(action.text)
    if model is None:
        near = difflib.get_close_matches(action.text, actions, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        known = f"{hint}Known: {', '.join(sorted(actions))}"
        yield Problem(action.origin, f"there is no action {action.text!r}", known)
        return
    given: Any = settings.plain() if settings is not None else {}
    error = unfilled_errors(model, given if isinstance(given, dict) else {})
    if error is not None:
        yield from problems_of(error, settings if settings is not None else step, model)


def _bounds(playbook: PlaybookDocument, node: Node) -> Iterator[Problem]:
    units = {one.key: one.unit for one in playbook.parameters.values() if one.key and one.unit}
    for key, bound in playbook.limits.bounds.items():
        at = nearest(node, ["limits", "bounds", key]).origin
        unit = units.get(key)
        if unit is None:
            known = ", ".join(sorted(units)) or "none does"
            yield Problem(at, f"no parameter takes the quantity {key!r}", f"parameters take: {known}")
            continue
        try:
            least, most = bound.numbers(unit)
        except NotAQuantity as error:
            yield Problem(at, f"limits.bounds.{key}: {error}")
            continue
        if least is not None and most is not None and least > most:
            yield Problem(at, f"limits.bounds.{key}: the least, {bound.least}, is more than the most, {bound.most}")
