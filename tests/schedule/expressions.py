"""Cron expressions and zones for property tests."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from driftbot.schedule.cron import read_cron
from driftbot.schedule.cron_field import CronError, Field

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Kathmandu",
    "Pacific/Apia",
)


def _field(field: Field) -> st.SearchStrategy[str]:
    value = st.integers(field.least, field.every[-1])
    step = st.integers(1, len(field.every) - 1)
    span = st.tuples(value, value).map(lambda ends: f"{min(ends)}-{max(ends)}")
    part = st.one_of(
        value.map(str),
        span,
        st.tuples(span, step).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        step.map(lambda by: f"*/{by}"),
    )
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """An expression that is none of those whose day never comes."""
    text = " ".join(draw(_field(field)) for field in Field)
    try:
        read_cron(text)
    except CronError:
        assume(False)
    return text
