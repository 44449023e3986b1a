"""The engine means what CEL means: random expressions, judged by both, agree wherever all values are known."""

from __future__ import annotations

import math

import pytest
from cel_expr_python import cel
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from driftbot.core.fact import Fact, Value
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Snapshot
from driftbot.engine.compute import Computation
from driftbot.engine.table import tables
from driftbot.rules import cel as language
from driftbot.rules import lowering
from driftbot.rules.scope import Scope
from tests.engine.estate import AS_OF, job
from tests.rules.words import VOCABULARY

Pair = tuple[str, str]
"""An expression in the rule language and the same one in plain CEL over doubles."""

KEYS = {
    "timeout.deadline": Unit.SECONDS, "timeout.grace": Unit.SECONDS,
    "retries": Unit.COUNT, "replicas": Unit.COUNT, "error.ratio": Unit.RATIO,
}  # fmt: skip
FLAGS, TEXTS, LISTS = ("enabled", "paused"), ("image", "policy"), ("alerts.names", "expected.alerts")
NUMBERS = st.sampled_from([0.0, 1.0, 2.0, -1.5, 0.1, 0.7, 3600.0, 1e300, -1e300, 1e-300, 7.0])
WORDS = st.sampled_from(["", "a", "ab", "b", "ä", "\U0001f600"])


def variable(key: str) -> str:
    return key.replace(".", "_")


def binary(symbol: str, left: Pair, right: Pair) -> Pair:
    return f"({left[0]} {symbol} {right[0]})", f"({left[1]} {symbol} {right[1]})"


def quantities(unit: Unit) -> st.SearchStrategy[Pair]:
    """Arithmetic of one unit, with bare numbers as factors."""
    leaves = st.sampled_from([(f"self.{key}", variable(key)) for key, of in KEYS.items() if of is unit])
    factors = NUMBERS.filter(lambda number: abs(number) < 1e9).map(lambda number: (repr(number), repr(number)))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(binary, st.sampled_from(["+", "-"]), inner, inner),
            st.builds(binary, st.just("*"), factors, inner),
            st.builds(binary, st.just("/"), inner, factors),
            st.builds(lambda pair: (f"(-{pair[0]})", f"(-{pair[1]})"), inner),
        ),
        max_leaves=4,
    )


UNITS = st.sampled_from([Unit.SECONDS, Unit.COUNT, Unit.RATIO])
COMPARISONS = UNITS.flatmap(
    lambda unit: st.builds(
        binary, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), quantities(unit), quantities(unit)
    )
)
TEXT = st.one_of(
    st.sampled_from([(f"self.{key}", variable(key)) for key in TEXTS]),
    WORDS.map(lambda word: (f'"{word}"', f'"{word}"')),
)
NAMED_LISTS = st.sampled_from([(f"self.{key}", variable(key)) for key in LISTS])


def member(target: Pair, call: str, argument: Pair) -> Pair:
    return f"{target[0]}.{call}({argument[0]})", f"{target[1]}.{call}({argument[1]})"


def within(found: Pair) -> st.SearchStrategy[Pair]:
    """A condition about the item ``x`` of a macro."""
    item = ("x", "x")
    return st.one_of(
        st.builds(binary, st.sampled_from(["==", "!="]), st.just(item), TEXT),
        st.builds(member, st.just(item), st.sampled_from(["startsWith", "endsWith", "contains"]), TEXT),
        st.builds(binary, st.just("in"), st.just(item), NAMED_LISTS),
        st.just(found),
    )


def macro(name: str, over: Pair, body: Pair) -> Pair:
    return f"{over[0]}.{name}(x, {body[0]})", f"{over[1]}.{name}(x, {body[1]})"


def sized(pair: Pair, number: int) -> Pair:
    return f"({pair[0]}.size() <= {number})", f"({pair[1]}.size() <= {number})"


LEAVES = st.one_of(
    COMPARISONS,
    st.sampled_from([(f"self.{key}", key) for key in FLAGS]),
    st.builds(binary, st.sampled_from(["==", "!="]), TEXT, TEXT),
    st.builds(member, TEXT, st.sampled_from(["startsWith", "endsWith", "contains"]), TEXT),
    st.builds(binary, st.just("in"), TEXT, NAMED_LISTS),
)


