"""Parameters: the values that a playbook's steps use, and where each of them comes from."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from driftbot.core.key import KEY_NAME
from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity
from driftbot.documents.path import BadPath, Path

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_OF_SUBJECTS = re.compile(r"kind|environment|name|namespace|labels\.[A-Za-z_][A-Za-z0-9_]*")


class ParameterType(StrEnum):
    """What a parameter's value is; ``DOCUMENT`` is a piece of a document: a mapping, a list or a scalar."""

    QUANTITY = "quantity"
    TEXT = "text"
    FLAG = "flag"
    NAMES = "names"
    DOCUMENT = "document"


class Rounding(StrEnum):
    """Which way a quantity is rounded to three significant digits before it is written anywhere."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"
    EXACT = "exact"


class Direction(StrEnum):
    """Which way a recommended quantity may go from what stands there; the other way nothing is done."""

    RAISE = "raise"
    LOWER = "lower"


class Need(StrEnum):
    """What happens where nobody states a value: nothing is done, or settings that are it alone are left out."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class Parameter(BaseModel):
    """A value that the steps use, from exactly one source; ``default`` may stand in for what nobody states.

    A recommendation has no stand-in: where the rule cannot say the value, nothing is done.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ParameterType = ParameterType.QUANTITY
    unit: Unit | None = Field(default=None, description="Of quantities, and only of them.")
    meaning: Text
    recommended: str | None = Field(default=None, description="The key whose value the rule recommends.")
    fact: str | None = Field(default=None, description="The key whose value the subject has now.")
    subject: str | None = Field(
        default=None, description="What of the subject: kind, environment, name, namespace or labels.<name>."
    )
    document: str | None = Field(
        default=None, description="A JSONPath into the document in which the subject is declared, e.g. $.spec.selector."
    )
    default: Any = Field(default=None, description="The value, or its stand-in where the source states none.")
    need: Need = Field(
        default=Need.REQUIRED, description="optional: settings that are this value alone are left out without it."
    )
    rounding: Rounding = Field(default=Rounding.UP, description="Of quantities: which way they are rounded.")
    direction: Direction | None = Field(
        default=None, description="Of recommended quantities: the only way that they may go from today's value."
    )

    @property
    def key(self) -> str | None:
        """The key that it is the value of, where it is one's."""
        return self.recommended or self.fact

    @model_validator(mode="after")
    def _is_sound(self) -> Parameter:
        if (self.unit is not None) != (self.type is ParameterType.QUANTITY):
            raise ValueError("a unit belongs to a quantity, and only to it")
        sources = [one for one in (self.recommended, self.fact, self.subject, self.document) if one is not None]
        if len(sources) > 1 or (not sources and self.default is None):
            raise ValueError("a parameter has one of `recommended`, `fact`, `subject` and `document`, or a `default`")
        if self.recommended is not None and self.default is not None:
            raise ValueError("a recommended value has no default: where the rule cannot say it, nothing is done")
        if self.direction is not None and (self.recommended is None or self.unit is None):
            raise ValueError("a `direction` belongs to a recommended quantity")
        if self.need is Need.OPTIONAL and (self.recommended is not None or self.default is not None):
            raise ValueError("what is recommended or has a default is never missing, so it is not optional")
        if self.key is not None and not KEY_NAME.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is no key; keys are lower-case words joined by dots")
        self._check_path()
        self._check_default()
        return self

    def _check_path(self) -> None:
        if self.subject is not None and not _OF_SUBJECTS.fullmatch(self.subject):
            raise ValueError(f"{self.subject!r} is nothing that a subject has: kind, environment, name, labels.<name>")
        if self.document is not None:
            try:
                Path(self.document)
            except BadPath as error:
                raise ValueError(str(error)) from None

    def _check_default(self) -> None:
        if self.default is None or self.type is ParameterType.DOCUMENT:
            return
        wanted = {ParameterType.FLAG: bool, ParameterType.TEXT: str, ParameterType.NAMES: list}.get(self.type)
        if wanted and not isinstance(self.default, wanted):
            raise ValueError(f"the default {self.default!r} is no {self.type}")
        if self.unit is not None:
            try:
                parse_quantity(self.default, self.unit)
            except (NotAQuantity, AttributeError) as error:
                raise ValueError(f"the default: {error}") from None
