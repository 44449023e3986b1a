"""Blocks and views held against what Slack takes; what is wrong with them in its way of saying so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from driftbot.sandbox.block_kit.blocks import MessageBlocks, ModalView
from driftbot.sandbox.post import Json
from driftbot.sandbox.refusal import Refused

_OWN = "[ERROR] {what} [json-pointer:{pointer}]"


def check_blocks(blocks: Any) -> list[Json]:
    """The blocks of a message.

    Raises:
        Refused: ``invalid_blocks_format`` for what is no list, ``invalid_blocks`` with every fault of a list.
    """
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    wrong = [*_shape_faults(MessageBlocks, {"blocks": blocks}), *_faults_between(blocks)]
    if any(isinstance(block, dict) and block.get("type") == "input" for block in blocks):
        wrong.append(_OWN.format(what="unsupported type: input", pointer="/blocks"))
    if wrong := wrong or _library_faults(blocks):
        raise Refused("invalid_blocks", tuple(wrong))
    return blocks


def check_view(view: Any) -> Json:
    """A modal.

    Raises:
        Refused: ``invalid_arguments`` with every fault.
    """
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", (_OWN.format(what="must provide an object", pointer="/view"),))
    blocks = view.get("blocks") if isinstance(view.get("blocks"), list) else []
    wrong = [*_shape_faults(ModalView, view, "/view"), *_faults_between(blocks or [], "/view")]
    if _has_input(blocks or []) and not view.get("submit"):
        wrong.append(_OWN.format(what="missing required field: submit", pointer="/view"))
    if wrong := wrong or _library_faults(blocks or []):
        raise Refused("invalid_arguments", tuple(wrong))
    return dict(view)


def _has_input(blocks: Sequence[Any]) -> bool:
    return any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)


def _shape_faults(shape: type[BaseModel], payload: Json, above: str = "") -> Iterator[str]:
    try:
        shape.model_validate(payload)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            yield _OWN.format(what=_said(one), pointer=above + _pointer(payload, one["loc"]))


def _pointer(payload: Any, location: Sequence[int | str]) -> str:
    """The location in the payload, without the tags that the unions of the shapes add."""
    pointer, here = "", payload
    for step in location:
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            here, pointer = here[step], f"{pointer}/{step}"  # type: ignore[index]
    return pointer


def _said(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    name = error["loc"][-1] if error["loc"] else ""
    match error["type"]:
        case "missing":
            return f"missing required field: {name}"
        case "extra_forbidden":
            return f"invalid additional property: {name}"
        case "string_too_long":
            return f"must be less than {context['max_length'] + 1} characters"
        case "string_too_short":
            return f"must be more than {context['min_length'] - 1} characters"
        case "too_long":
            return f"no more than {context['max_length']} items allowed"
        case "union_tag_invalid":
            return f"unsupported type: {context['tag']}"
        case _:
            return error["msg"]


def _faults_between(blocks: Sequence[Any], above: str = "") -> Iterator[str]:
    """What is wrong with blocks that are each right: ids that are there twice, sections that say nothing."""
    known = [block for block in blocks if isinstance(block, dict)]
    for name in _twice(block.get("block_id") for block in known):
        yield _OWN.format(what=f"`block_id` already exists: {name}", pointer=f"{above}/blocks")
    for position, block in enumerate(known):
        elements = block.get("elements") if isinstance(block.get("elements"), list) else []
        for name in _twice(one.get("action_id") for one in elements or [] if isinstance(one, dict)):
            yield _OWN.format(what=f"`action_id` already exists: {name}", pointer=f"{above}/blocks/{position}/elements")
        if block.get("type") == "section" and not (block.get("text") or block.get("fields")):
            yield _OWN.format(what="missing required field: text", pointer=f"{above}/blocks/{position}")


def _twice(names: Iterator[Any]) -> list[str]:
    counted = Counter(name for name in names if isinstance(name, str))
    return sorted(name for name, count in counted.items() if count > 1)


def _library_faults(blocks: Sequence[Any]) -> list[str]:
    """What the models of slack_sdk refuse."""
    try:
        for block in Block.parse_all(blocks):
            if block is not None:
                block.validate_json()
    except (SlackObjectFormationError, TypeError, ValueError) as error:
        return [_OWN.format(what=str(error), pointer="/blocks")]
    return []
