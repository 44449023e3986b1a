"""Credentials by reference: configuration names the place of a secret, never the secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator


def _beside_configuration(path: str, info: ValidationInfo) -> str:
    root = (info.context or {}).get("root")
    return str(Path(root) / path) if root else path


LocalPath = Annotated[str, AfterValidator(_beside_configuration)]
"""A path as the configuration writes it: relative to the configuration's folder, which is the context's ``root``."""


class CredentialMissing(Exception):
    """The place that a credential is referred to holds none; the message names the place and what to do."""


class Credential(BaseModel):
    """A secret's place: ``{env: NAME}`` or ``{file: path}``; read each time it is needed, so that it can rotate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = Field(default=None, description="name of the environment variable that holds it")
    file: LocalPath | None = Field(
        default=None, description="path of the file that holds it; surrounding white space is dropped"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Credential:
        if (self.env is None) == (self.file is None):
            raise ValueError("name one place of the secret: either {env: NAME} or {file: path}")
        return self

    def read(self) -> str:
        """The secret itself.

        Raises:
            CredentialMissing: the variable is not set, or the file cannot be read or is empty.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip()
            if not value:
                raise CredentialMissing(f"the environment variable {self.env} is not set; driftbot has to be given it")
            return value
        try:
            value = Path(self.file or "").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise CredentialMissing(f"the secret's file {self.file} cannot be read: {reason}") from None
        if not value:
            raise CredentialMissing(f"the secret's file {self.file} is empty")
        return value


def credentials_in(value: object) -> Iterator[Credential]:
    """Every credential that options refer to, however deep: models, mappings and collections are looked through."""
    if isinstance(value, Credential):
        yield value
    elif isinstance(value, BaseModel):
        for _, part in value:
            yield from credentials_in(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from credentials_in(part)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from credentials_in(part)
