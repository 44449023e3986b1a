"""Samples as bytes: exact, small, and quick both ways.

A chunk is a head and one Zstandard frame. Times on a regular grid are in the head alone (first, step); whole
milliseconds are kept as differences of differences, anything else as it is. Values are kept as they are or XORed with
their predecessor and transposed byte by byte (as in Facebook's Gorilla, VLDB 2015, but in whole bytes), whichever comes
out smaller: measured, rounded numbers want the first and slowly moving ones the second.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import numpy as np
import zstandard
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.store.errors import StoreError

_HEAD = struct.Struct("<BBI")
_GRID = struct.Struct("<dd")
_LEVEL = 3
_MILLISECONDS = 1000.0

Samples = tuple[FloatArray, FloatArray]
"""Times and values of the same length."""
Words = NDArray[np.uint64]


class Times(IntEnum):
    """How the times of a chunk are kept."""

    GRID = 0
    MILLISECONDS = 1
    EXACT = 2


class Values(IntEnum):
    """How the values of a chunk are kept."""

    PLAIN = 0
    XOR = 1


class DamagedSamples(StoreError):
    """The bytes are no chunk of samples."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the store is damaged: a chunk of samples cannot be read: {reason}", "restore a backup")


def encode(times: FloatArray, values: FloatArray) -> bytes:
    """The samples as bytes; ``times`` rise strictly and both are finite."""
    kind, head, packed = _encode_times(times)
    plain = _compressed(packed + values.tobytes())
    xored = _compressed(packed + _transposed(_xored(values.view(np.uint64))))
    way, frame = (Values.PLAIN, plain) if len(plain) <= len(xored) else (Values.XOR, xored)
    return _HEAD.pack(kind, way, len(times)) + head + frame


def decode(body: bytes) -> tuple[FloatArray, FloatArray]:
    """The samples of ``encode``, bit for bit.

    Raises:
        DamagedSamples: the bytes were changed or cut.
    """
    try:
        kind, way, count = _HEAD.unpack_from(body)
        start = _HEAD.size + (_GRID.size if kind == Times.GRID else 0)
        raw = zstandard.ZstdDecompressor().decompress(body[start:], max_output_size=16 * count)
        split = len(raw) - 8 * count
        times = _decode_times(Times(kind), body, raw[:split], count)
        return times, _decode_values(Values(way), raw[split:])
    except (struct.error, zstandard.ZstdError, ValueError) as error:
        raise DamagedSamples(error) from error


def _compressed(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(raw)


def _encode_times(times: FloatArray) -> tuple[Times, bytes, bytes]:
    step = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    if np.array_equal(_grid(times[0], step, len(times)), times):
        return Times.GRID, _GRID.pack(times[0], step), b""
    scaled = np.rint(times * _MILLISECONDS)
    if np.all(np.abs(scaled) < 2**53) and np.array_equal(scaled / _MILLISECONDS, times):
        return Times.MILLISECONDS, b"", _transposed(_differences(_differences(scaled.astype(np.int64))).view(np.uint64))
    return Times.EXACT, b"", _transposed(_xored(times.view(np.uint64)))


def _decode_times(kind: Times, body: bytes, packed: bytes, count: int) -> FloatArray:
    match kind:
        case Times.GRID:
            first, step = _GRID.unpack_from(body, _HEAD.size)
            return _grid(first, step, count)
        case Times.MILLISECONDS:
            differences = _untransposed(packed).view(np.int64)
            return np.cumsum(np.cumsum(differences)) / _MILLISECONDS
        case Times.EXACT:
            return np.bitwise_xor.accumulate(_untransposed(packed)).view(np.float64)


def _decode_values(way: Values, raw: bytes) -> FloatArray:
    if way is Values.PLAIN:
        return np.frombuffer(raw, np.float64)
    return np.bitwise_xor.accumulate(_untransposed(raw)).view(np.float64)


def _grid(first: float, step: float, count: int) -> FloatArray:
    return first + step * np.arange(count, dtype=np.float64)


def _differences(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(numbers, prepend=np.int64(0))


def _xored(words: Words) -> Words:
    xored = words.copy()
    xored[1:] ^= words[:-1]
    return xored


def _transposed(words: Words) -> bytes:
    return words.view(np.uint8).reshape(-1, 8).T.tobytes()


def _untransposed(raw: bytes) -> Words:
    return np.ascontiguousarray(np.frombuffer(raw, np.uint8).reshape(8, -1).T).view(np.uint64).reshape(-1)
