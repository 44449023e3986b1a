"""Programs: a rule with every expression checked and lowered, ready to be judged; or all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from driftbot.core.key import ValueType, Vocabulary
from driftbot.core.quantity import Unit
from driftbot.core.rule import Binding, Expression, Rule
from driftbot.rules import cel, complaint, lowering
from driftbot.rules import expression as ex
from driftbot.rules.fault import Fault
from driftbot.rules.scope import CALL, PATH, ROOTS, Scope, type_of

_RESERVED = frozenset({*ROOTS, "as_of", "true", "false", "null", "in", "for", "if", "else", "let", "var", "void"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SLOT = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a message that takes a value."""

    node: ex.Node


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a key's value should become; ``unit`` is the key's."""

    key: str
    node: ex.Node
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Program:
    """A checked rule; ``lets`` are in the order in which they may name each other."""

    rule: Rule
    expect: ex.Node
    where: ex.Node | None = None
    lets: tuple[tuple[str, ex.Node], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    message: tuple[str | Slot, ...] = ()

    def nodes(self) -> Iterator[ex.Node]:
        """Every node of every expression that a verdict or a recommendation rests on."""
        tops = [self.expect, *(node for _, node in self.lets), *(proposal.node for proposal in self.proposals)]
        slots = [part.node for part in self.message if isinstance(part, Slot)]
        for top in (*([self.where] if self.where else []), *tops, *slots):
            yield from ex.walk(top)


@dataclass(frozen=True, slots=True, order=True)
class Misread:
    """A fault and the expression it is in."""

    expression: Expression
    fault: Fault = field(compare=False)


def compile_rule(rule: Rule, vocabulary: Vocabulary) -> tuple[Program | None, tuple[Misread, ...]]:
    """Check and lower a rule: its program, or None and all of its faults in the order of the file."""
    return _compile(rule, vocabulary)


@lru_cache(maxsize=4096)
def _compile(rule: Rule, vocabulary: Vocabulary) -> tuple[Program | None, tuple[Misread, ...]]:
    if not _is_described(rule.for_each, vocabulary):
        return None, ()
    return _Compiler(rule, vocabulary).program()


def _is_described(kind: str, vocabulary: Vocabulary) -> bool:
    return kind in legal_kinds(vocabulary)


def legal_kinds(vocabulary: Vocabulary) -> tuple[str, ...]:
    """What ``for_each`` may name."""
    return tuple(sorted({*vocabulary.kinds, *([PATH] if CALL in vocabulary.kinds else [])}))


class _Compiler:
    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self._rule = rule
        self._vocabulary = vocabulary
        self._lets: dict[str, ex.Node] = {}
        self._broken: set[str] = set()
        self._misread: list[Misread] = []

    def program(self) -> tuple[Program | None, tuple[Misread, ...]]:
        rule = self._rule
        for binding in rule.let:
            self._let(binding)
        where = self._flag(rule.where) if rule.where else None
        expect = self._flag(rule.expect)
        proposals = tuple(filter(None, (self._proposal(binding) for binding in rule.recommend)))
        message = tuple(self._message(rule.message))
        if self._misread or expect is None:
            return None, tuple(self._misread)
        return Program(rule, expect, where, tuple(self._lets.items()), proposals, message), ()

    def _wrong(self, expression: Expression, fault: Fault) -> None:
        self._misread.append(Misread(expression, fault))

    def _node(self, expression: Expression, text: str | None = None, shift: int = 0) -> ex.Node | None:
        text = expression.text if text is None else text
        scope = Scope(self._rule.for_each, self._vocabulary, self._lets)
        try:
            node, faults = lowering.lower(cel.check(text, scope.variables(text)), scope)
        except cel.Rejected as rejected:
            node, faults = None, complaint.faults(rejected.complaints, text, scope)
        for fault in faults:
            if not self._names_a_broken_let(text, fault):
                self._wrong(expression, Fault(fault.offset + shift, fault.message, fault.hint))
        return node

    def _names_a_broken_let(self, text: str, fault: Fault) -> bool:
        """Whether the fault only follows from one in ``let`` that is reported there."""
        word = re.match(r"\w+", text[fault.offset :])
        return word is not None and word[0] in self._broken

    def _let(self, binding: Binding) -> None:
        name = binding.name
        if not _NAME.fullmatch(name) or name in _RESERVED:
            self._wrong(binding.expression, Fault(0, f"{name!r} cannot be a name in let", "use lower-case words"))
        node = self._node(binding.expression)
        if node is None:
            self._broken.add(name)
        else:
            self._lets[name] = node

    def _flag(self, expression: Expression) -> ex.Node | None:
        node = self._node(expression)
        if node is not None and node.type.sort is not ex.Sort.FLAG:
            self._wrong(expression, Fault(0, f"this is {node.type}, not true or false", "compare it with something"))
            return None
        return node

    def _proposal(self, binding: Binding) -> Proposal | None:
        scope = Scope(self._rule.for_each, self._vocabulary)
        key = self._vocabulary.find(self._rule.for_each, binding.name)
        if key is None or key.type is ValueType.SERIES:
            near = self._vocabulary.nearest(scope.kind, binding.name) if key is None else ()
            hint = f"did you mean {' or '.join(near)}?" if near else "only what is configured can be recommended"
            message = f"{binding.name!r} cannot be recommended for a {scope.kind}"
            self._wrong(binding.expression, Fault(0, message, hint))
            return None
        node = self._node(binding.expression)
        if node is None:
            return None
        if not _fits(node.type, type_of(key)):
            self._wrong(binding.expression, Fault(0, f"{binding.name} is in {type_of(key)}, this is in {node.type}"))
            return None
        return Proposal(binding.name, node, key.unit)

    def _message(self, expression: Expression) -> Iterator[str | Slot]:
        end = 0
        for match in _SLOT.finditer(expression.text):
            yield expression.text[end : match.start()]
            end = match.end()
            if match[1] is None:
                yield match[0][0]
                continue
            node = self._node(expression, match[1], match.start(1))
            if node is not None:
                yield Slot(node)
        rest = expression.text[end:]
        stray = re.search(r"[{}]", rest)
        if stray:
            self._wrong(expression, Fault(end + stray.start(), f"a single {stray[0]!r}", "double it: {{ or }}"))
        yield rest


def _fits(found: ex.Type, wanted: ex.Type) -> bool:
    plain = wanted.sort is ex.Sort.QUANTITY and wanted.unit in {Unit.COUNT, Unit.RATIO}
    return found == wanted or (plain and found.sort is ex.Sort.NUMBER)
