"""Where driftbot is installed: what every unit has to name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Installation:
    """``name`` is what units and folders are called, ``program`` the path of driftbot, ``config`` that of its file.

    ``store`` is the URL of a store on a server, None for a file of driftbot's own. ``variables`` are the environment
    variables and ``secret_files`` the paths that the configuration reads secrets from.
    """

    name: str
    program: str
    config: str
    store: str | None = None
    variables: tuple[str, ...] = ()
    secret_files: tuple[str, ...] = ()

    def command(self, subcommand: str, store: str) -> tuple[str, ...]:
        """The words of a command with this configuration and store."""
        return self.program, subcommand, "--config", self.config, "--store", self.store or store
