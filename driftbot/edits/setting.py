"""A setting of an alert that a file declares, changed to another value: from a fact to the edit of its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from driftbot.core.fact import Fact, Provenance, Value, View
from driftbot.core.finding import Recommendation
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.sighting import ALERT, CONDITION
from driftbot.documents.node import Node
from driftbot.edits.duration import spell_duration
from driftbot.edits.edit import Edit, Refused
from driftbot.edits.expression_constant import replace_threshold
from driftbot.edits.replacement import Replacement
from driftbot.edits.scalar import replace_in_scalar
from driftbot.edits.setting_file import SettingFile
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression


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
        raise Refused(advice.note or "no value can be recommended")
    facts = [fact for fact in declared if fact.key == advice.key and fact.view is View.DECLARED]
    if not facts:
        raise Refused(f"no file that driftbot reads states {advice.key}")
    if len({fact.origin for fact in facts}) > 1:
        raise Refused(f"{advice.key} stands in several places: {', '.join(str(fact.origin) for fact in facts)}")
    path = facts[0].origin.locator
    file = SettingFile(path, read(path))
    return edit_setting(facts[0], advice.value, file), file.content


def can_edit(kind: str, key: str) -> bool:
    """Whether files are edited for this key of this kind of subject."""
    return (kind, key) in _SETTINGS


def edit_setting(fact: Fact, value: Value, file: SettingFile) -> Edit:
    """Change what a declared fact was read from, and nothing else; the author's notation is kept.

    ``file`` is the file that the fact's origin names, as it is now.

    Raises:
        Refused: the key is not one that is edited, nobody wrote the value there, the file is not what was read, or the
            edit could not be proved to change this value alone.
    """
    setting = _SETTINGS.get((fact.subject.kind, fact.key))
    if setting is None:
        raise Refused(f"{fact.key} of a {fact.subject.kind} is not edited in files")
    _refuse_unwritten(fact, setting)
    node = file.at(fact.origin.start, fact.origin.end)
    if not any(location[-1] == setting.field for location in file.locations(node)):
        raise Refused(f"{fact.origin}: the file has changed, {setting.field} stands elsewhere now; scan again")
    try:
        return replace_in_scalar(file, node, setting.replacement(fact, node.text, value))
    except Refused as refusal:
        raise refusal if refusal.reason.startswith(file.path) else Refused(f"{_at(node)}: {refusal.reason}") from None


def _at(node: Node) -> str:
    return f"{node.content.locator}:{node.line}"


def _refuse_unwritten(fact: Fact, setting: _Setting) -> None:
    if fact.provenance is Provenance.INHERITED:
        raise Refused(f"{fact.origin}: {setting.field} stands on the rule's group and is every rule's in it")
    if fact.provenance is not Provenance.EXPLICIT:
        raise Refused(f"{fact.origin}: nobody wrote {setting.field} there; add the line by hand")


def _threshold(fact: Fact, expression: str, value: Value) -> Replacement:
    index = int(fact.subject.name.rpartition("/")[2]) - 1
    _refuse_changed(fact, _written_threshold(expression, index))
    return replace_threshold(expression, index, _number(value))


def _written_threshold(expression: str, index: int) -> float | None:
    try:
        conditions = read_expression(expression).conditions
    except NotPromQL as error:
        raise Refused(f"the expression cannot be taken apart: {error}") from None
    return conditions[index].threshold if index < len(conditions) else None


def _duration(fact: Fact, text: str, value: Value) -> Replacement:
    try:
        _refuse_changed(fact, parse_quantity(text, Unit.SECONDS).value)
    except NotAQuantity as error:
        raise Refused(str(error)) from None
    written = spell_duration(_number(value), like=text)
    if written is None:
        raise Refused(f"{_number(value):.12g} s is no duration that Prometheus reads")
    return Replacement(0, len(text), written)


def _text(fact: Fact, text: str, value: Value) -> Replacement:
    if text != fact.value:
        raise Refused(f"the file has changed, it says {text!r} and the scan read {fact.value!r}; scan again")
    return Replacement(0, len(text), str(value))


def _refuse_changed(fact: Fact, written: float | None) -> None:
    if written != _number(fact.value):
        raise Refused(f"the file has changed, it says {written} and the scan read {fact.value}; scan again")


def _number(value: Value) -> float:
    if not isinstance(value, Quantity):
        raise Refused(f"{value!r} is no number")
    return value.value


_SETTINGS: Mapping[tuple[str, str], _Setting] = {
    (CONDITION, "threshold"): _Setting("expr", _threshold),
    (ALERT, "hold"): _Setting("for", _duration),
    (ALERT, "keep_firing"): _Setting("keep_firing_for", _duration),
    (ALERT, "severity"): _Setting("severity", _text),
}
