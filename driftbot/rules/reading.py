"""Reading rule files: YAML → checked rules and their cases, with every problem of every file at once."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from driftbot.core.body import Body
from driftbot.core.fact import Origin
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Binding, Expression, Lesson, Number, Problem, Rule, Severity
from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml
from driftbot.rules import expression as ex
from driftbot.rules.case import Case, read_case
from driftbot.rules.document import CaseDocument, Incident, Reference, RuleDocument
from driftbot.rules.position import place
from driftbot.rules.program import Program, compile_rule, legal_kinds

SOURCE = "rules"
"""The source named in the origins of rules and of their problems."""

Document = TypeVar("Document", RuleDocument, CaseDocument)

_MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): RuleDocument,
    ("incident",): Incident,
    ("reference",): Reference,
    ("cases",): CaseDocument,
}


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules that can be judged, sorted by id; the problems of all files, sorted by place; and the rules' cases."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
    cases: tuple[Case, ...] = ()


def read_rules(bodies: Iterable[Body], vocabulary: Vocabulary) -> RuleBook:
    """Read rule files against the vocabulary; a rule with a problem is left out, the others are kept."""
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    cases: list[Case] = []
    for body in sorted(bodies, key=lambda body: body.locator):
        file = _File(body, vocabulary)
        rule, found = file.read()
        problems += file.problems
        if rule is None:
            continue
        if rule.id in rules:
            problems.append(Problem(rule.origin, f"rule {rule.id!r} stands in {rules[rule.id].origin} as well"))
            continue
        rules[rule.id] = rule
        cases += found
    return RuleBook(tuple(rules[name] for name in sorted(rules)), tuple(sorted(problems)), tuple(cases))


class _File:
    def __init__(self, body: Body, vocabulary: Vocabulary) -> None:
        self._body = body
        self._vocabulary = vocabulary
        self._origin = Origin(SOURCE, body.locator)
        self.problems: list[Problem] = []

    def read(self) -> tuple[Rule | None, list[Case]]:
        if self._body.problem:
            self._problem(self._origin, self._body.problem)
            return None, []
        documents = read_yaml(self._body.content, SOURCE, self._body.locator)
        self.problems.extend(documents.problems)
        if len(documents.nodes) != 1:
            if not documents.problems:
                self._problem(self._origin, f"a rule file has one document, not {len(documents.nodes)}")
            return None, []
        return self._rule(documents.nodes[0])

    def _problem(self, origin: Origin, message: str, hint: str = "") -> None:
        self.problems.append(Problem(origin, message, hint))

    def _rule(self, node: Node) -> tuple[Rule | None, list[Case]]:
        if node.shape is not Shape.MAPPING:
            self._problem(node.origin, f"a rule file is a mapping of fields, not a {node.shape}")
            return None, []
        document = self._validated(RuleDocument, node, ())
        rule = _rule_of(document, node) if document else _sketch(node)
        if document:
            self._check_name(document, node)
            self._check_numbers(document, node)
        self._check_tags(node)
        program = self._program(rule, node)
        cases = self._cases(rule, node, program)
        return (None, []) if self.problems else (rule, cases)

    def _validated(self, model: type[Document], node: Node, path: tuple[str | int, ...]) -> Document | None:
        try:
            return model.model_validate(node.plain())
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self._invalid(node, details, path)
            return None

    def _invalid(self, node: Node, details: ErrorDetails, above: tuple[str | int, ...]) -> None:
        path = tuple(step for step in details["loc"] if step != "[key]")
        if path[:1] == ("cases",) and len(path) > 1:
            return  # Each case is read on its own, and says so itself.
        message = details["msg"].removeprefix("Value error, ")
        if details["type"] == "extra_forbidden":
            name = str(path[-1])
            near = difflib.get_close_matches(name, _siblings((*above, *path[:-1])), n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else ""
            self._problem(_key_origin(node, path), f"there is no field {name!r} here", hint)
            return
        if details["type"] == "missing":
            message = f"the field {path[-1]!r} is missing"
        found = _nearest_node(node, path)
        where = ".".join(str(step) for step in path)
        shown = f"{where}: {message}" if where and details["type"] != "missing" else message
        hint = f'quote it: "{found.text}"' if details["type"] == "string_type" and found.text else ""
        self._problem(found.origin, shown, hint)

    def _check_name(self, document: RuleDocument, node: Node) -> None:
        stem = PurePosixPath(self._body.locator).stem
        if document.id != stem:
            origin = _nearest_node(node, ("id",)).origin
            self._problem(origin, f"the id {document.id!r} is not the file's name {stem!r}", "rename one of them")

    def _check_numbers(self, document: RuleDocument, node: Node) -> None:
        """Every number that is explained is really there: a number that moved has lost its source."""
        texts = [document.where or "", document.expect, *document.let.values(), *document.recommend.values()]
        for number in document.numbers:
            alone = re.compile(rf"(?<![\w.]){re.escape(number)}(?![\w.])")
            if not any(alone.search(text) for text in texts):
                entry = node.get("numbers")
                key = entry.key(number) if entry else None
                origin = key.origin if key else node.origin
                self._problem(
                    origin, f"the number {number} stands in no expression of the rule", "remove or correct it"
                )

    def _check_tags(self, node: Node) -> None:
        for _, found in node.walk():
            if found.tag:
                message = f"YAML takes {found.tag} for a tag, not for the beginning of a text"
                self._problem(found.origin, message, "put the whole text in quotes")

    def _program(self, rule: Rule, node: Node) -> Program | None:
        legal = legal_kinds(self._vocabulary)
        if rule.for_each not in legal:
            if rule.for_each:
                near = difflib.get_close_matches(rule.for_each, legal, n=3)
                hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(legal)}"
                self._problem(_nearest_node(node, ("for_each",)).origin, f"nobody knows a {rule.for_each!r}", hint)
            return None
        program, misread = compile_rule(rule, self._vocabulary)
        for wrong in misread:
            at = _node_at(node, wrong.expression.origin)
            if at.tag:
                continue
            self._problem(place(at, wrong.fault.offset), wrong.fault.message, wrong.fault.hint)
        return program

    def _cases(self, rule: Rule, node: Node, program: Program | None) -> list[Case]:
        nodes = program.nodes() if program else ()
        labels = frozenset(part.name for part in nodes if isinstance(part, ex.Label))
        described = rule.for_each in legal_kinds(self._vocabulary)
        written = node.get("cases")
        cases = []
        for case in written.items if written else ():
            document = self._validated(CaseDocument, case, ("cases",))
            if document is None or not described:
                continue
            found, bad = read_case(document, rule.id, rule.for_each, labels, self._vocabulary, case.origin)
            for wrong in bad:
                self._problem(_nearest_node(case, wrong.path).origin, str(wrong))
            if found:
                cases.append(found)
        return cases


def _rule_of(document: RuleDocument, node: Node) -> Rule:
    incident = document.incident
    source = incident or document.reference
    assert source is not None
    lesson = Lesson(
        str(source.url), source.summary, incident.id if incident else "", incident.date if incident else None
    )
    return Rule(
        id=document.id,
        title=document.title,
        lesson=lesson,
        why=document.why,
        severity=document.severity,
        owner=document.owner,
        for_each=document.for_each,
        expect=_expression(node, document.expect, "expect"),
        message=_expression(node, document.message, "message"),
        origin=_nearest_node(node, ("id",)).origin,
        digest=digest(document.for_each, document.where, document.let, document.expect),
        review_by=document.review_by,
        where=_expression(node, document.where, "where") if document.where is not None else None,
        let=_bindings(node, "let", document.let),
        recommend=_bindings(node, "recommend", document.recommend),
        numbers=tuple(Number(text, source) for text, source in document.numbers.items()),
        playbook=document.playbook,
    )


def _sketch(node: Node) -> Rule:
    """What can be checked of a file that is no rule: its expressions, wherever they stand as they should."""

    def text(name: str, otherwise: str = "") -> Expression:
        found = node.get(name)
        if found is None or found.shape is not Shape.SCALAR or not found.text:
            return Expression(otherwise, node.origin)
        return Expression(found.text, found.origin)

    def bindings(field: str) -> tuple[Binding, ...]:
        found = node.get(field)
        entries = found.members.items() if found else ()
        return tuple(
            Binding(name, Expression(entry.value.text, entry.value.origin))
            for name, entry in entries
            if entry.value.shape is Shape.SCALAR and entry.value.text
        )

    where = text("where")
    return Rule(
        id="",
        title="",
        lesson=Lesson("", ""),
        why="",
        severity=Severity.LOW,
        owner="",
        for_each=text("for_each").text,
        expect=text("expect", "true"),
        message=text("message"),
        origin=node.origin,
        digest="",
        where=where if where.text else None,
        let=bindings("let"),
        recommend=bindings("recommend"),
    )


def digest(for_each: str, where: str | None, let: dict[str, str], expect: str) -> str:
    """SHA-256 of what decides a verdict, white space at the ends aside; the order of ``let`` counts."""
    bindings = [[name, text.strip()] for name, text in let.items()]
    decisive = [for_each, (where or "").strip(), bindings, expect.strip()]
    return hashlib.sha256(json.dumps(decisive, ensure_ascii=True).encode()).hexdigest()


def _expression(node: Node, text: str, *path: str) -> Expression:
    return Expression(text, _nearest_node(node, path).origin)


def _bindings(node: Node, field: str, entries: dict[str, str]) -> tuple[Binding, ...]:
    return tuple(Binding(name, _expression(node, text, field, name)) for name, text in entries.items())


def _nearest_node(node: Node, path: Sequence[str | int]) -> Node:
    """The node at the path, or the last one on the way that is there."""
    for length in range(len(path), 0, -1):
        found = node.get(*path[:length])
        if found is not None:
            return found
    return node


def _node_at(node: Node, origin: Origin) -> Node:
    return next(found for _, found in node.walk() if found.start == origin.start and found.end == origin.end)


def _key_origin(node: Node, path: Sequence[str | int]) -> Origin:
    parent = _nearest_node(node, path[:-1])
    key = parent.key(str(path[-1]))
    return key.origin if key else parent.origin


def _siblings(path: Sequence[str | int]) -> list[str]:
    """The legal field names at a place of a rule file."""
    model = _MODELS.get(tuple(step for step in path if isinstance(step, str)), RuleDocument)
    return [field.alias or name for name, field in model.model_fields.items()]
