"""Quantities in their author's notation: unit, style, digits, direction of rounding; and what is refused."""

from __future__ import annotations

import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.rounding import Rounding
from driftbot.edits.spelling import Spelled, reads_as, spell

SECONDS, BYTES, RATIO, COUNT, CORES, RATE = (
    Unit.SECONDS, Unit.BYTES, Unit.RATIO, Unit.COUNT, Unit.CORES, Unit.PER_SECOND,
)  # fmt: skip
MEBI = 2.0**20


def spelled(value: float, unit: Unit, like: str, was: float | None = None, rounding: Rounding = Rounding.UP) -> Spelled:
    read = parse_quantity(like, unit) if was is None else Quantity(was, unit)
    return spell(Quantity(value, unit), like, read, rounding)


@pytest.mark.parametrize(
    ("value", "unit", "like", "text"),
    [
        # The unit stays, whole numbers stay whole.
        (45, SECONDS, "30s", "45s"), (90, SECONDS, "30s", "90s"), (37.5, SECONDS, "30s", "38s"),
        (45, SECONDS, "30 s", "45 s"),
        (0.7, SECONDS, "500ms", "700ms"), (2.25, SECONDS, "1.5s", "2.25s"), (5400, SECONDS, "1h", "90m"),
        (7200, SECONDS, "1h", "2h"),
        (0.25, SECONDS, "1s", "250ms"), (45, SECONDS, "0s", "45s"), (150, SECONDS, "2min", "150s"),
        (5437, SECONDS, "2h", "91m"),
        # Several units, and ISO 8601.
        (150, SECONDS, "1m30s", "2m30s"), (137.3, SECONDS, "1m30s", "2m18s"), (5437, SECONDS, "1h30m", "1h31m"),
        (7200, SECONDS, "PT1H30M", "PT2H"), (5437, SECONDS, "PT2H", "PT91M"), (5437, SECONDS, "PT1H30M", "PT1H31M"),
        (172800, SECONDS, "P1D", "P2D"), (0.5, SECONDS, "PT1S", "PT1S"), (0, SECONDS, "PT1H", "PT0S"),
        # Memory.
        (1177.376 * MEBI, BYTES, "512Mi", "1180Mi"), (2.3 * 2**30, BYTES, "2Gi", "2.3Gi"),
        (1.64e9, BYTES, "1.5Gi", "1.53Gi"),
        (70.4 * MEBI, BYTES, "64Mi", "71Mi"), (1.5e9, BYTES, "1G", "1.5G"), (2e9, BYTES, "1500M", "2000M"),
        (5e9, BYTES, "1e9", "5e9"),
        (1234567890.4, BYTES, "1000000000", "1240000000"), (128e3, BYTES, "64kB", "128kB"),
        # Processors, shares, counts, rates.
        (0.7432, CORES, "500m", "744m"), (2, CORES, "500m", "2000m"), (1.25, CORES, "1", "1.25"),
        (0.12345, CORES, "0.5", "0.124"),
        (0.8734, RATIO, "85%", "88%"), (0.8734, RATIO, "0.85", "0.874"), (0.9, RATIO, "1", "0.9"),
        (0.1 + 0.2, RATIO, "0.85", "0.30"),
        (3.4, COUNT, "3", "4"), (12345, COUNT, "10k", "13k"), (1100, COUNT, "1_000", "1_100"),
        (12.34, RATE, "10/s", "13/s"),
        (15, RATE, "600/m", "900/m"), (-5, COUNT, "-3", "-5"), (7, COUNT, "0", "7"),
    ],
)  # fmt: skip
def test_the_authors_notation_is_kept(value, unit, like, text):
    was = 1000.0 if like == "1_000" else None
    found = spelled(value, unit, like, was)
    assert found.text == str(found) == text
    if was is None:
        assert found.value.value == pytest.approx(parse_quantity(text, unit).value)


@pytest.mark.parametrize(
    ("value", "unit", "like", "was", "text", "read"),
    [
        (45, SECONDS, "30000", 30, "45000", 45), (0.7, SECONDS, "500", 0.5, "700", 0.7),
        (45, SECONDS, "30", 30, "45", 45),
        (5400, SECONDS, "60", 3600, "90", 5400), (0.4, SECONDS, "1", 1, "1", 1),
        (700 * MEBI, BYTES, "512", 512 * MEBI, "700", 700 * MEBI),
        (0.8734, RATIO, "85", 0.85, "88", 0.88), (0.75, CORES, "500", 0.5, "750", 0.75),
    ],
)  # fmt: skip
def test_a_bare_number_counts_what_it_counted(value, unit, like, was, text, read):
    assert spelled(value, unit, like, was) == Spelled(text, Quantity(read, unit))


