"""Quantities are read and written as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.quantity import NotAQuantity, Quantity, Unit, format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5m", Unit.SECONDS, 300),
        ("1h30m", Unit.SECONDS, 5400),
        ("1h 30m", Unit.SECONDS, 5400),
        ("PT2H", Unit.SECONDS, 7200),
        ("P1DT12H", Unit.SECONDS, 129600),
        ("P2W", Unit.SECONDS, 1209600),
        ("PT0.5S", Unit.SECONDS, 0.5),
        ("250ms", Unit.SECONDS, 0.25),
        ("-5m", Unit.SECONDS, -300),
        ("14d", Unit.SECONDS, 1209600),
        ("90", Unit.SECONDS, 90),
        (2.5, Unit.SECONDS, 2.5),
        ("1.5Gi", Unit.BYTES, 1.5 * 2**30),
        ("512Mi", Unit.BYTES, 2**29),
        ("64kB", Unit.BYTES, 64_000),
        ("10B", Unit.BYTES, 10),
        ("129e6", Unit.BYTES, 129e6),
        ("128974848000m", Unit.BYTES, 128974848),
        ("500m", Unit.CORES, 0.5),
        ("2", Unit.CORES, 2),
        ("100n", Unit.CORES, 1e-7),
        ("85%", Unit.RATIO, 0.85),
        ("0.85", Unit.RATIO, 0.85),
        ("10k", Unit.COUNT, 10_000),
        ("10/s", Unit.PER_SECOND, 10),
        ("600/m", Unit.PER_SECOND, 10),
        ("1e-3", Unit.COUNT, 0.001),
    ],
)
def test_reads_what_people_write(text: str | float, unit: Unit, value: float) -> None:
    assert parse_quantity(text, unit).value == pytest.approx(value, rel=1e-12)
    assert parse_quantity(text, unit).unit is unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 parsecs", Unit.SECONDS),
        ("P", Unit.SECONDS),
        ("PT", Unit.SECONDS),
        ("", Unit.SECONDS),
        ("-", Unit.SECONDS),
        ("5m-", Unit.SECONDS),
        ("1Gi", Unit.SECONDS),
        ("5m", Unit.COUNT),
        ("5s", Unit.BYTES),
        ("1.5Zi", Unit.BYTES),
        ("85 percent", Unit.RATIO),
        ("10/fortnight", Unit.PER_SECOND),
        ("/s", Unit.PER_SECOND),
        ("nan", Unit.COUNT),
        ("inf", Unit.SECONDS),
        (math.inf, Unit.SECONDS),
        (math.nan, Unit.COUNT),
        ("1e999", Unit.COUNT),
        (True, Unit.COUNT),
    ],
)
def test_refuses_what_is_no_quantity_of_the_unit(text: str | float, unit: Unit) -> None:
    with pytest.raises(NotAQuantity) as refused:
        parse_quantity(text, unit)
    assert str(unit) in str(refused.value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, Unit.SECONDS, "0s"),
        (0.25, Unit.SECONDS, "250ms"),
        (59.9, Unit.SECONDS, "59.9s"),
        (0.9996, Unit.SECONDS, "1s"),
        (0.00099999, Unit.SECONDS, "1ms"),
        (59.97, Unit.SECONDS, "1m"),
        (1e-15, Unit.SECONDS, "0s"),
        (60, Unit.SECONDS, "1m"),
        (6600, Unit.SECONDS, "1h50m"),
        (-6600, Unit.SECONDS, "-1h50m"),
        (86400 * 3 + 3600, Unit.SECONDS, "3d1h"),
        (86400 + 60, Unit.SECONDS, "1d"),
        (2**30 * 1.5, Unit.BYTES, "1.5Gi"),
        (100, Unit.BYTES, "100"),
        (0.85, Unit.RATIO, "85%"),
        (0.123456, Unit.RATIO, "12.35%"),
        (3, Unit.COUNT, "3"),
        (12, Unit.PER_SECOND, "12/s"),
        (12345, Unit.PER_SECOND, "12340/s"),
        (250, Unit.RATIO, "25000%"),
        (0.5, Unit.CORES, "500m"),
        (0.9997, Unit.CORES, "0.9997"),
        (2, Unit.CORES, "2"),
    ],
)
def test_writes_what_people_read(value: float, unit: Unit, text: str) -> None:
    assert format_quantity(Quantity(value, unit)) == text


@given(st.sampled_from(Unit), st.floats(min_value=1e-6, max_value=1e15))
def test_what_is_written_can_be_read_back_nearly(unit: Unit, value: float) -> None:
    back = parse_quantity(str(Quantity(value, unit)), unit).value
    assert back == pytest.approx(value, rel=0.04)


@given(st.text(max_size=20), st.sampled_from(Unit))
def test_no_text_does_anything_but_give_a_quantity_or_say_why(text: str, unit: Unit) -> None:
    try:
        assert math.isfinite(parse_quantity(text, unit).value)
    except NotAQuantity as refused:
        assert repr(text) in str(refused)
