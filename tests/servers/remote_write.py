"""Fills a real server with millions of samples: Prometheus' remote write (protobuf in snappy), encoded by columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cramjam
import numpy as np
import requests
from numpy.typing import ArrayLike, NDArray

SAMPLES_A_REQUEST = 500_000


@dataclass(frozen=True)
class Samples:
    """A series to write: labels (with ``__name__``), Unix seconds, values."""

    labels: Mapping[str, str]
    times: ArrayLike
    values: ArrayLike


def sample(name: str, times: ArrayLike, values: ArrayLike, **labels: str) -> Samples:
    """A series of the metric ``name``; one value stands for all times."""
    grid = np.asarray(times, dtype=float)
    return Samples({"__name__": name, **labels}, grid, np.broadcast_to(np.asarray(values, dtype=float), grid.shape))


def write(url: str, series: Iterable[Samples], session: requests.Session | None = None) -> int:
    """Write all series to ``<url>/api/v1/write``, several a request; returns the number of samples."""
    client, written = session or requests.Session(), 0
    client.trust_env = False
    for batch in _batches(series):
        body = b"".join(_message(1, _series(one)) for one in batch)
        answer = client.post(
            f"{url}/api/v1/write",
            data=bytes(cramjam.snappy.compress_raw(body)),
            headers={
                "Content-Encoding": "snappy",
                "Content-Type": "application/x-protobuf",
                "X-Prometheus-Remote-Write-Version": "0.1.0",
            },
            timeout=120,
        )
        assert answer.ok, f"{answer.status_code} {answer.text[:500]}"
        written += sum(np.size(one.times) for one in batch)
    return written


def _batches(series: Iterable[Samples]) -> Iterator[Sequence[Samples]]:
    batch: list[Samples] = []
    size = 0
    for one in series:
        batch.append(one)
        size += np.size(one.times)
        if size >= SAMPLES_A_REQUEST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _series(series: Samples) -> bytes:
    labels = b"".join(
        _message(1, _message(1, name.encode()) + _message(2, value.encode()))
        for name, value in sorted(series.labels.items())
    )
    return labels + _samples(np.asarray(series.times, dtype=float), np.asarray(series.values, dtype=float))


def _samples(times: NDArray[np.float64], values: NDArray[np.float64]) -> bytes:
    """Each sample is 18 bytes: field 2 of the series, a double, and milliseconds as a varint of six bytes."""
    milliseconds = np.round(times * 1000).astype(np.int64)
    assert ((milliseconds >= 2**35) & (milliseconds < 2**42)).all(), "times from 1971 to 2109 only"
    rows = np.empty((len(milliseconds), 18), dtype=np.uint8)
    rows[:, 0:3] = (0x12, 16, 0x09)
    rows[:, 3:11] = values.astype("<f8").view(np.uint8).reshape(-1, 8)
    rows[:, 11] = 0x10
    for place in range(6):
        more = 0x80 if place < 5 else 0
        rows[:, 12 + place] = ((milliseconds >> (7 * place)) & 0x7F) | more
    return rows.tobytes()


def _message(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
