"""A setting of an alert that a file declares, changed to another value: from a fact to the edit of its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from driftbot.core.fact import Fact, Provenance, Value, View
from driftbot.core.finding import Recommendation
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, format_number, parse_quantity
from driftbot.core.sighting import ALERT, CONDITION
from driftbot.documents.format import Format, format_of
from driftbot.documents.node import Node
from driftbot.edits.duration import spell_duration
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.expression_constant import replace_threshold
from driftbot.edits.replacement import Replacement
from driftbot.edits.restored_expression import restore_expression
from driftbot.edits.scalar import replace_in_scalar
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.promql.condition import Condition
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression

_NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a key stands in a rule file: under which field, and how its text becomes another value's."""

    field: str
    replacement: Callable[[Fact, str, Value], Replacement]


def edit_recommended(
    advice: Recommendation, declared: Iterable[Fact], read: Callable[[str], bytes]
) -> tuple[Edit, bytes]:
    """The edit that a recommendation asks for, and the content of the file that it is an edit of.

    ``declared`` are the facts about the finding's subject that stand; ``read`` gives the bytes of the file that an
    origin names, and may refuse.

    Raises:
        Refused: there is no value, no single place in a file that states the key, or no safe edit of it.
    """
    if advice.value is None:
        raise Refused(advice.note or "no value can be recommended", Refusal.NO_VALUE)
    known = [fact for fact in declared if fact.view is View.DECLARED]
    facts = [fact for fact in known if fact.key == advice.key]
    if not facts:
        raise Refused(f"no file that driftbot reads states {advice.key}", Refusal.UNWRITTEN)
    if len({(fact.origin.locator, fact.origin.start) for fact in facts}) > 1:
        places = ", ".join(str(fact.origin) for fact in facts)
        raise Refused(f"{advice.key} stands in several places: {places}", Refusal.SEVERAL)
    wanted, path = facts[0], facts[0].origin.locator
    # As the collector reads rule files: whatever else their suffix is, they are YAML.
    file = SettingFile(path, read(path), Format.JSON if format_of(path) is Format.JSON else Format.YAML)
    stated = {fact.key: fact.value for fact in known if fact.origin == wanted.origin}
    return edit_setting(wanted, advice.value, file, stated), file.content


def can_edit(kind: str, key: str) -> bool:
    """Whether files are edited for this key of this kind of subject."""
    return (kind, key) in _SETTINGS


def edit_setting(fact: Fact, value: Value, file: SettingFile, stated: Mapping[str, Value] = _NOTHING) -> Edit:
    """Change what a declared fact was read from, and nothing else; the author's notation is kept.

    ``file`` is the file that the fact's origin names, as it is now. That it is still the same alert which stands there
    is told by its name, and of a condition by what else was ``stated`` of it (``measured``, ``comparison``).

    Raises:
        Refused: the key is not one that is edited, nobody wrote the value there, the file is not what was read, or the
            edit could not be proved to change this value alone.
    """
    setting = _SETTINGS.get((fact.subject.kind, fact.key))
    if setting is None:
        raise Refused(f"{fact.key} of a {fact.subject.kind} is not edited in files", Refusal.NOT_EDITED)
    _refuse_unwritten(fact, setting)
    node = file.at(fact.origin.start, fact.origin.end)
    if not any(_is_of(fact, setting, file, location) for location in file.locations(node)):
        reason = f"{fact.origin}: the file has changed, something else stands there now; scan again"
        raise Refused(reason, Refusal.MOVED)
    try:
        _refuse_other_condition(fact, node.text, stated)
        return replace_in_scalar(file, node, setting.replacement(fact, node.text, value))
    except Refused as refusal:
        if refusal.reason.startswith(file.path):
            raise
        raise Refused(f"{_at(node)}: {refusal.reason}", refusal.kind) from None


def _is_of(fact: Fact, setting: _Setting, file: SettingFile, location: Location) -> bool:
    rule = file.rule(location)
    name = rule.get("alert") if rule else None
    return location[-1] == setting.field and fact.subject.label("alertname") in (None, name.text if name else "")


