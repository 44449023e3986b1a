"""Which files ``edit_file`` may change."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.actions.strict import Strict


class EditFileOptions(Strict):
    """Folders below which files may be changed; a symbolic link is followed only to a place below one of them."""

    folders: Annotated[
        tuple[str, ...], Field(description="folders relative to driftbot.yaml; the one that it stands in unless said")
    ] = (".",)
