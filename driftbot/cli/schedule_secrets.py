"""The secrets that a configuration names: which variables and files have to reach the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from driftbot.config import Config
from driftbot.credential import Credential


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
    found = list(_credentials(parts))
    variables = {one.env for one in found if one.env is not None}
    return NamedSecrets(tuple(sorted(variables)), tuple(sorted({one.file for one in found if one.file is not None})))


def _credentials(value: Any) -> Iterator[Credential]:
    if isinstance(value, Credential):
        yield value
    elif isinstance(value, BaseModel):
        yield from _credentials([found for _, found in value])
    elif isinstance(value, Mapping):
        yield from _credentials(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _credentials(one)
