"""The secrets that a configuration names: which variables and files have to reach the process."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.config import Config
from driftbot.credential import credentials_in


@dataclass(frozen=True, slots=True)
class NamedSecrets:
    """Names of environment variables and absolute paths of files, sorted, each once."""

    variables: tuple[str, ...]
    files: tuple[str, ...]


def named_secrets(config: Config) -> NamedSecrets:
    """Every secret that any part of the configuration names."""
    parts = (
        *(source.options for source in config.sources),
        *(channel.options for channel in config.channels),
        config.acting,
        config.slack,
        config.serve,
    )
    found = list(credentials_in(parts))
    variables = {one.env for one in found if one.env is not None}
    return NamedSecrets(tuple(sorted(variables)), tuple(sorted({one.file for one in found if one.file is not None})))
