"""Sentences: an expression with its values, as arithmetic a person can check."""

from __future__ import annotations

from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.engine.scene import UNREAD, Scene
from driftbot.rules import expression as ex

_SYMBOLS = {"_+_": "+", "_-_": "−", "_*_": "×", "_/_": "÷"}
_BINDING = {"_+_": 1, "_-_": 1, "_*_": 2, "_/_": 2}
_PHRASES = {"_<=_": "at most", "_<_": "less than", "_>=_": "at least", "_>_": "more than", "_==_": "", "_!=_": "not"}
_OPPOSITES = {"_<=_": "_>_", "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_==_": "_!=_", "_!=_": "_==_"}
_MIRRORED = {"_<=_": "_>=_", "_<_": "_>_", "_>=_": "_<=_", "_>_": "_<_"}
_TEXT_PHRASES = {"startsWith": "starting with", "endsWith": "ending with", "contains": "containing"}
_LOGIC = {"_&&_", "_||_", "!_", "_?_:_"}


def name_of(node: ex.Node) -> str:
    """A node as a rule writes it, as far as it has a name; empty for arithmetic."""
    match node:
        case ex.Bound(name=name):
            return name
        case ex.Reference():
            return node.text
        case ex.Label(name=name):
            return f"self.labels.{name}"
        case ex.AsOf():
            return "as_of"
        case ex.Measure():
            arguments = [_argument(argument) for argument in node.arguments]
            window = f'"{format_quantity(Quantity(node.window, Unit.SECONDS))}"'
            return f"self.{node.key}.{node.name}({', '.join([*arguments, window])})"
        case ex.Question(name=name, about=about):
            return f"{name}({name_of(about)})"
        case _:
            return ""


def _argument(node: ex.Node) -> str:
    # A measure names the label by which it groups; everywhere else a label is read.
    return f'"{node.name}"' if isinstance(node, ex.Label) else name_of(node) or _literal(node)


def _literal(node: ex.Node) -> str:
    if not isinstance(node, ex.Literal):
        return "…"
    if isinstance(node.value, float) and node.type.unit is not None:
        return format_quantity(Quantity(node.value, node.type.unit))
    return f"{node.value:g}" if isinstance(node.value, float) else str(node.value)


def to_blame(scene: Scene, node: ex.Node, line: int, wanted: bool = True) -> tuple[tuple[ex.Node, bool], ...]:
    """The conditions that keep ``node`` from being surely ``wanted``, each with the value it should have."""
    resolved = scene.resolve(node)
    if scene.truth(resolved, line) is wanted:
        return ()
    if not isinstance(resolved, ex.Call) or resolved.function not in _LOGIC:
        return ((resolved, wanted),)
    if resolved.function == "!_":
        return to_blame(scene, resolved.arguments[0], line, not wanted)
    branches = resolved.arguments
    if resolved.function == "_?_:_":
        truth = scene.truth(branches[0], line)
        branches = branches if truth is None else (branches[1],) if truth else (branches[2],)
        if truth is None:
            undecided = to_blame(scene, branches[0], line, wanted=True)
            return (*undecided, *(entry for branch in branches[1:] for entry in to_blame(scene, branch, line, wanted)))
    found = tuple(entry for branch in branches for entry in to_blame(scene, branch, line, wanted))
    return without_guards(found) if resolved.function == ("_||_" if wanted else "_&&_") else found


def holding(scene: Scene, node: ex.Node, line: int, wanted: bool = True) -> tuple[tuple[ex.Node, bool], ...]:
    """The conditions by which ``node`` is ``wanted``, each with the value it has."""
    resolved = scene.resolve(node)
    if not isinstance(resolved, ex.Call) or resolved.function not in _LOGIC:
        return ((resolved, wanted),)
    if resolved.function == "!_":
        return holding(scene, resolved.arguments[0], line, not wanted)
    branches = resolved.arguments
    if resolved.function == "_?_:_":
        branches = (branches[1] if scene.truth(branches[0], line) else branches[2],)
    elif resolved.function == ("_||_" if wanted else "_&&_"):
        branches = tuple(branch for branch in branches if scene.truth(branch, line) is wanted)
        return without_guards(tuple(entry for branch in branches for entry in holding(scene, branch, line, wanted)))
    return tuple(entry for branch in branches for entry in holding(scene, branch, line, wanted))


