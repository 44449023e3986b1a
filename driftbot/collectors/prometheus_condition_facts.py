"""What is stated about how the threshold of a condition fits what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftbot.collectors.alert_rule import CONDITION
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.key import Delivery, Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject
from driftbot.detectors.fit.threshold_fit import Fit, Verdict

VERDICT, MARGIN, FIRINGS = "fit.verdict", "fit.margin", "fit.firings"
SUGGESTED, NEIGHBOURS, EVIDENCE = "fit.suggested", "fit.neighbours", "fit.evidence"
MEASURED_AT, ASKED, TRIED_AT = "fit.measured_at", "fit.asked", "fit.tried_at"
SAID_OF_FIT = (VERDICT, MARGIN, FIRINGS, SUGGESTED, NEIGHBOURS, EVIDENCE)
"""The keys that tell what was found; the others tell of the asking."""

_BY = ("prometheus",)


def _key(name: str, kind: ValueType, meaning: str, unit: Unit | None = None) -> Key:
    return Key(CONDITION, name, kind, meaning, unit, _BY, Delivery.ON_DEMAND)


FIT_KEYS = (
    _key(
        VERDICT,
        ValueType.TEXT,
        "what the samples of the measured side say about the threshold: fits, no_data, never_reached, always_true,"
        " flapping, unit_mistake, near_peak, or left_alone (dead man's switches, states, first events); not stated"
        " where too little was measured",
    ),
    _key(
        MARGIN,
        ValueType.QUANTITY,
        "how many spreads (scaled median absolute deviations) the threshold lies beyond the most extreme level that was"
        " held for `for`; negative where it was reached",
        Unit.COUNT,
    ),
    _key(
        FIRINGS,
        ValueType.QUANTITY,
        "how often a week the condition would have fired, all series together; of a condition that others must join, at"
        " most; not stated where the samples lie too far apart for `for`",
        Unit.COUNT,
    ),
    _key(
        SUGGESTED,
        ValueType.QUANTITY,
        "a threshold that the samples speak for; looser than today's only for one that is always true, flaps or fires"
        " at ordinary peaks",
        Unit.COUNT,
    ),
    _key(
        NEIGHBOURS,
        ValueType.TEXT,
        "how often a week the condition would have fired at other thresholds: about today's, and at the top of what was"
        " seen; not stated where the threshold fits or firings cannot be counted",
    ),
    _key(
        EVIDENCE,
        ValueType.TEXT,
        "what the verdict rests on: firings, distribution, how long and how finely it was seen, and when, if not"
        " tonight; not stated where the threshold fits",
    ),
    _key(
        MEASURED_AT,
        ValueType.INSTANT,
        "when the samples were measured that the verdict rests on; not stated of what is left alone",
    ),
    _key(
        ASKED,
        ValueType.TEXT,
        "what was held against the samples: measured side, comparison, threshold, for, interval and window; a verdict"
        " is kept only while this is the same",
    ),
    _key(
        TRIED_AT,
        ValueType.INSTANT,
        "when it was last asked in vain: no answer, or too dear to settle; not stated once it was measured again",
    ),
)


def said_of(found: Fit) -> Iterator[tuple[str, Value]]:
    """The facts of a fit; of one that nothing speaks against only numbers, roundly, which seldom change overnight."""
    if found.verdict is not Verdict.TOO_LITTLE:
        yield VERDICT, found.verdict.value
    telling = found.verdict is not Verdict.FITS
    numbers = (
        (MARGIN, found.margin, 2 if telling else 1),
        (FIRINGS, found.firings, 3 if telling else 2),
        (SUGGESTED, found.suggested, 12),
    )
    for key, number, digits in numbers:
        if number is not None:
            yield key, Quantity(float(f"{number:.{digits}g}"), Unit.COUNT)
    if telling and found.neighbours:
        yield NEIGHBOURS, ", ".join(f"{one.threshold:.4g} → {one.firings:.3g}" for one in found.neighbours)
    if telling and found.evidence:
        yield EVIDENCE, "; ".join(found.evidence)


def observed(subject: Subject, said: Iterable[tuple[str, Value]], origin: Origin) -> Iterator[Fact]:
    """What was measured of a subject, as facts."""
    for key, value in said:
        yield Fact(subject, key, value, View.OBSERVED, origin=origin)
