"""Values as text, exactly and one text a value."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.fact import Value
from driftbot.core.quantity import Quantity, Unit
from driftbot.store.value_text import from_document, from_text, to_text

text = st.text(st.characters(), max_size=20)
values: st.SearchStrategy[Value] = st.one_of(
    st.builds(Quantity, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(Unit)),
    text,
    st.booleans(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(text, max_size=4).map(lambda names: tuple(sorted(names))),
)


@given(values)
def test_a_value_comes_back_equal_and_of_its_type(value: Value):
    back = from_text(to_text(value))
    assert back == value
    assert type(back) is type(value)
    assert to_text(value).isascii()


@given(values, values)
def test_equal_values_have_one_text_and_others_another(one: Value, other: Value):
    assert (to_text(one) == to_text(other)) == (one == other and type(one) is type(other))


def test_zero_has_no_sign():
    assert to_text(Quantity(-0.0, Unit.COUNT)) == to_text(Quantity(0, Unit.COUNT))


@pytest.mark.parametrize("document", [None, 3, [], {"instant": "x"}, {"names": 3}, ["seconds", 1]])
def test_what_is_no_value_is_refused(document: object):
    with pytest.raises(ValueError, match="no stored value"):
        from_document(document)
