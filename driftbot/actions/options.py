"""What a person allows actions to reach: the ``acting.reach`` section of ``driftbot.yaml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Options refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ActionOptions(Strict):
    """Which repositories, forges, servers, hosts and commands actions may reach; what is not named is refused."""
