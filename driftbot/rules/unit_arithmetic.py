"""Units of products and quotients: what comes of seconds times a rate, or of bytes divided by bytes."""

from __future__ import annotations

from driftbot.core.quantity import Unit

RECIPROCALS = {
    Unit.COUNT: Unit.RATIO,
    Unit.RATIO: Unit.RATIO,
    Unit.SECONDS: Unit.PER_SECOND,
    Unit.PER_SECOND: Unit.SECONDS,
}


def product_unit(left: Unit, right: Unit) -> Unit | None:
    """The unit of a product; None where it has none of ours."""
    if left is Unit.RATIO or (left is Unit.COUNT and right is not Unit.RATIO):
        return right
    if right in {Unit.RATIO, Unit.COUNT}:
        return left
    return Unit.COUNT if {left, right} == {Unit.SECONDS, Unit.PER_SECOND} else None


def quotient_unit(left: Unit, right: Unit) -> Unit | None:
    """The unit of a quotient; None where it has none of ours."""
    if left is right:
        return Unit.RATIO
    if left is Unit.COUNT and right in {Unit.SECONDS, Unit.PER_SECOND}:
        return RECIPROCALS[right]
    return left if right in {Unit.RATIO, Unit.COUNT} else None
