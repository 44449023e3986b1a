"""The options of a forge, as written in ``driftbot.yaml``."""

from __future__ import annotations

from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from driftbot.credential import Credential, LocalPath

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class ForgeKind(StrEnum):
    """Whose API is spoken."""

    GITHUB = "github"
    GITLAB = "gitlab"


_PUBLIC = {ForgeKind.GITHUB: "https://github.com", ForgeKind.GITLAB: "https://gitlab.com"}


class ForgeOptions(BaseModel):
    """One repository on a forge, and how it knows us.

    Proxies are taken from the environment, as git does; ``.netrc`` is never read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ForgeKind = Field(description="whose API is spoken: github or gitlab")
    repository: str = Field(
        min_length=3, description="the repository's path: org/shop, on GitLab with all groups: org/team/shop"
    )
    url: str = Field(
        default="",
        description="address of an own GitHub Enterprise Server or GitLab, as in a browser; otherwise the public one",
    )
    token: Credential = Field(description="where the token is; it may write issues and pull requests")
    account: str = Field(
        default="",
        description="our account's name, where the token cannot ask for it (GitHub Apps: `name[bot]`)",
    )
    ca: LocalPath | None = Field(
        default=None, description="path of the authority's certificate (PEM); otherwise the public ones"
    )
    timeout: float = Field(default=30.0, gt=0, description="longest wait for an answer, in seconds")
    patience: float = Field(
        default=120.0, ge=0, description="seconds that one run waits in all for a forge that is busy or limits us"
    )

    @field_validator("repository")
    @classmethod
    def _a_path(cls, repository: str) -> str:
        parts = repository.strip("/").split("/")
        if len(parts) < 2 or not all(part.strip(".") and part.isprintable() and " " not in part for part in parts):
            raise ValueError(f"{repository!r} is no repository's path; it is written org/name")
        return "/".join(parts)

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no address of a forge; it is written https://git.example.org")
        if parts.username or parts.password:
            raise ValueError("the address holds a user or password; name the place of a token in `token`")
        if parts.scheme == "http" and parts.hostname not in HERE:
            raise ValueError(f"{url!r} would send the token in the clear; use https")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _two_parts_on_github(self) -> Self:
        if self.kind is ForgeKind.GITHUB and self.repository.count("/") != 1:
            raise ValueError(f"{self.repository!r} is no repository of GitHub; it is written owner/name")
        return self

    @property
    def address(self) -> str:
        """The forge's address in a browser."""
        return self.url or _PUBLIC[self.kind]

    @property
    def api(self) -> str:
        """Where the API is: GitHub's is elsewhere for github.com, ``ghe.com`` and own servers."""
        parts = urlsplit(self.address)
        if self.kind is ForgeKind.GITLAB or parts.path.endswith("/api/v3") or (parts.hostname or "").startswith("api."):
            return self.address
        if parts.hostname in ("github.com", "www.github.com"):
            return "https://api.github.com"
        if (parts.hostname or "").endswith(".ghe.com"):
            return f"https://api.{parts.hostname}"
        return f"{self.address}/api/v3"

    @property
    def token_place(self) -> str:
        """Where the token is, for sentences."""
        return f"the variable {self.token.env}" if self.token.env else f"the file {self.token.file}"
