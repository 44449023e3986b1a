"""Rounded quantities are no further than asked for, and the text of one reads back as the very same."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.playbooks.parameter import Rounding
from driftbot.remedies.quantity_text import quantity_text, rounded

UNITS = st.sampled_from(list(Unit))
NUMBERS = st.floats(min_value=1e-6, max_value=1e15) | st.integers(0, 10**12).map(float)


@pytest.mark.parametrize(
    ("written", "unit", "rounding", "text"),
    [
        ("10432.7", Unit.SECONDS, Rounding.UP, "2h54m"),
        ("10432.7", Unit.SECONDS, Rounding.DOWN, "2h53m"),
        ("3h", Unit.SECONDS, Rounding.UP, "3h"),
        ("7200", Unit.SECONDS, Rounding.UP, "2h"),
        ("95.1", Unit.SECONDS, Rounding.UP, "1m36s"),
        ("12.0001", Unit.SECONDS, Rounding.UP, "13s"),
        ("250ms", Unit.SECONDS, Rounding.UP, "250ms"),
        ("1177.376Mi", Unit.BYTES, Rounding.UP, "1180Mi"),
        ("1.5Gi", Unit.BYTES, Rounding.UP, "1536Mi"),
        ("1500M", Unit.BYTES, Rounding.UP, "1500M"),
        ("12.2", Unit.COUNT, Rounding.UP, "13"),
        ("12.2", Unit.COUNT, Rounding.DOWN, "12"),
        ("12.5", Unit.COUNT, Rounding.NEAREST, "12"),
        ("0.2", Unit.CORES, Rounding.UP, "200m"),
        ("1.2344", Unit.CORES, Rounding.UP, "1240m"),
        ("0.85", Unit.RATIO, Rounding.UP, "0.85"),
        ("0.000123456", Unit.RATIO, Rounding.UP, "0.000124"),
        ("0.85123", Unit.RATIO, Rounding.EXACT, "0.85123"),
        ("0", Unit.SECONDS, Rounding.UP, "0"),
    ],
)
def test_people_would_write_it_so(written: str, unit: Unit, rounding: Rounding, text: str) -> None:
    assert quantity_text(rounded(parse_quantity(written, unit), rounding)) == text


@given(NUMBERS, UNITS, st.sampled_from(list(Rounding)))
def test_the_text_reads_back_as_the_very_same(number: float, unit: Unit, rounding: Rounding) -> None:
    value = rounded(Quantity(number, unit), rounding)
    assert parse_quantity(quantity_text(value), unit) == value


@given(NUMBERS, UNITS)
def test_rounding_goes_the_way_that_is_asked_for_and_not_far(number: float, unit: Unit) -> None:
    value = Quantity(number, unit)
    up, down = rounded(value, Rounding.UP).value, rounded(value, Rounding.DOWN).value
    assert down <= number * (1 + 1e-9)
    assert up >= number * (1 - 1e-9)
    whole = unit in (Unit.SECONDS, Unit.COUNT, Unit.BYTES) and number < 1000
    assert up - down <= max(number / 100 * (1 + 1e-9), 1 if whole else 0, 1e-3 if unit is Unit.CORES else 0)


@given(NUMBERS, UNITS, st.sampled_from([Rounding.UP, Rounding.DOWN, Rounding.NEAREST]))
def test_what_is_round_stays(number: float, unit: Unit, rounding: Rounding) -> None:
    once = rounded(Quantity(number, unit), rounding)
    assert math.isclose(rounded(once, rounding).value, once.value, rel_tol=1e-12)


@given(st.floats(min_value=1, max_value=1e9))
def test_settings_that_take_whole_seconds_get_them(number: float) -> None:
    assert rounded(Quantity(number, Unit.SECONDS), Rounding.UP).value.is_integer()
