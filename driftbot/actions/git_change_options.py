"""Which repositories ``git_change`` may write branches to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.actions.strict import Strict
from driftbot.credential import Credential


class RepositoryOptions(Strict):
    """One repository, by the clone of it that files are read from; its working tree is never touched."""

    folder: Annotated[str, Field(description="the clone, or a folder in it, relative to driftbot.yaml")] = "."
    remote: Annotated[str, Field(description="the remote that branches are pushed to")] = "origin"
    base: Annotated[
        str | None, Field(description="the branch that changes are merged into; the remote's default unless said")
    ] = None
    token: Annotated[
        Credential | None, Field(description="a token for a remote over https: {env: NAME} or {file: path}")
    ] = None
    username: Annotated[str, Field(description="the user's name beside the token")] = "x-access-token"
    author: Annotated[str, Field(description="the name that commits are made under")] = "driftbot"
    email: Annotated[str, Field(description="the address that commits are made under")] = "driftbot@localhost"
    sign: Annotated[bool, Field(description="sign commits with the key that git's configuration names")] = False
    forge: Annotated[str, Field(description="the forge where requests are opened, by its name in `forges`")] = ""


class GitChangeOptions(Strict):
    """The repositories that changes may go to; a file belongs to the one with the longest folder above it."""

    repositories: Annotated[tuple[RepositoryOptions, ...], Field(description="the repositories")] = ()
