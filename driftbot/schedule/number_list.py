"""Sorted numbers as a list of numbers and ranges, as crontabs and calendars write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def number_list(numbers: Sequence[int], between: str, names: Sequence[str] = (), width: int = 1) -> str:
    """``1,5..9``: three numbers in a row, or more, are a range; ``between`` joins its ends.

    ``names`` are words for the numbers from 0 on; numbers have at least ``width`` digits.
    """

    def told(number: int) -> str:
        return names[number] if names else f"{number:0{width}d}"

    parts = []
    for run in _runs(numbers):
        if len(run) > 2:
            parts.append(f"{told(run[0])}{between}{told(run[-1])}")
        else:
            parts += map(told, run)
    return ",".join(parts)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
