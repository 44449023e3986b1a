"""Parameters of a playbook for one finding: where each value comes from, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from driftbot.core.canonical import canonical
from driftbot.core.fact import Fact, Value, View, show
from driftbot.core.finding import Finding
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject
from driftbot.documents.node import Node, Plain, Shape
from driftbot.documents.path import Path
from driftbot.edits.edit import Refusal, Refused
from driftbot.playbooks.filling import LEFT_OUT, Given
from driftbot.playbooks.parameter import Direction, Need, Parameter, ParameterType
from driftbot.remedies.quantity_text import quantity_text, rounded

_VIEWS = (View.DECLARED, View.EFFECTIVE, View.OBSERVED, View.APPROVED)
"""Whose word counts where several speak: what is written is what is changed."""

_TYPES: Mapping[ParameterType, type] = {
    ParameterType.QUANTITY: Quantity,
    ParameterType.TEXT: str,
    ParameterType.FLAG: bool,
    ParameterType.NAMES: tuple,
}


def resolved(
    parameters: Mapping[str, Parameter], finding: Finding, facts: Sequence[Fact], document: Callable[[], Node]
) -> dict[str, Given]:
    """Every parameter's value for a finding whose subject has these facts.

    ``document`` gives the document in which the subject is declared; it is asked only where a parameter needs it.

    Raises:
        Refused: a value is missing, ambiguous or of another type; every such parameter is named.
    """
    found: dict[str, Given] = {}
    missing: list[Refused] = []
    for name, parameter in parameters.items():
        try:
            found[name] = _value(parameter, finding, facts, document)
        except Refused as refusal:
            missing.append(Refused(f"{name}: {refusal.reason}", refusal.kind))
    if missing:
        raise Refused("; ".join(one.reason for one in missing), missing[0].kind)
    return found


def _value(parameter: Parameter, finding: Finding, facts: Sequence[Fact], document: Callable[[], Node]) -> Given:
    if parameter.recommended is not None:
        value = _recommended(parameter.recommended, finding)
        _refuse_other_way(value, parameter, facts)
        return _given(value, parameter)
    if parameter.fact is not None:
        stated = _stated(parameter.fact, facts)
        if stated is not None:
            return _given(stated, parameter)
    elif parameter.subject is not None:
        text = _of_subject(parameter.subject, finding.subject)
        if text is not None:
            return Given(text, text)
    elif parameter.document is not None:
        nodes = [found.node for found in Path(parameter.document).find(document())]
        if len(nodes) > 1:
            raise Refused(f"{parameter.document} leads to {len(nodes)} places of the document", Refusal.SEVERAL)
        if nodes and not nodes[0].is_null:
            return _of_document(nodes[0], parameter)
    return _default(parameter, finding.subject)


def _recommended(key: str, finding: Finding) -> Value:
    advice = next((one for one in finding.recommendations if one.key == key), None)
    if advice is None:
        raise Refused(f"the rule recommends no value of {key}", Refusal.NO_VALUE)
    if advice.value is None:
        raise Refused(advice.note or f"no value of {key} can be recommended", Refusal.NO_VALUE)
    return advice.value


def _refuse_other_way(value: Value, parameter: Parameter, facts: Sequence[Fact]) -> None:
    """Hold a recommendation against what stands there: a deadline that is to be raised is never lowered."""
    if parameter.direction is None or not isinstance(value, Quantity):
        return
    key = parameter.recommended or ""
    now = _stated(key, facts)
    if not isinstance(now, Quantity) or now.unit != value.unit:
        return
    further = value.value > now.value if parameter.direction is Direction.RAISE else value.value < now.value
    if not further:
        more = "more" if parameter.direction is Direction.RAISE else "less"
        told = f"{key} is {now} and {value} is recommended, which is not {more}: another value does not help here"
        raise Refused(told, Refusal.NO_VALUE)


def refuse_unmet(requires: Mapping[str, object], subject: Subject, facts: Sequence[Fact]) -> None:
    """Hold what a playbook requires against what is known of a subject.

    Raises:
        Refused: a key has another value, or none; every such key is named.
    """
    unmet = []
    for key, wanted in requires.items():
        stated = _stated(key, facts)
        if stated is None or not _is(stated, wanted):
            unmet.append(f"{key} is {'not known' if stated is None else show(stated)}, not {_shown(wanted)}")
    if unmet:
        raise Refused(f"this is no remedy for {subject}: {'; '.join(unmet)}", Refusal.NOT_EDITED)


def _is(stated: Value, wanted: object) -> bool:
    if isinstance(wanted, list):
        return stated == tuple(sorted(wanted))
    if isinstance(stated, Quantity) and isinstance(wanted, str | int | float):
        try:
            return stated == parse_quantity(wanted, stated.unit)
        except NotAQuantity:
            return False
    return type(stated) is type(wanted) and stated == wanted


def _shown(wanted: object) -> str:
    if isinstance(wanted, list):
        return ", ".join(wanted) or "none"
    return show(wanted) if isinstance(wanted, bool | str) else str(wanted)


def _stated(key: str, facts: Sequence[Fact]) -> Value | None:
    """The value that the subject has; what is written before what runs before what was measured."""
    about = [fact for fact in facts if fact.key == key]
    for view in _VIEWS:
        said = [fact for fact in about if fact.view is view]
        if len({fact.value for fact in said}) > 1:
            places = ", ".join(sorted({str(fact.origin) for fact in said}))
            raise Refused(f"{key} has several values: {places}", Refusal.SEVERAL)
        if said:
            return said[0].value
    return None


def _of_subject(what: str, subject: Subject) -> str | None:
    match what:
        case "kind":
            return subject.kind
        case "environment":
            return subject.environment
        case "name":
            return subject.name
        case _:
            return subject.label(what.removeprefix("labels."))


def _of_document(node: Node, parameter: Parameter) -> Given:
    plain = node.plain()
    if parameter.type is ParameterType.DOCUMENT:
        return Given(canonical(plain), plain)
    if parameter.unit is not None and isinstance(plain, str | int | float):
        return _given(_parsed(plain, parameter.unit), parameter)
    if parameter.type is ParameterType.TEXT and node.shape is Shape.SCALAR:
        return Given(node.text, node.text)
    named = all(item.shape is Shape.SCALAR and not item.is_null for item in node.items)
    if parameter.type is ParameterType.NAMES and isinstance(plain, list) and named:
        return _given(tuple(sorted(item.text for item in node.items)), parameter)
    if isinstance(plain, bool | str):
        return _given(plain, parameter)
    raise _other_type(canonical(plain), parameter)


def _default(parameter: Parameter, subject: Subject) -> Given:
    default = parameter.default
    if default is None:
        source = parameter.fact or parameter.subject or parameter.document
        if parameter.need is Need.OPTIONAL:
            return LEFT_OUT
        raise Refused(f"{subject} has no {source}", Refusal.NO_VALUE)
    if parameter.type is ParameterType.DOCUMENT:
        return Given(canonical(default), default)
    if parameter.unit is not None:
        return _given(_parsed(default, parameter.unit), parameter)
    return _given(tuple(sorted(default)) if isinstance(default, list) else default, parameter)


def _parsed(value: str | float, unit: Unit) -> Quantity:
    try:
        return parse_quantity(value, unit)
    except ValueError as error:
        raise Refused(str(error), Refusal.NO_VALUE) from None


def _given(value: Value, parameter: Parameter) -> Given:
    """The value as settings take it; of the type that the playbook says it is."""
    wanted = _TYPES.get(parameter.type)
    unit = value.unit if isinstance(value, Quantity) else None
    if wanted is None or not isinstance(value, wanted) or unit != parameter.unit:
        raise _other_type(str(value), parameter)
    if isinstance(value, Quantity):
        return _written(rounded(value, parameter.rounding))
    if isinstance(value, tuple):
        return Given(", ".join(value), list(value))
    plain: Plain = value if isinstance(value, bool | str) else str(value)
    return Given(("true" if value else "false") if isinstance(value, bool) else str(value), plain)


def _other_type(value: str, parameter: Parameter) -> Refused:
    said = f"a {parameter.type}" + (f" in {parameter.unit}" if parameter.unit else "")
    return Refused(f"the playbook takes {said}, and the value is {value}", Refusal.UNWRITABLE_VALUE)


def _written(value: Quantity) -> Given:
    text = quantity_text(value)
    whole = value.unit is Unit.COUNT and value.value.is_integer()
    return Given(text, int(value.value) if whole else text)
