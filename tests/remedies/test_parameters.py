"""Parameters take their values from where the playbook says, of the type that it says, or name what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.finding import Finding, Recommendation, Verdict
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject
from driftbot.documents.node import Node
from driftbot.documents.yaml import read_yaml
from driftbot.edits.edit import Refused
from driftbot.playbooks.filling import LEFT_OUT, Given
from driftbot.playbooks.parameter import Parameter
from driftbot.remedies.parameters import refuse_unmet, resolved

CART = Subject("workload", "production", "shop/cart", (("namespace", "shop"), ("workload", "cart")))
SPEC = b"""spec: {replicas: 3, selector: {matchLabels: {app: cart}}, ports: [1, 2], paused: true, name: cart,
  none: null, torn: [a, null]}
"""
MEMORY = Quantity(512 * 2**20, Unit.BYTES)


def fact(key: str, value: Value, view: View = View.DECLARED, line: int = 1) -> Fact:
    return Fact(CART, key, value, view, origin=Origin("files", "cart.yaml", line, 1))


FACTS = (
    fact("memory", MEMORY),
    fact("both", "a", View.EFFECTIVE),
    fact("both", "b"),
    fact("torn", "a", line=1),
    fact("torn", "b", line=2),
    fact("paused", True),
    fact("names", ("a", "b")),
)
FINDING = Finding(
    "rule",
    CART,
    Verdict.DRIFT,
    Severity.HIGH,
    "title",
    recommendations=(
        Recommendation("memory", Quantity(1177.376 * 2**20, Unit.BYTES)),
        Recommendation("replicas", Quantity(2.2, Unit.COUNT)),
        Recommendation("unread", None, "nobody measures it"),
        Recommendation("silent", None),
        Recommendation("expression", "up == 0"),
    ),
)


def document() -> Node:
    return read_yaml(SPEC, "files", "cart.yaml").nodes[0]


def value(**parameter: Any) -> Given:
    given = resolved({"x": Parameter.model_validate({"meaning": "X.", **parameter})}, FINDING, FACTS, document)
    return given["x"]


@pytest.mark.parametrize(
    ("parameter", "text", "plain"),
    [
        ({"unit": "bytes", "recommended": "memory"}, "1180Mi", "1180Mi"),
        ({"unit": "bytes", "recommended": "memory", "rounding": "down"}, "1170Mi", "1170Mi"),
        ({"unit": "count", "recommended": "replicas"}, "3", 3),
        ({"type": "text", "recommended": "expression"}, "up == 0", "up == 0"),
        ({"unit": "bytes", "fact": "memory"}, "512Mi", "512Mi"),
        ({"type": "text", "fact": "both"}, "b", "b"),
        ({"type": "flag", "fact": "paused"}, "true", True),
        ({"type": "names", "fact": "names"}, "a, b", ["a", "b"]),
        ({"unit": "bytes", "fact": "absent", "default": "1Gi"}, "1Gi", "1Gi"),
        ({"type": "text", "subject": "name"}, "shop/cart", "shop/cart"),
        ({"type": "text", "subject": "environment"}, "production", "production"),
        ({"type": "text", "subject": "namespace"}, "shop", "shop"),
        ({"type": "text", "subject": "labels.workload"}, "cart", "cart"),
        ({"type": "text", "subject": "labels.absent", "default": "none"}, "none", "none"),
        ({"type": "document", "document": "$.spec.selector"}, '{"matchLabels":{"app":"cart"}}',
         {"matchLabels": {"app": "cart"}}),
        ({"unit": "count", "document": "$.spec.replicas"}, "3", 3),
        ({"type": "flag", "document": "$.spec.paused"}, "true", True),
        ({"type": "text", "document": "$.spec.name"}, "cart", "cart"),
        ({"type": "names", "document": "$.spec.ports"}, "1, 2", ["1", "2"]),
        ({"type": "document", "default": {"a": [1]}}, '{"a":[1]}', {"a": [1]}),
        ({"type": "flag", "default": False}, "false", False),
    ],
)  # fmt: skip
def test_a_value_comes_from_where_the_playbook_says(parameter: Mapping[str, Any], text: str, plain: object) -> None:
    assert value(**parameter) == Given(text, plain)


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ({"unit": "bytes", "recommended": "cpu"}, "x: the rule recommends no value of cpu"),
        ({"unit": "bytes", "recommended": "unread"}, "x: nobody measures it"),
        ({"unit": "bytes", "recommended": "silent"}, "x: no value of silent can be recommended"),
        (
            {"unit": "seconds", "recommended": "memory"},
            "the playbook takes a quantity in seconds, and the value is 1.15Gi",
        ),
        ({"type": "text", "recommended": "memory"}, "the playbook takes a text"),
        ({"type": "text", "fact": "torn"}, "torn has several values: cart.yaml:1:1, cart.yaml:2:1"),
        ({"type": "text", "fact": "absent"}, "workload:production/shop/cart has no absent"),
        ({"type": "text", "subject": "labels.tier"}, "workload:production/shop/cart has no labels.tier"),
        ({"type": "text", "document": "$.spec.absent"}, "has no $.spec.absent"),
        ({"type": "text", "document": "$.spec.none"}, "has no $.spec.none"),
        ({"type": "document", "document": "$.spec.none"}, "has no $.spec.none"),
        ({"type": "text", "document": "$.spec.selector"}, "takes a text, and the value is {"),
        ({"type": "text", "document": "$.spec.ports"}, "takes a text, and the value is [1,2]"),
        ({"type": "names", "document": "$.spec.torn"}, "takes a names, and the value is"),
        ({"type": "document", "document": "$.spec.ports[*]"}, "leads to 2 places"),
        ({"unit": "seconds", "document": "$.spec.name"}, "is not a quantity in seconds"),
        ({"type": "names", "document": "$.spec.name"}, "the playbook takes a names"),
    ],
)
def test_what_is_missing_or_of_another_type_is_refused(parameter: Mapping[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        value(**parameter)
    assert told in refused.value.reason


def test_everything_that_is_missing_is_told_at_once() -> None:
    parameters = {
        "a": Parameter(meaning="A.", unit=Unit.BYTES, recommended="cpu"),
        "b": Parameter(meaning="B.", unit=Unit.BYTES, recommended="unread"),
    }
    with pytest.raises(Refused, match="a: the rule recommends no value of cpu; b: nobody measures it"):
        resolved(parameters, FINDING, FACTS, document)


def test_the_document_is_read_only_where_a_parameter_needs_it() -> None:
    def never() -> Node:
        raise AssertionError

    given = resolved({"x": Parameter(meaning="X.", unit=Unit.BYTES, recommended="memory")}, FINDING, FACTS, never)
    assert given["x"].text == "1180Mi"


@pytest.mark.parametrize(
    ("direction", "value", "told"),
    [
        ("raise", 600, ""),
        ("lower", 300, ""),
        ("raise", 512, "memory is 512Mi and 512Mi is recommended, which is not more"),
        ("raise", 300, "memory is 512Mi and 300Mi is recommended, which is not more"),
        ("lower", 600, "memory is 512Mi and 600Mi is recommended, which is not less"),
    ],
)
def test_a_value_never_goes_the_other_way(direction: str, value: float, told: str) -> None:
    finding = replace(FINDING, recommendations=(Recommendation("memory", Quantity(value * 2**20, Unit.BYTES)),))
    parameter = Parameter.model_validate(
        {"meaning": "X.", "unit": "bytes", "recommended": "memory", "direction": direction}
    )
    if told:
        with pytest.raises(Refused, match=told):
            resolved({"x": parameter}, finding, FACTS, document)
    else:
        assert resolved({"x": parameter}, finding, FACTS, document)["x"].text == f"{value}Mi"


def test_what_is_optional_is_left_out_where_nobody_states_it() -> None:
    optional = {"type": "text", "document": "$.metadata.namespace", "need": "optional"}
    assert value(**optional) is LEFT_OUT


@pytest.mark.parametrize(
    ("requires", "told"),
    [
        ({"names": ["b", "a"]}, ""),
        ({"paused": True, "memory": "512Mi"}, ""),
        ({"names": []}, "names is a, b, not none"),
        ({"paused": False}, "paused is true, not false"),
        ({"memory": "1Gi"}, "memory is 512Mi, not 1Gi"),
        ({"memory": "soon"}, "memory is 512Mi, not soon"),
        ({"absent": "x"}, "absent is not known, not x"),
        ({"absent": "x", "paused": False}, "absent is not known, not x; paused is true, not false"),
    ],
)
def test_what_a_playbook_requires_is_held_against_the_facts(requires: dict[str, object], told: str) -> None:
    if told:
        with pytest.raises(Refused) as refused:
            refuse_unmet(requires, CART, FACTS)
        assert told in refused.value.reason
    else:
        refuse_unmet(requires, CART, FACTS)
