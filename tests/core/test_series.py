"""Stored and fresh samples of a series become one; late samples replace what was stored."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.fact import Origin
from driftbot.core.series import Series, overlaid
from driftbot.core.subject import Subject

SAMPLES = st.dictionaries(st.integers(0, 50).map(float), st.floats(-1e6, 1e6), max_size=30)
SUBJECTS = [Subject("job", "production", name) for name in ("a", "b", "c")]


def series(subject: Subject, samples: dict[float, float], source: str = "prometheus") -> Series:
    times = np.array(sorted(samples))
    return Series(subject, "duration", times, np.array([samples[time] for time in times]), Origin(source))


@given(st.tuples(SAMPLES, SAMPLES, SAMPLES), st.tuples(SAMPLES, SAMPLES, SAMPLES))
def test_fresh_samples_lie_over_stored_ones(
    stored: tuple[dict[float, float], ...], fresh: tuple[dict[float, float], ...]
) -> None:
    old = [series(subject, samples) for subject, samples in zip(SUBJECTS, stored, strict=True)]
    new = [series(subject, samples) for subject, samples in zip(SUBJECTS, fresh, strict=True)]
    found = {one.subject: one for one in overlaid(old, new)}
    for subject, before, after in zip(SUBJECTS, stored, fresh, strict=True):
        both = {**before, **after}
        assert dict(zip(found[subject].times, found[subject].values, strict=True)) == both
        assert list(found[subject].times) == sorted(both)


def test_what_is_only_stored_or_only_fresh_is_kept() -> None:
    found = overlaid([series(SUBJECTS[0], {1.0: 1.0})], [series(SUBJECTS[1], {2.0: 2.0})])
    assert [one.subject.name for one in found] == ["a", "b"]


def test_what_two_sources_say_is_never_mixed() -> None:
    stored = [series(SUBJECTS[0], {1.0: 1.0}, "first")]
    fresh = [series(SUBJECTS[0], {2.0: 1.0}, "first"), series(SUBJECTS[0], {2.0: 9.0}, "second")]
    found = {one.origin.source: one.values.tolist() for one in overlaid(stored, fresh)}
    assert found == {"first": [1.0, 1.0], "second": [9.0]}


def test_equal_grids_share_one_array_of_times() -> None:
    grid = {float(time): 1.0 for time in range(10)}
    first, second = overlaid([series(subject, grid) for subject in SUBJECTS[:2]], [])
    assert first.times is second.times
