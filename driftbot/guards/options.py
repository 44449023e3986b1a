"""How far driftbot may go: the ladder and the limits of the ``acting`` section of ``driftbot.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from driftbot.core.ladder import Level


class Strict(BaseModel):
    """Options refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rung(Strict):
    """One entry of the ladder: which rules and playbooks, in which environments, may go how far."""

    rule: Annotated[str, Field(description="glob of rule ids")] = "*"
    playbook: Annotated[str, Field(description="glob of playbook ids")] = "*"
    environment: Annotated[str, Field(description="glob of environments")] = "*"
    level: Level


class GuardOptions(Strict):
    """The ladder and the limits. The first entry of ``ladder`` that matches decides; none means observe."""

    ladder: tuple[Rung, ...] = ()
    approvers: Annotated[tuple[str, ...], Field(description="who may approve; empty: whoever runs driftbot")] = ()
