"""Edits of alert rules as text: those that change what pages, with the direction, and those that change nothing.

They work on the text of a rule and know nothing of how the product reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.alerts.truth.thresholds import Threshold, Unreadable, read, seconds


@dataclass(frozen=True)
class Rule:
    """An alert rule as written: ``hold`` is its ``for``, empty if absent."""

    path: str
    group: str
    name: str
    expression: str
    hold: str = ""
    labels: Mapping[str, str] = frozenset()  # type: ignore[assignment]
    annotations: Mapping[str, str] = frozenset()  # type: ignore[assignment]


class Expected(StrEnum):
    """What an edit does: pages less, pages more, or one cannot say."""

    LOOSER = "looser"
    STRICTER = "stricter"
    EITHER = "either"


@dataclass(frozen=True)
class Edit:
    """A rule edited (None: deleted), what of it changed, and what that does. ``simple``: its only number to tune."""

    rule: Rule | None
    aspect: str
    expected: Expected
    simple: bool = True


ORDERED = frozenset({">", ">=", "<", "<="})
SEVERITIES = (
    ("page", "warning"),
    ("critical", "warning"),
    ("warning", "info"),
    ("high", "low"),
    ("error", "warning"),
    ("task", "info"),
)
"""Each with one that is surely milder."""


def scaled(factor: float) -> Callable[[Rule], Iterator[Edit]]:
    """Every number to tune (neither 0 nor equality) times the factor, or divided where below it is what fires."""

    def edits(rule: Rule) -> Iterator[Edit]:
        found = thresholds(rule)
        for one in filter(scalable, found):
            number = one.number * factor if one.sign[0] == ">" else one.number / factor
            upwards = number > one.number
            expected = Expected.LOOSER if upwards == (one.sign[0] == ">") else Expected.STRICTER
            if one.inverted or banded(one, found) or inside_a_call(rule.expression, one.place[0]):
                expected = Expected.EITHER
            text = put(rule.expression, one.place, f"{number:.12g}")
            yield Edit(replace(rule, expression=text), "threshold", expected, len(found) == 1)

    return edits


def scalable(one: Threshold) -> bool:
    """Whether another number of the same kind would make sense."""
    return one.sign in ORDERED and one.number != 0 and not one.boolean and abs(one.number) != float("inf")


def thresholds(rule: Rule) -> tuple[Threshold, ...]:
    """The numbers compared with, none where the text is not readable."""
    try:
        return read(rule.expression).thresholds
    except Unreadable:
        return ()


def banded(one: Threshold, found: Iterable[Threshold]) -> bool:
    """Whether the same side is held against another number as well."""
    return sum(other.measured == one.measured for other in found) > 1


_OPENING = re.compile(
    r"""(?P<word>\w*)\s*(?:(?:by|without)\s*\([^()]*\)\s*)?\(|(?P<close>\))|"[^"]*"|'[^']*'|`[^`]*`|\#[^\n]*"""
)
_JOINS = frozenset({"", "and", "or", "unless", "bool"})


def inside_a_call(text: str, place: int) -> bool:
    """Whether a function or an aggregation stands around the place, which can turn what a number does."""
    around: list[str] = []
    for found in _OPENING.finditer(text, 0, place):
        if found["close"] and around:
            around.pop()
        elif found["word"] is not None:
            around.append(found["word"].lower())
    return any(word not in _JOINS for word in around)


def put(text: str, place: tuple[int, int], new: str) -> str:
    """The text with another piece in that place."""
    return text[: place[0]] + new + text[place[1] :]


def held_twice_as_long(rule: Rule) -> Iterator[Edit]:
    """``for`` doubled where there is one."""
    if rule.hold and seconds(rule.hold):
        yield Edit(replace(rule, hold=f"{2 * seconds(rule.hold):.0f}s"), "for", Expected.LOOSER)


def milder(rule: Rule) -> Iterator[Edit]:
    """The severity lowered where it is one of those whose order is sure."""
    for severity, less in SEVERITIES:
        if dict(rule.labels).get("severity") == severity:
            labels = {**rule.labels, "severity": less}
            yield Edit(replace(rule, labels=labels), "severity", Expected.LOOSER)


def deleted(rule: Rule) -> Iterator[Edit]:
    """The alert gone."""
    del rule
    yield Edit(None, "alert", Expected.LOOSER)


_BRACES = re.compile(r"\{([^{}]*)\}")
_MATCHER = re.compile(r"""\s*("?[\w.]+"?)\s*(=~|!~|!=|=)\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)\s*,?""")


