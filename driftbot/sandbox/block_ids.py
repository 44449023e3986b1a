"""Ids that Slack gives to blocks and elements which have none of their own."""

from __future__ import annotations

from collections.abc import Sequence

from driftbot.sandbox.post import Json
from driftbot.sandbox.workspace import Workspace

_PLAIN = frozenset({"image", "plain_text", "mrkdwn"})


def with_ids(workspace: Workspace, blocks: Sequence[Json]) -> list[Json]:
    """The blocks, each with a ``block_id``, and each interactive element with an ``action_id``."""
    return [_block(workspace, block) for block in blocks]


def _block(workspace: Workspace, block: Json) -> Json:
    full = {**block, "block_id": block.get("block_id") or workspace.mint("b")}
    if block["type"] == "actions":
        full["elements"] = [_element(workspace, element) for element in block["elements"]]
    for place in ("accessory", "element"):
        if block.get(place) is not None:
            full[place] = _element(workspace, block[place])
    return full


def _element(workspace: Workspace, element: Json) -> Json:
    if element["type"] in _PLAIN:
        return element
    return {**element, "action_id": element.get("action_id") or workspace.mint("a")}
