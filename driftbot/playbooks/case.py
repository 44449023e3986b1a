"""Cases of playbooks: files as they stand and what the rule recommends, then the steps, or why there are none."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Scalar = str | int | float | bool | list[str]


class CaseStep(BaseModel):
    """A step that a case expects: its action, and where they are named, its target and a part of what it shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Text
    target: Text | None = None
    shows: Text | None = Field(default=None, description="Part of the preview that a person sees.")


class PlaybookCase(BaseModel):
    """One example: files that a source reads, the finding's subject among them, and what comes of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    source: dict[str, Any] = Field(
        default_factory=lambda: {"kind": "kubernetes_manifests"},
        description="How the files are read: a source of driftbot.yaml without name, environment and path.",
    )
    files: dict[Text, str] = Field(default_factory=dict, description="Their content by path.")
    subject: Text = Field(description="The finding's subject: its name, or kind:environment/name (here: default).")
    recommended: dict[str, Scalar] = Field(default_factory=dict, description="What the rule recommends, by key.")
    reach: dict[str, Any] = Field(
        default_factory=dict, description="What actions may reach: `acting.reach` as in driftbot.yaml."
    )
    servers: dict[Text, dict[str, Any]] = Field(
        default_factory=dict,
        description="Sources that steps name, by name: as in driftbot.yaml, without environment; none is asked.",
    )
    diff: str | None = Field(default=None, description="The changed lines of all files, each with its + or -.")
    steps: list[CaseStep] = Field(default_factory=list, description="The steps, in order; without it any will do.")
    refused: Text | None = Field(default=None, description="Part of the reason why nothing is done.")

    @model_validator(mode="after")
    def _one_outcome(self) -> PlaybookCase:
        if (self.diff is None and not self.steps) == (self.refused is None):
            raise ValueError("a case says the `diff` or the `steps` that come of it, or why it is `refused`")
        return self
