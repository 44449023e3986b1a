"""Lowering: CEL's checked tree → nodes with every name, unit, window and literal resolved; or what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from driftbot.core.fact import View
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, format_quantity, parse_quantity
from driftbot.rules import expression as ex
from driftbot.rules import language
from driftbot.rules.checked_type import read_type
from driftbot.rules.detector_measure import DETECTOR_MEASURES, DetectorMeasure, Takes
from driftbot.rules.fault import Fault
from driftbot.rules.scope import Scope

DEFAULT_WINDOW = 86400.0
"""Seconds in which ``last()`` looks for the newest sample when the rule names no window: one day."""

DEFAULT_AGE_WINDOW = 7 * 86400.0
"""Seconds in which ``age()`` looks for the newest sample when the rule names no window: seven days."""

_LARGEST_INTEGER = 2**53

DEEPEST = 60
"""Levels of nesting that are read; a rule that a person can follow has fewer than ten."""


class _Wrong(Exception):
    """Ends the lowering of one sub-expression; the fault is kept."""


def lower(checked: Any, scope: Scope) -> tuple[ex.Node | None, tuple[Fault, ...]]:
    """The node of a checked expression, or None and everything that is wrong with it."""
    lowering = _Lowering(checked, scope)
    node = None
    with lowering.keeping_faults():
        node = lowering.lower(checked.expr)
    return (None if lowering.faults else node), tuple(sorted(lowering.faults))


class _Lowering:
    def __init__(self, checked: Any, scope: Scope) -> None:
        self._scope = scope
        self._types = {entry.key: entry.value for entry in checked.types}
        self._positions = {entry.key: entry.value for entry in checked.source.positions}
        self._names = {entry.key: entry.value.name for entry in checked.references}
        self._locals: dict[str, ex.Type] = {}
        self._depth = 0
        self.faults: list[Fault] = []

    @contextmanager
    def keeping_faults(self) -> Iterator[None]:
        try:
            yield
        except _Wrong as wrong:
            self.faults.append(wrong.args[0])

    def lower(self, expr: Any) -> ex.Node:
        handlers: Mapping[str, Any] = {
            "constant": self._constant,
            "ident": self._ident,
            "select": self._select,
            "call": self._call,
            "list": self._listing,
            "comprehension": self._comprehension,
        }
        handler = handlers.get(expr.WhichOneof("kind"))
        if handler is None:
            raise self._wrong(expr, "maps and messages are no part of the rule language")
        if self._depth >= DEEPEST:
            raise self._wrong(expr, f"the expression is nested more than {DEEPEST} levels deep", "use names in let")
        self._depth += 1
        try:
            node: ex.Node = handler(expr)
        finally:
            self._depth -= 1
        return node

    def _wrong(self, expr: Any, message: str, hint: str = "") -> _Wrong:
        return _Wrong(Fault(self._offset(expr), message, hint))

    def _offset(self, expr: Any) -> int:
        return int(self._positions.get(expr.id, 0))

    def _type(self, expr: Any) -> ex.Type:
        found = read_type(self._types.get(expr.id))
        if found is None:
            raise self._wrong(expr, "the items of a list are all of one type")
        return found

    def _constant(self, expr: Any) -> ex.Node:
        constant, offset = expr.constant, self._offset(expr)
        match constant.WhichOneof("kind"):
            case "bool":
                return ex.Literal(constant.bool, ex.FLAG, offset)
            case "double":
                return ex.Literal(constant.double, ex.NUMBER, offset)
            case "text":
                return ex.Literal(constant.text, ex.TEXT, offset)
            case "int" if abs(constant.int) <= _LARGEST_INTEGER:
                return ex.Literal(float(constant.int), ex.NUMBER, offset)
            case "int":
                raise self._wrong(expr, f"{constant.int} is too large to be exact")
            case "null" | None:
                raise self._wrong(expr, "null is no value", "ask with known(x) or present(x)")
            case other:
                raise self._wrong(expr, f"{other} values are no part of the rule language", "write 1, 1.5 or a text")

    def _ident(self, expr: Any) -> ex.Node:
        name, offset = self._names.get(expr.id) or expr.ident.name, self._offset(expr)
        if name in self._locals:
            return ex.Bound(name, self._locals[name], True, offset)
        if name == "as_of":
            return ex.AsOf(offset=offset)
        if name == "self.labels":
            raise self._wrong(expr, "self.labels alone is no value", 'name a label: self.labels.tier == "1"')
        root, dot, key = name.partition(".")
        if dot:
            view = None if root == "self" else View(root)
            return ex.Reference(key, view, self._type(expr), offset - name.rfind("."))
        return self._scope.bound(name, self._type(expr), offset)

    def _select(self, expr: Any) -> ex.Node:
        name = self._names.get(expr.id)
        if name:
            return self._ident(expr)
        return self._label(expr, expr.select.operand, expr.select.field, self._offset(expr) + 1)

    def _label(self, expr: Any, operand: Any, name: str, offset: int) -> ex.Node:
        if self._names.get(operand.id) != "self.labels":
            raise self._wrong(expr, "only self.labels has names in it")
        unknown = self._scope.unknown_label(name, offset)
        if unknown:
            raise _Wrong(unknown)
        return ex.Label(name, offset=offset)

    def _listing(self, expr: Any) -> ex.Node:
        items = self._all(expr.list.elements)
        return ex.Listing(items, self._type(expr), self._offset(expr))

    def _all(self, exprs: Any) -> tuple[ex.Node, ...]:
        """Every expression lowered, so that the faults of all of them are kept."""
        nodes = []
        for expr in exprs:
            with self.keeping_faults():
                nodes.append(self.lower(expr))
        if len(nodes) < len(exprs):
            raise _Wrong(self.faults.pop())
        return tuple(nodes)

    def _call(self, expr: Any) -> ex.Node:
        function, call = expr.call.function, expr.call
        if function == "_[_]":
            return self._indexed(expr)
        if function in language.CONSTRUCTORS and not call.HasField("target"):
            return self._constructed(expr, language.CONSTRUCTORS[function])
        if function == "timestamp":
            return self._instant(expr)
        operands = [*([call.target] if call.HasField("target") else []), *call.args]
        if call.HasField("target") and self._type(call.target).sort is ex.Sort.SERIES:
            return self._measure(expr)
        arguments = self._all(operands)
        if function in language.QUESTIONS:
            return self._question(expr, function, arguments[0])
        return self._applied(expr, function, arguments)

    def _applied(self, expr: Any, function: str, arguments: tuple[ex.Node, ...]) -> ex.Node:
        kind = self._type(expr)
        if function == "_+_" and kind.sort is ex.Sort.LIST:
            raise self._wrong(expr, "lists are not joined", "use two conditions")
        for argument in arguments:
            if argument.type.sort is ex.Sort.SERIES:
                raise self._bare_series(argument)
        return ex.Call(function, arguments, kind, self._offset(expr))

    def _bare_series(self, node: ex.Node) -> _Wrong:
        return _Wrong(Fault(node.offset, "a series alone is no value", 'measure it: self.duration.max("30d")'))

    def _indexed(self, expr: Any) -> ex.Node:
        operand, index = expr.call.args
        name = self._text_of(index, "a label is named by a text in quotes")
        return self._label(expr, operand, name, self._offset(index))

    def _text_of(self, expr: Any, otherwise: str) -> str:
        if expr.WhichOneof("kind") != "constant" or expr.constant.WhichOneof("kind") != "text":
            raise self._wrong(expr, otherwise)
        return str(expr.constant.text)

    def _constructed(self, expr: Any, unit: Unit) -> ex.Node:
        argument = expr.call.args[0]
        text = self._text_of(argument, f"{expr.call.function}(…) takes a text in quotes")
        try:
            quantity = parse_quantity(text, unit)
        except NotAQuantity as error:
            raise self._wrong(argument, str(error)) from None
        return ex.Literal(quantity.value, ex.Type(ex.Sort.QUANTITY, unit), self._offset(expr))

    def _instant(self, expr: Any) -> ex.Node:
        argument = expr.call.args[0]
        text = self._text_of(argument, "timestamp(…) takes a text in quotes")
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise self._wrong(
                argument, f"{text!r} is no instant with a time zone", 'write timestamp("2026-03-01T00:00:00Z")'
            )
        return ex.Literal(instant, ex.INSTANT, self._offset(expr))

    def _measure(self, expr: Any) -> ex.Node:
        call, name = expr.call, expr.call.function
        target = self.lower(call.target)
        if not isinstance(target, ex.Reference):
            raise self._wrong(call.target, "measures are taken of a named series", "write self.<series>")
        has_window = len(call.args) > 0
        window = self._window(call.args[-1]) if has_window else DEFAULT_AGE_WINDOW if name == "age" else DEFAULT_WINDOW
        detector = DETECTOR_MEASURES.get(name)
        if detector is not None:
            self._check_reach(call.args[-1], detector, window)
        if detector is not None and detector.takes is Takes.LABEL:
            arguments: tuple[ex.Node, ...] = (self._named_label(call.args[0]),)
        else:
            arguments = self._all(call.args[:-1])
        if name == "quantile":
            self._check_share(call.args[0], arguments[0])
        offset, unit = self._offset(expr), target.type.unit
        return ex.Measure(target.key, name, window, arguments, self._type(expr), offset, unit)

    def _window(self, expr: Any) -> float:
        text = self._text_of(expr, 'a window is a duration in quotes: "30d"')
        try:
            seconds = parse_quantity(text, Unit.SECONDS).value
        except NotAQuantity as error:
            raise self._wrong(expr, str(error)) from None
        if seconds <= 0:
            raise self._wrong(expr, f"the window {text!r} is not longer than zero")
        return seconds

    def _check_reach(self, expr: Any, measure: DetectorMeasure, window: float) -> None:
        if window < measure.shortest:
            least = format_quantity(Quantity(measure.shortest, Unit.SECONDS))
            raise self._wrong(expr, f"{measure.name} cannot be told from so short a window", f'at least "{least}"')
        if window > measure.longest:
            most = format_quantity(Quantity(measure.longest, Unit.SECONDS))
            where = "ahead" if measure.takes is Takes.LIMIT else "back"
            raise self._wrong(expr, f"{measure.name} cannot be told so far {where}", f'at most "{most}"')

    def _named_label(self, expr: Any) -> ex.Node:
        name, offset = self._text_of(expr, 'a label is named by a text in quotes: "zone"'), self._offset(expr)
        unknown = self._scope.unknown_label(name, offset)
        if unknown:
            raise _Wrong(unknown)
        return ex.Label(name, offset=offset)

    def _check_share(self, expr: Any, node: ex.Node) -> None:
        if not isinstance(node, ex.Literal) or not 0 <= float(node.value) <= 1:  # type: ignore[arg-type]
            raise self._wrong(expr, "a quantile is a number from 0.0 to 1.0", 'write quantile(0.99, "30d")')

    def _question(self, expr: Any, name: str, about: ex.Node) -> ex.Node:
        if about.type.sort is ex.Sort.SERIES:
            raise self._bare_series(about)
        named = isinstance(about, ex.Reference) or (name == "present" and isinstance(about, ex.Label | ex.Measure))
        if name != "known" and not named:
            raise self._wrong(expr, f"{name}(…) asks about a key", f"write {name}(self.<key>)")
        return ex.Question(name, about, offset=self._offset(expr))

    def _comprehension(self, expr: Any) -> ex.Node:
        loop = expr.comprehension
        over = self.lower(loop.iter_range)
        item = over.type.item
        if item is None:
            raise self._wrong(expr, "only a list can be gone through")
        hidden = self._locals.get(loop.iter_var)
        self._locals[loop.iter_var] = item
        try:
            return self._macro(expr, loop, over)
        finally:
            del self._locals[loop.iter_var]
            if hidden is not None:
                self._locals[loop.iter_var] = hidden

    def _macro(self, expr: Any, loop: Any, over: ex.Node) -> ex.Node:
        """Recognise CEL's expansion: ``accu && body``, ``accu || body``, ``keep ? accu + [each] : accu``."""
        step, offset = loop.loop_step.call, self._offset(expr)
        if step.function in {"_&&_", "_||_"}:
            macro = "all" if step.function == "_&&_" else "exists"
            return ex.Quantifier(macro, loop.iter_var, over, self.lower(step.args[1]), offset=offset)
        keep = None
        if step.function == "_?_:_":
            keep, step = self.lower(step.args[0]), step.args[1].call
        each = self.lower(step.args[1].list.elements[0])
        return ex.Collect(loop.iter_var, over, keep, each, ex.Type(ex.Sort.LIST, item=each.type), offset)