def without_a_matcher(rule: Rule) -> Iterator[Edit]:
    """The first matcher of the first selector dropped that names its metric outside of the braces."""
    for braces in _selectors(rule.expression):
        matchers = _MATCHER.findall(braces[1])
        if matchers:
            kept = ",".join("".join(one) for one in matchers[1:])
            text = put(rule.expression, braces.span(), f"{{{kept}}}")
            if not re.search(r"[\w:]$", rule.expression[: braces.start()]):
                continue
            yield Edit(replace(rule, expression=text), "selector", Expected.EITHER)
            return


def _selectors(text: str) -> Iterator[re.Match[str]]:
    """Pairs of braces whose content is matchers and nothing else."""
    for braces in _BRACES.finditer(text):
        if (
            not _MATCHER.sub("", braces[1]).strip()
            and "#" not in text[text.rfind("\n", 0, braces.start()) + 1 : braces.start()]
        ):
            yield braces


def matchers_in_another_order(rule: Rule) -> Rule:
    """All selectors with their matchers from last to first."""
    text = rule.expression
    for braces in reversed(list(_selectors(text))):
        turned = ", ".join("".join(one) for one in reversed(_MATCHER.findall(braces[1])))
        text = put(text, braces.span(), f"{{{turned}}}")
    return replace(rule, expression=text)


_WINDOW = re.compile(r"(?<=\[)\s*(\d+)([mhd])\s*(?=[\]:])")
_IN_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def durations_in_seconds(rule: Rule) -> Rule:
    """Windows and ``for`` in seconds: ``5m`` becomes ``300s``."""
    text = _WINDOW.sub(lambda found: f"{int(found[1]) * _IN_SECONDS[found[2]]}s", rule.expression)
    return replace(rule, expression=text, hold=f"{seconds(rule.hold):.0f}s" if rule.hold else "")


def constants_unfolded(rule: Rule) -> Rule:
    """Every number compared with written as a product."""
    text = rule.expression
    for one in sorted(thresholds(rule), key=lambda one: one.place, reverse=True):
        if one.number == one.number and abs(one.number) != float("inf"):
            text = put(text, one.place, f"({one.number / 4!r} * 2 ^ 2)")
    return replace(rule, expression=text)


def constants_folded(rule: Rule) -> Rule:
    """Every number compared with written as one numeral."""
    text = rule.expression
    for one in sorted(thresholds(rule), key=lambda one: one.place, reverse=True):
        if one.number == one.number and abs(one.number) != float("inf"):
            text = put(text, one.place, f"{one.number:.12g}")
    return replace(rule, expression=text)


_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def comparisons_reversed(rule: Rule) -> Rule:
    """``x > 5`` becomes ``5 < x``, where nothing is compared behind it; a comparison before it goes into brackets."""
    found, text = thresholds(rule), rule.expression
    if len(found) != 1 or found[0].boolean:
        return rule
    (one,) = found
    first, second = sorted((one.place, one.side))
    if _COMPARES.search(_bare(text[second[1] :])) or "#" in text[first[1] : second[0]]:
        return rule
    sign, (left, right) = _TURNED.get(one.written, one.written), (text[slice(*first)], text[slice(*second)])
    left = f"({left})" if _COMPARES.search(_bare(left)) else left
    return replace(rule, expression=put(text, (first[0], second[1]), f"{right} {sign} {left}"))


_COMPARES = re.compile(r"[<>]|[=!]=")


def _bare(text: str) -> str:
    """The text without strings and matchers."""
    return re.sub(r"\{[^{}]*\}", "", re.sub(r""""[^"]*"|'[^']*'|`[^`]*`""", "", text))


def commented(rule: Rule) -> Rule:
    """Other spaces, line ends and a comment."""
    return replace(rule, expression=f"# > 5 and absent(x)\n\n  {rule.expression}\n  # < 3")


def moved(rule: Rule) -> Rule:
    """In another file."""
    return replace(rule, path=f"moved/{rule.path}")


def in_a_renamed_group(rule: Rule) -> Rule:
    """In a group of another name."""
    return replace(rule, group=f"{rule.group} (new)")


HARMFUL: Mapping[str, Callable[[Rule], Iterator[Edit]]] = {
    "threshold × 1.5": scaled(1.5),
    "threshold × 2": scaled(2),
    "for × 2": held_twice_as_long,
    "severity lowered": milder,
    "alert deleted": deleted,
    "matcher dropped": without_a_matcher,
}
HARMLESS: Mapping[str, Callable[[Rule], Rule]] = {
    "matchers in another order": matchers_in_another_order,
    "durations in seconds": durations_in_seconds,
    "constants unfolded": constants_unfolded,
    "constants folded": constants_folded,
    "comparisons reversed": comparisons_reversed,
    "commented": commented,
    "file moved": moved,
    "group renamed": in_a_renamed_group,
}
