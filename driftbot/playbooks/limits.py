"""Limits: how much a playbook may change at once, how far, how soon again, and how often before a person looks."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from driftbot.core.quantity import Unit, parse_quantity

Duration = Annotated[str, StringConstraints(pattern=r"^(\d+(ms|s|m|h|d|w))+$")]


class Bound(BaseModel):
    """The least and the most that a key may be set to, as people write its quantities."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: str | int | float | None = None
    most: str | int | float | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Bound:
        if self.least is None and self.most is None:
            raise ValueError("a bound says `least`, `most` or both")
        return self

    def numbers(self, unit: Unit) -> tuple[float | None, float | None]:
        """Both in the unit.

        Raises:
            NotAQuantity: one is no quantity of the unit.
        """
        least, most = (None if one is None else parse_quantity(one, unit).value for one in (self.least, self.most))
        return least, most


class Limits(BaseModel):
    """How much one run may change; over a limit nothing is applied at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most: int = Field(default=10, ge=1, description="Subjects changed in one run.")
    share: float = Field(default=0.1, gt=0, le=1, description="Share of the rule's subjects changed in one run.")
    factor: float = Field(default=2.0, gt=1, description="A number is changed at most to this many times or its part.")
    bounds: dict[str, Bound] = Field(
        default_factory=dict, description="By key: the least and the most that it may be set to, whatever is asked."
    )
    cooldown: Duration = Field(default="1d", description="Between two changes of one subject.")
    attempts: int = Field(
        default=2, ge=1, description="Changes of one subject that did not help, before a person looks."
    )
