"""Instants and odd text survive every database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.store.columns import escaped, instant, microseconds, unescaped

anything = st.text(st.characters(), max_size=20)


@given(anything)
def test_text_survives(text: str):
    stored = escaped(text)
    assert unescaped(stored) == text
    assert "\0" not in stored
    stored.encode()


@given(anything, anything)
def test_two_texts_are_stored_as_two(one: str, other: str):
    assert (escaped(one) == escaped(other)) == (one == other)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=-7, minutes=-30)))))
def test_instants_are_exact(moment: datetime):
    assert instant(microseconds(moment)) == moment


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        microseconds(datetime(2026, 1, 1))