def _refuse_other_condition(fact: Fact, expression: str, stated: Mapping[str, Value]) -> None:
    if fact.subject.kind != CONDITION:
        return
    found = _conditions(expression)[_index(fact) : _index(fact) + 1]
    now = {"measured": found[0].measured, "comparison": found[0].comparison.value} if found else {}
    if any(stated.get(key, value) != value for key, value in now.items()):
        raise Refused("the file has changed, another condition has this number now; scan again", Refusal.MOVED)


def _at(node: Node) -> str:
    return f"{node.content.locator}:{node.line}"


def _refuse_unwritten(fact: Fact, setting: _Setting) -> None:
    if fact.provenance is Provenance.INHERITED:
        reason = f"{fact.origin}: {setting.field} stands on the rule's group and is every rule's in it"
        raise Refused(reason, Refusal.UNWRITTEN)
    if fact.provenance is not Provenance.EXPLICIT:
        raise Refused(f"{fact.origin}: nobody wrote {setting.field} there; add the line by hand", Refusal.UNWRITTEN)


def _threshold(fact: Fact, expression: str, value: Value) -> Replacement:
    found, index = _conditions(expression), _index(fact)
    _refuse_changed(fact, found[index].threshold if index < len(found) else None, value)
    return replace_threshold(expression, index, _number(value))


def _index(fact: Fact) -> int:
    """Which condition of its expression it is, from 0: conditions are named ``alert/1``, ``alert/2`` …"""
    return int(fact.subject.name.rpartition("/")[2]) - 1


def _conditions(expression: str) -> tuple[Condition, ...]:
    try:
        return read_expression(expression).conditions
    except NotPromQL as error:
        raise Refused(f"the expression cannot be taken apart: {error}", Refusal.UNREADABLE) from None


def _expression(fact: Fact, text: str, value: Value) -> Replacement:
    try:
        now = read_expression(text).canonical
    except NotPromQL as error:
        raise Refused(f"the expression cannot be taken apart: {error}", Refusal.UNREADABLE) from None
    if now == value:
        raise Refused("the file has been changed since the scan, and asks this already", Refusal.ALREADY)
    if now != fact.value:
        raise Refused("the file has changed, another expression stands there now; scan again", Refusal.MOVED)
    return restore_expression(text, str(value))


def _duration(fact: Fact, text: str, value: Value) -> Replacement:
    try:
        _refuse_changed(fact, parse_quantity(text, Unit.SECONDS).value, value)
    except NotAQuantity as error:
        raise Refused(str(error), Refusal.MOVED) from None
    written = spell_duration(_number(value), like=text)
    if written is None:
        reason = f"{format_number(_number(value))} s is no duration that Prometheus reads"
        raise Refused(reason, Refusal.UNWRITABLE_VALUE)
    return Replacement(0, len(text), written)


def _text(fact: Fact, text: str, value: Value) -> Replacement:
    if text != fact.value:
        reason = f"the file has changed, it says {text!r} and the scan read {fact.value!r}; scan again"
        raise Refused(reason, Refusal.MOVED)
    return Replacement(0, len(text), str(value))


def _refuse_changed(fact: Fact, written: float | None, value: Value) -> None:
    if written == _number(fact.value):
        return
    if written == _number(value):
        raise Refused(f"the file has been changed since the scan, and says {value} already", Refusal.ALREADY)
    said = "something else" if written is None else format_number(written)
    reason = f"the file has changed, it says {said} and the scan read {fact.value}; scan again"
    raise Refused(reason, Refusal.MOVED)


def _number(value: Value) -> float:
    if not isinstance(value, Quantity):
        raise Refused(f"{value!r} is no number", Refusal.UNWRITABLE_VALUE)
    return value.value


_SETTINGS: Mapping[tuple[str, str], _Setting] = {
    (CONDITION, "threshold"): _Setting("expr", _threshold),
    (ALERT, "expression"): _Setting("expr", _expression),
    (ALERT, "hold"): _Setting("for", _duration),
    (ALERT, "keep_firing"): _Setting("keep_firing_for", _duration),
    (ALERT, "severity"): _Setting("severity", _text),
}