def without_guards(found: tuple[tuple[ex.Node, bool], ...]) -> tuple[tuple[ex.Node, bool], ...]:
    """``!known(x) || x == y`` is about x and y; the question only guards them."""
    return tuple(entry for entry in found if not isinstance(entry[0], ex.Question)) or found


def observed_and_expected(scene: Scene, node: ex.Node, wanted: bool, line: int) -> tuple[str, str]:
    """What a blamed condition found and what it should have found, with the arithmetic."""
    match node:
        case ex.Call() if node.function in _PHRASES:
            return _comparison(scene, node, wanted, line)
        case ex.Call(function="@in", arguments=(needle, haystack)):
            verb = "with" if wanted else "without"
            return _equation(scene, haystack, line), f"{verb} {_value_first(scene, needle, line)}"
        case ex.Call(arguments=(text, part)) if node.function in _TEXT_PHRASES:
            phrase = _TEXT_PHRASES[node.function]
            return _equation(scene, text, line), f"{'' if wanted else 'not '}{phrase} {scene.text(part, line)}"
        case ex.Quantifier():
            return _quantified(scene, node, wanted, line)
        case _:
            name = name_of(node) or arithmetic(scene, node, line)
            return f"{name} = {scene.text(node, line)}", "true" if wanted else "false"


def _comparison(scene: Scene, node: ex.Call, wanted: bool, line: int) -> tuple[str, str]:
    function = node.function if wanted else _OPPOSITES[node.function]
    left, right = node.arguments
    if _is_constant(left) and not _is_constant(right):
        left, right, function = right, left, _MIRRORED.get(function, function)
    phrase = _PHRASES[function]
    return _equation(scene, left, line), f"{phrase} {_value_first(scene, right, line)}".strip()


def _quantified(scene: Scene, node: ex.Quantifier, wanted: bool, line: int) -> tuple[str, str]:
    """The items that a quantifier fails for: those that break an ``all``, or all of them for an ``exists``."""
    name = name_of(node.over) or "the list"
    if not scene.known(node, line):
        return f"{name} = {scene.text(node.over, line)}", "not known for every item"
    item = ex.Bound(node.variable, node.over.type.item or ex.TEXT, local=True)
    keep = node.body if node.macro == "exists" else ex.Call("!_", (node.body,), ex.FLAG)
    if wanted is (node.macro == "all"):
        telling = ex.Collect(node.variable, node.over, keep, item, node.over.type)
        hold = "not for" if node.macro == "all" else "for"
        return f"{hold} {scene.text(telling, line)}", f"for {'all' if node.macro == 'all' else 'none'} of {name}"
    some = "for none of" if node.macro == "exists" else "for all of"
    return (
        f"{some} {scene.text(node.over, line)}",
        f"{'' if wanted else 'not '}for {'one' if wanted else 'all'} of {name}",
    )


def _is_constant(node: ex.Node) -> bool:
    return all(isinstance(part, ex.Literal | ex.Call) for part in ex.walk(node))


def _equation(scene: Scene, node: ex.Node, line: int) -> str:
    name, text = name_of(node), scene.text(node, line)
    if isinstance(node, ex.Call) and node.function == "size":
        names = scene.text(node.arguments[0], line)
        return f"{text} ({names})" if names not in {UNREAD, "none"} else text
    if name:
        return f"{name} = {text}"
    return f"{text} = {arithmetic(scene, node, line)}" if _is_arithmetic(node) else text


def _value_first(scene: Scene, node: ex.Node, line: int) -> str:
    text = scene.text(node, line)
    return f"{text} = {arithmetic(scene, node, line)}" if _is_arithmetic(node) else text


def _is_arithmetic(node: ex.Node) -> bool:
    return isinstance(node, ex.Call) and node.function in _SYMBOLS


def arithmetic(scene: Scene, node: ex.Node, line: int, around: int = 0) -> str:
    """The expression with values in place of names: ``0.7 × 2h``."""
    if isinstance(node, ex.Literal) and node.type.sort is ex.Sort.NUMBER:
        return _literal(node)
    if isinstance(node, ex.Call) and node.function in _SYMBOLS:
        binding = _BINDING[node.function]
        left = arithmetic(scene, node.arguments[0], line, binding)
        right = arithmetic(scene, node.arguments[1], line, binding + 1)
        text = f"{left} {_SYMBOLS[node.function]} {right}"
        return f"({text})" if binding < around else text
    if isinstance(node, ex.Call):
        inside = ", ".join(arithmetic(scene, argument, line) for argument in node.arguments)
        return f"{node.function.strip('_')}({inside})"
    return scene.text(node, line)
