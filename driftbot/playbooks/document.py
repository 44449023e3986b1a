"""The playbook file as a pydantic model: the source of its checks and of the JSON Schema that editors read."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from driftbot.core.remedy import OnFailure
from driftbot.playbooks.case import PlaybookCase
from driftbot.playbooks.limits import Limits
from driftbot.playbooks.parameter import Parameter
from driftbot.playbooks.together import Together

__all__ = ["OnFailure", "PlaybookDocument", "StepDocument", "Verification", "json_schema"]

SCHEMA_ID = "urn:driftbot:schema:playbook"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Scalar = str | int | float | bool | list[str]
Duration = Annotated[str, StringConstraints(pattern=r"^(\d+(ms|s|m|h|d|w))+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepDocument(_Part):
    """One step: an action and its settings, in which ``{name}`` takes a parameter's value."""

    action: Name = Field(
        description="The name of an action that driftbot or a plugin has, or `change_files`: the way in which"
        " `playbooks.changes` of driftbot.yaml says that files are changed."
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="As the action declares them; {name} takes a parameter's value."
    )


class Verification(_Part):
    """What proves that it helped: the rule judges the subject ``ok`` this long after, and at the next scan."""

    after: Duration = Field(default="30m", description="How long after the last step the rule judges again.")


class PlaybookDocument(_Part):
    """What may be done about a finding: steps in order, limits, approvals and verification, ``playbooks/<id>.yaml``."""

    id: Identifier = Field(description="The file's name without `.yaml`.")
    summary: Text
    risk: Text | None = Field(default=None, description="What could go wrong, in a sentence; approvers read it.")
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    requires: dict[str, Scalar] = Field(
        default_factory=dict,
        description="Keys and the values that the subject must have for this to be the remedy; an empty list: none.",
    )
    together: Together = Field(
        default=Together.FINDING,
        description="Whether each finding is mended on its own, or all of one rule at once: one branch, one commit.",
    )
    steps: list[StepDocument] = Field(min_length=1)
    limits: Limits = Limits()
    approvals: int = Field(default=1, ge=0, description="People who have to approve the plan.")
    verify: Verification = Verification()
    on_failure: OnFailure = Field(
        default=OnFailure.UNDO, description="What happens with what was done already when a step or the check fails."
    )
    cases: list[PlaybookCase] = Field(min_length=1)

    def bound(self, key: str) -> tuple[float | None, float | None]:
        """The least and the most that a step may set the key to, in the key's unit; None where nothing is said."""
        given = self.limits.bounds.get(key)
        unit = next((one.unit for one in self.parameters.values() if one.key == key and one.unit), None)
        return (None, None) if given is None or unit is None else given.numbers(unit)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file (draft 2020-12)."""
    schema = PlaybookDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}
