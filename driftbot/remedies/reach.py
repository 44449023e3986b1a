"""What planning, applying and undoing hand to actions, from the configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from driftbot.actions.action import Tools
from driftbot.config import Config
from driftbot.core.plan import Plan
from driftbot.remedies.look import LiveLook
from driftbot.remedies.planning import PlanningWorld, plan
from driftbot.scan import rare_collection


def tools_of(config: Config, clock: Callable[[], datetime], stopped: Callable[[], str]) -> Tools:
    """Tools that reach what the configuration allows, and nothing else."""
    sources = {source.name: source.options for source in config.sources}
    return Tools(config.root, config.acting.reach, clock, stopped=stopped, sources=sources)


def planned(world: PlanningWorld, tools: Tools) -> Plan:
    """The plan for a world, with what the tools see of it now."""
    with rare_collection():
        return plan(world, LiveLook(tools))
