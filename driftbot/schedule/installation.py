"""Where driftbot is installed: what every unit has to name."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD_VARIABLE = "PGPASSWORD"
"""The environment variable, and key of the Secret, that holds the password of a store on a server: libpq's own name.

Arguments are read by whoever lists processes, on the node as well, so that no password stands among them.
"""


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

    @property
    def secret_variables(self) -> tuple[str, ...]:
        """The variables that the process has to find; a server of the store may want no password."""
        on_server = self.store is not None and not self.store.startswith("sqlite")
        return tuple(dict.fromkeys((*([PASSWORD_VARIABLE] if on_server else []), *self.variables)))

    def command(self, subcommand: str, store: str) -> tuple[str, ...]:
        """The words of a command with this configuration and store."""
        return self.program, subcommand, "--config", self.config, "--store", self.store or store
