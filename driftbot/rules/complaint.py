"""CEL's complaints in the words of the rule language, with the nearest legal name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from driftbot.rules import language
from driftbot.rules.cel import Complaint
from driftbot.rules.fault import Fault
from driftbot.rules.scope import ROOTS, Scope

_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '\((.*)\)'")
_SELECTED = re.compile(r"expression of type '.*' cannot be the operand of a select operation")
_PATH_BEFORE = re.compile(r"[A-Za-z_][\w.]*$")
_WORD_AFTER = re.compile(r"\.?\s*(\w+)")

_VERBS = {
    "_<_": "compare {} with {}", "_<=_": "compare {} with {}", "_>_": "compare {} with {}",
    "_>=_": "compare {} with {}", "_==_": "compare {} with {}", "_!=_": "compare {} with {}",
    "_+_": "add {} and {}", "_-_": "subtract from {} {}", "_*_": "multiply {} by {}", "_/_": "divide {} by {}",
    "_&&_": "join {} and {}", "_||_": "join {} and {}", "@in": "look for {} in {}", "_[_]": "take from {} {}",
}  # fmt: skip
_SYMBOLS = {"@in": "in", "_[_]": "[]"}
_ELSEWHERE = {"has": "ask with known(x) or present(x)", "matches": "use startsWith, endsWith or contains"}


def faults(complaints: Iterable[Complaint], text: str, scope: Scope) -> tuple[Fault, ...]:
    """Everything that is wrong with a text; what follows from an earlier complaint is left out."""
    found = [_fault(complaint, text, scope) for complaint in complaints if "*error*" not in complaint.message]
    return tuple(sorted(set(found)))


def _fault(complaint: Complaint, text: str, scope: Scope) -> Fault:
    undeclared = _UNDECLARED.search(complaint.message)
    if undeclared:
        return _unknown(undeclared[1], complaint.offset, text, scope)
    overload = _OVERLOAD.search(complaint.message)
    if overload:
        return _misfit(overload[1], split_types(overload[2]), complaint.offset)
    if _SELECTED.search(complaint.message):
        return _too_deep(complaint.offset, text, scope)
    expecting = complaint.message.partition(" expecting {")[0]
    return Fault(complaint.offset, expecting.replace("<EOF>", "the end of the text"))


def _unknown(name: str, offset: int, text: str, scope: Scope) -> Fault:
    start = max(offset - name.rfind("."), 0) if "." in name else offset
    if text[offset : offset + 1] in {".", "("} and not text.startswith(name, start):
        return _unknown_function(name, offset, text)
    if "." in name and name.split(".")[0] in ROOTS:
        return _unknown_key(name, start, scope)
    if text[start + len(name) :].lstrip().startswith("("):
        return _unknown_function(name, offset, text)
    legal = (*scope.lets, *ROOTS, "as_of")
    return Fault(start, f"nothing is called {name!r} here", _nearest(name.split(".")[0], legal))


def _unknown_function(name: str, offset: int, text: str) -> Fault:
    start = text.rfind(name, 0, offset + len(name) + 1)
    if name in language.functions():
        return Fault(max(start, 0), f"{name}(…) takes other arguments", _legal_calls(name))
    hint = _ELSEWHERE.get(name) or _nearest(name, language.functions())
    return Fault(max(start, 0), f"there is no function {name!r}", hint)


def _legal_calls(function: str) -> str:
    """How the function may be called: each number of arguments once."""
    declared = (one for one in language.declarations() if one.function == function)
    calls = {len(one.arguments): ", ".join(map(_spoken, one.arguments)) for one in reversed(tuple(declared))}
    return " or ".join(f"{function}({arguments})" for _, arguments in sorted(calls.items()))


def _spoken(kind: str) -> str:
    return {"string": "a text", "int": "a number", "double": "a number"}.get(kind, "a value")


def _unknown_key(name: str, start: int, scope: Scope) -> Fault:
    root, _, key = name.partition(".")
    known = scope.keys()
    if key in known and root != "self":
        return Fault(start, f"{key!r} is measured; it has no {root} value", f"write self.{key}")
    message = f"nobody provides {key!r} for a {scope.kind}"
    return Fault(start, message, _nearest(key, tuple(known), cutoff=0.5))


def _too_deep(offset: int, text: str, scope: Scope) -> Fault:
    before = _PATH_BEFORE.search(text[:offset])
    after = _WORD_AFTER.match(text, offset)
    name = f"{before[0] if before else ''}.{after[1] if after else ''}"
    return _unknown_key(name, offset - len(before[0]) if before else offset, scope)


def _misfit(function: str, types: tuple[str, ...], offset: int) -> Fault:
    verb = _VERBS.get(function)
    if verb and len(types) == 2:
        symbol = _SYMBOLS.get(function, function.strip("_"))
        return Fault(offset, f"cannot {verb.format(*types)} ({symbol})", _operator_hint(function, types))
    shown = ", ".join(types) or "nothing"
    no_window = bool(types) and types[0].startswith("a series") and types[-1] != "text"
    return Fault(offset, f"{function.strip('_')}(…) does not take {shown}", _WINDOW_HINT if no_window else "")


_WINDOW_HINT = 'a window is a text: max("30d")'


def _operator_hint(function: str, types: tuple[str, ...]) -> str:
    if function == "_/_" and types == ("a whole number", "a whole number"):
        return "write one of them with a decimal point: 1.0 / 2"
    if "null" in types:
        return "ask with known(x) or present(x)"
    if types[0].startswith("a series"):
        return 'measure the series first: self.duration.max("30d")'
    return _unit_hint(types)


def _unit_hint(types: tuple[str, ...]) -> str:
    bare = {"a number", "a whole number"}
    unit = next((name for name in types if name not in bare), "")
    constructor = next((name for name, of in language.CONSTRUCTORS.items() if of == unit), "")
    if constructor and set(types) & bare:
        examples = {"duration": "60d", "bytes": "512Mi", "cores": "500m", "per_second": "10/s"}
        return f'write the number with its unit: {constructor}("{examples.get(constructor, "1")}")'
    return ""


def split_types(text: str) -> tuple[str, ...]:
    """CEL's list of types, in our words."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return tuple(_said(part.strip()) for part in [*parts, current] if part.strip())


def _said(name: str) -> str:
    outer, bracket, inner = name.partition("(")
    if bracket:
        item = inner[:-1]
        return {"quantity": item, "series": f"a series of {item}", "list": f"a list of {_said(item)}"}.get(outer, name)
    words = {
        "int": "a whole number",
        "double": "a number",
        "string": "text",
        "bool": "true or false",
        "null_type": "null",
    }
    return words.get(name, name)


def _nearest(name: str, legal: Iterable[str], cutoff: float = 0.6) -> str:
    near = difflib.get_close_matches(name, list(legal), n=3, cutoff=cutoff)
    return f"did you mean {' or '.join(near)}?" if near else ""
