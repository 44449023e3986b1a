"""Range answers as arrays: the samples are read by NumPy, never as Python objects; everything else by ``json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftbot.core.series import FloatArray


class NotAMatrix(ValueError):
    """The text is no range answer of Prometheus' HTTP API."""


@dataclass(frozen=True, slots=True, eq=False)
class MatrixSeries:
    """One series of a range answer: labels, Unix seconds and values as they came (NaN and infinities included)."""

    labels: Mapping[str, str]
    times: FloatArray
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A range answer; ``histograms`` counts series that hold native histograms, which are not numbers."""

    series: tuple[MatrixSeries, ...]
    histograms: int = 0

    @property
    def samples(self) -> int:
        """How many samples it holds."""
        return sum(len(one.times) for one in self.series)


_OPEN, _CLOSE = b'"values":[[', b"]]"


def read_matrix(content: bytes) -> tuple[dict[str, Any], Matrix]:
    """The answer's JSON without its samples, and the samples as arrays.

    Each array of samples is cut out and parsed on its own, and the rest, with the arrays' numbers in their places, is
    read as JSON: whatever is wrong with the structure is found, and one series at a time is held twice. Inside a JSON
    string a quote is escaped, so that the text ``"values":[[`` cannot stand in a label. An answer laid out otherwise
    (a proxy that prints it over several lines) is read the slow way.

    Raises:
        NotAMatrix: the text is no JSON, or not of a range answer's shape.
    """
    arrays: list[FloatArray] = []
    skeleton = b"".join(_without_samples(content, arrays))
    try:
        body = json.loads(skeleton)
        result = body["data"]["result"]
        series = tuple(_series(entry, arrays) for entry in result if "values" in entry)
        histograms = sum("histograms" in entry for entry in result)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise NotAMatrix(f"it is not a whole range answer: {error}") from None
    del body["data"]["result"]
    return body, Matrix(series, histograms)


def _without_samples(content: bytes, arrays: list[FloatArray]) -> Iterator[bytes]:
    position = 0
    while (start := content.find(_OPEN, position)) >= 0:
        end = content.find(_CLOSE, start)
        if end < 0:
            raise NotAMatrix("it ends within a series")
        yield content[position : start + len(_OPEN) - 2]
        yield str(len(arrays)).encode()
        arrays.append(_pairs(content[start + len(_OPEN) : end]))
        position = end + len(_CLOSE)
    yield content[position:]


def _pairs(text: bytes) -> FloatArray:
    """The samples ``1700000000.5,"0.25"],[1700000060.5,"NaN"`` as rows of time and value."""
    plain = text.translate(None, b'[]"')
    try:
        numbers: FloatArray = np.fromstring(plain, dtype=np.float64, sep=",")
        # NumPy stops at what it cannot read: all numbers must be there, and the last one to its end.
        last = float(plain[plain.rfind(b",") + 1 :])
    except (ValueError, DeprecationWarning):
        raise NotAMatrix(f"a series holds what is not a sample, near {text[:60]!r}") from None
    if numbers.size != 2 * (text.count(b"],[") + 1) or not (numbers[-1] == last or last != last):
        raise NotAMatrix(f"a series holds what is not a sample, near {text[:60]!r}")
    return numbers.reshape(-1, 2)


def _series(entry: Mapping[str, Any], arrays: list[FloatArray]) -> MatrixSeries:
    values = entry["values"]
    pairs = arrays[values] if isinstance(values, int) else np.array(values, dtype=np.float64).reshape(-1, 2)
    labels = {str(name): str(value) for name, value in entry["metric"].items()}
    return MatrixSeries(labels, pairs[:, 0], pairs[:, 1])
