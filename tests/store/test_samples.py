"""Samples come back bit for bit, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from driftbot.core.series import FloatArray
from driftbot.store.samples import DamagedSamples, Times, decode, encode

finite = st.floats(allow_nan=False, allow_infinity=False)
times = st.one_of(
    st.lists(st.floats(0, 4e9), min_size=1, max_size=60, unique=True).map(sorted),
    st.lists(st.integers(0, 4_000_000_000_000), min_size=1, max_size=60, unique=True).map(
        lambda found: [number / 1000 for number in sorted(found)]
    ),
    st.builds(
        lambda first, step, count: [first + step * n for n in range(count)],
        st.integers(0, 2_000_000_000),
        st.sampled_from([0.5, 15, 60, 300]),
        st.integers(1, 60),
    ),
).map(np.array)


@given(times.flatmap(lambda at: st.tuples(st.just(at), arrays.arrays(np.float64, len(at), elements=finite))))
def test_samples_come_back_bit_for_bit(samples: tuple[FloatArray, FloatArray]):
    back = decode(encode(*samples))
    assert back[0].tobytes() == samples[0].astype(np.float64).tobytes()
    assert back[1].tobytes() == samples[1].tobytes()


@pytest.mark.parametrize(
    ("at", "kind", "largest"),
    [
        (1.7e9 + 300.0 * np.arange(2016), Times.GRID, 60),
        (1.7e9 + np.delete(300.0 * np.arange(2016), [7, 900, 901]), Times.MILLISECONDS, 160),
        (1.7e9 + 300.0 * np.arange(2016) + 0.25 * (np.arange(2016) % 3), Times.MILLISECONDS, 250),
        (1.7e9 + np.sqrt(np.arange(2016)), Times.EXACT, 12_000),
    ],
    ids=["grid", "holes", "jitter", "irregular"],
)
def test_regular_times_cost_next_to_nothing(at: FloatArray, kind: Times, largest: int):
    body = encode(at, np.ones(2016))
    assert body[0] == kind
    assert len(body) <= largest


def test_a_changed_byte_is_noticed():
    rng = np.random.default_rng(1)
    body = encode(300.0 * np.arange(500), rng.normal(size=500))
    for place in rng.integers(30, len(body), 40):
        changed = bytearray(body)
        changed[place] ^= 0x10
        with pytest.raises(DamagedSamples):
            decode(bytes(changed))


@pytest.mark.parametrize("length", [0, 3, 6, 20, 40])
def test_a_cut_chunk_is_noticed(length: int):
    body = encode(300.0 * np.arange(500), np.arange(500.0))
    with pytest.raises(DamagedSamples):
        decode(body[:length])