@pytest.mark.parametrize(
    ("rounding", "text"), [(Rounding.UP, "1180Mi"), (Rounding.DOWN, "1170Mi"), (Rounding.NEAREST, "1180Mi")]
)
def test_a_value_is_rounded_to_three_digits_in_the_stated_direction(rounding, text):
    assert spelled(1177.376 * MEBI, BYTES, "512Mi", None, rounding).text == text


@pytest.mark.parametrize(
    ("value", "like", "text"), [(5437, "2h", "5437s"), (0.85249, "0.5s", "0.85249s"), (5437.123, "2h", "5437123ms")]
)
def test_exactly_means_every_digit(value, like, text):
    assert spelled(value, SECONDS, like, None, Rounding.EXACT).text == text


@pytest.mark.parametrize(
    ("value", "unit", "like", "was", "rounding", "kind", "reason"),
    [
        (0.4, SECONDS, "1", 1, Rounding.DOWN, Refusal.UNWRITABLE_VALUE, "would be rounded to 0"),
        (45, SECONDS, "0", 0, Rounding.UP, Refusal.UNWRITABLE_VALUE, "does not say what it counts"),
        (3.4, COUNT, "3", 3, Rounding.EXACT, Refusal.UNWRITABLE_VALUE, "cannot be written exactly"),
        (45, SECONDS, "30", 20, Rounding.UP, Refusal.MOVED, "'30', which is not read as 20s"),
        (45, SECONDS, "30s", 40, Rounding.UP, Refusal.MOVED, "'30s', which is not read as 40s"),
        (45, SECONDS, "soon", 40, Rounding.UP, Refusal.MOVED, "'soon'"),
        (45, SECONDS, "010", 8, Rounding.UP, Refusal.MOVED, "'010'"),
        (-5, SECONDS, "1m30s", 90, Rounding.UP, Refusal.UNWRITABLE_VALUE, "-5 seconds"),
    ],
)
def test_what_cannot_be_written_is_refused(value, unit, like, was, rounding, kind, reason):
    with pytest.raises(Refused, match=reason) as refusal:
        spelled(value, unit, like, was, rounding)
    assert refusal.value.kind is kind


def test_two_units_do_not_mix():
    with pytest.raises(Refused, match="cannot stand where"):
        spell(Quantity(5, Unit.BYTES), "30s", Quantity(30, Unit.SECONDS))


def test_what_a_text_is_read_as():
    assert reads_as("30000", Quantity(30, Unit.SECONDS))
    assert reads_as("30s", Quantity(30, Unit.SECONDS))
    assert not reads_as("31s", Quantity(30, Unit.SECONDS))
    assert not reads_as("{{ x }}", Quantity(30, Unit.SECONDS))


WRITTEN = st.one_of(
    st.tuples(st.just(SECONDS), st.sampled_from(["30s", "500ms", "2h", "1m30s", "PT2H", "PT1H30M", "14d", "1h0m5s"])),
    st.tuples(st.just(BYTES), st.sampled_from(["512Mi", "1.5Gi", "64kB", "1G", "1073741824", "2Ti", "1e9"])),
    st.tuples(st.just(CORES), st.sampled_from(["500m", "0.5", "2"])),
    st.tuples(st.just(RATIO), st.sampled_from(["85%", "0.85", "99.9%", "1"])),
    st.tuples(st.just(COUNT), st.sampled_from(["3", "10k", "1000000", "2.5"])),
    st.tuples(st.just(RATE), st.sampled_from(["10/s", "600/m"])),
)  # fmt: skip


@pytest.mark.parametrize("tries", [300, pytest.param(10_000, marks=pytest.mark.campaign)])
def test_what_is_written_reads_as_what_is_returned_near_what_was_asked(tries):
    if tries > 300 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")

    def judge(written: tuple[Unit, str], factor: float, rounding: Rounding) -> None:
        unit, like = written
        asked = parse_quantity(like, unit).value * factor
        try:
            found = spelled(asked, unit, like, None, rounding)
        except Refused as refusal:
            assert refusal.kind is Refusal.UNWRITABLE_VALUE
            assert rounding is Rounding.EXACT or asked < 1 or rounding is not Rounding.UP
            return
        assert math.isclose(parse_quantity(found.text, unit).value, found.value.value, rel_tol=1e-9)
        off = found.value.value - asked
        noise = 1e-9 * asked
        assert rounding is not Rounding.UP or off >= -noise
        assert rounding is not Rounding.DOWN or off <= noise
        assert rounding is not Rounding.EXACT or abs(off) <= noise
        smallest = parse_quantity(
            "1" if unit is COUNT else "1%" if unit is RATIO else "1m" if unit is CORES else "1", unit
        ).value
        assert abs(off) <= 0.1 * asked + smallest or unit is COUNT

    given(WRITTEN, st.floats(0.01, 100), st.sampled_from(Rounding))(
        settings(max_examples=tries, deadline=None)(judge)
    )()
