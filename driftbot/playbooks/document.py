"""The playbook file as a pydantic model: the source of its checks and of the JSON Schema that editors read."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from driftbot.core.key import ValueType
from driftbot.core.quantity import Unit

SCHEMA_ID = "urn:driftbot:schema:playbook"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Duration = Annotated[str, StringConstraints(pattern=r"^(\d+(ms|s|m|h|d|w))+$")]
Scalar = str | int | float | bool | list[str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OnFailure(StrEnum):
    """What happens with what was done already when a step or the verification fails."""

    UNDO = "undo"
    STOP = "stop"


class Parameter(_Part):
    """A value that the steps use; it comes from the rule's recommendation of the same key, or from ``default``."""

    type: ValueType = ValueType.QUANTITY
    unit: Unit | None = Field(default=None, description="Of quantities, and only of them.")
    meaning: Text
    default: Scalar | None = None

    @model_validator(mode="after")
    def _unit_of_a_quantity(self) -> Parameter:
        if self.type is ValueType.SERIES:
            raise ValueError("a parameter is one value, not a series")
        if (self.unit is not None) != (self.type is ValueType.QUANTITY):
            raise ValueError("a unit belongs to a quantity, and only to it")
        return self


class StepDocument(_Part):
    """One step: an action and its settings, in which ``{name}`` takes a parameter's value."""

    action: Name = Field(description="The name of an action that driftbot or a plugin has.")
    settings: dict[str, Scalar] = Field(default_factory=dict)


class Limits(_Part):
    """How much one run may change; over a limit nothing is applied at all."""

    most: int = Field(default=10, ge=1, description="Subjects changed in one run.")
    share: float = Field(default=0.1, gt=0, le=1, description="Share of the rule's subjects changed in one run.")
    factor: float = Field(default=2.0, gt=1, description="A number is changed at most to this many times or its part.")
    cooldown: Duration = Field(default="1d", description="Between two changes of one subject.")
    attempts: int = Field(
        default=2, ge=1, description="Changes of one subject that did not help, before a person looks."
    )


class Verification(_Part):
    """What proves that it helped: the rule judges the subject ``ok`` this long after, and at the next scan."""

    after: Duration = "30m"


class PlaybookCase(_Part):
    """One example: what is known of a finding, and the settings that each step gets, or why nothing is done."""

    name: Text
    parameters: dict[Name, Scalar] = Field(default_factory=dict)
    steps: list[StepDocument] = Field(default_factory=list)
    refused: str | None = Field(default=None, description="Part of the reason why nothing is done.")

    @model_validator(mode="after")
    def _one_outcome(self) -> PlaybookCase:
        if bool(self.steps) == (self.refused is not None):
            raise ValueError("a case says the `steps` that are done, or why it is `refused`")
        return self


class PlaybookDocument(_Part):
    """What may be done about a finding: steps in order, limits, approvals and verification, ``playbooks/<id>.yaml``."""

    id: Identifier = Field(description="The file's name without `.yaml`.")
    summary: Text
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    steps: list[StepDocument] = Field(min_length=1)
    limits: Limits = Limits()
    approvals: int = Field(default=1, ge=0, description="People who have to approve the plan.")
    verify: Verification = Verification()
    on_failure: OnFailure = OnFailure.UNDO
    cases: list[PlaybookCase] = Field(min_length=1)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file (draft 2020-12)."""
    schema = PlaybookDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}
