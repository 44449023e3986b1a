"""A forge as the configuration names it."""

from __future__ import annotations

from driftbot.forges.careful import CarefulForge
from driftbot.forges.client import Client
from driftbot.forges.forge import Forge
from driftbot.forges.github import GitHub
from driftbot.forges.gitlab import GitLab
from driftbot.forges.options import ForgeKind, ForgeOptions
from driftbot.forges.patience import Patience


def connect(options: ForgeOptions) -> Forge:
    """The forge; nothing is asked yet. One for a run: its patience and what it remembers are the run's."""
    client: Client = GitHub(options) if options.kind is ForgeKind.GITHUB else GitLab(options)
    return CarefulForge(client, Patience(budget=options.patience))