def conditions(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    bodies = inner.flatmap(within)
    return st.one_of(
        st.builds(binary, st.sampled_from(["&&", "||", "==", "!="]), inner, inner),
        st.builds(lambda pair: (f"!{pair[0]}", f"!{pair[1]}"), inner),
        st.builds(lambda a, b, c: (f"({a[0]} ? {b[0]} : {c[0]})", f"({a[1]} ? {b[1]} : {c[1]})"), inner, inner, inner),
        st.builds(macro, st.sampled_from(["all", "exists"]), NAMED_LISTS, bodies),
        st.builds(sized, st.builds(macro, st.just("filter"), NAMED_LISTS, bodies), st.integers(0, 3)),
    )


EXPRESSIONS = st.recursive(LEAVES, conditions, max_leaves=6)
ESTATES = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(KEYS, NUMBERS),
            **dict.fromkeys(FLAGS, st.booleans()),
            **dict.fromkeys(TEXTS, WORDS),
            **dict.fromkeys(LISTS, st.lists(WORDS, max_size=4)),
        }
    ),
    min_size=1,
    max_size=5,
)


def value_of(key: str, value: object) -> Value:
    if key in KEYS:
        assert isinstance(value, float)
        return Quantity(value, KEYS[key])
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]


def ours(text: str, estate: list[dict[str, object]]) -> list[bool | None]:
    facts = tuple(
        Fact(job(f"{index:02}"), key, value_of(key, value))
        for index, values in enumerate(estate)
        for key, value in values.items()
    )
    table = tables(Snapshot(AS_OF, facts), frozenset({"job"}))["job"]
    scope = Scope("job", VOCABULARY)
    node, faults = lowering.lower(language.check(text, scope.variables(text)), scope)
    assert node is not None, faults
    found = Computation(table, {}).column(node)
    return [bool(value) if known else None for value, known in zip(found.values, found.known, strict=True)]


ENVIRONMENT = cel.NewEnv(
    variables={
        **{variable(key): cel.Type.DOUBLE for key in KEYS},
        **dict.fromkeys(FLAGS, cel.Type.BOOL),
        **dict.fromkeys(TEXTS, cel.Type.STRING),
        **{variable(key): cel.Type.List(cel.Type.STRING) for key in LISTS},
    }
)


def theirs(text: str, estate: list[dict[str, object]]) -> list[bool]:
    program = ENVIRONMENT.compile(text)
    return [program.eval(data={variable(key): value for key, value in row.items()}).value() for row in estate]


@settings(max_examples=300)
@given(EXPRESSIONS, ESTATES)
def test_where_we_know_cel_says_the_same(pair, estate):
    note(pair[0])
    assume(len(pair[0]) < 4000)
    judged, expected = ours(pair[0], estate), theirs(pair[1], estate)
    assert [mine for mine in judged if mine is not None] == [
        other for mine, other in zip(judged, expected, strict=True) if mine is not None
    ]


@given(EXPRESSIONS, ESTATES)
def test_we_know_wherever_the_arithmetic_is_finite(pair, estate):
    """What is unknown here although everything was read is unknown for one reason only: no finite number."""
    tame = [{key: math.copysign(1.0, v) if isinstance(v, float) else v for key, v in row.items()} for row in estate]
    assume("/ 0.0" not in pair[0])
    assert None not in ours(pair[0], tame)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("self.timeout.deadline / self.timeout.grace < 5", "timeout_deadline / timeout_grace < 5.0"),
        ("self.timeout.deadline * 1e10 > self.timeout.grace", "timeout_deadline * 1e10 > timeout_grace"),
    ],
)
def test_infinity_is_a_number_for_cel_and_unknown_for_us(text, plain):
    row = {
        **dict.fromkeys(KEYS, 0.0), "timeout.deadline": 1e300, "enabled": True, "paused": True,
        "image": "", "policy": "", "alerts.names": [], "expected.alerts": [],
    }  # fmt: skip
    assert theirs(plain, [row])[0] in {True, False}
    assert ours(text, [row]) == [None]
