"""Blocks, and what is made of them, a message and a modal: https://docs.slack.dev/reference/block-kit/blocks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from driftbot.sandbox.block_kit.elements import AnyAccessory, AnyAction, AnyContext, AnyInput, Picture
from driftbot.sandbox.block_kit.objects import FieldText, Id, Plain24, Plain150, Plain2000, Shape, Text, chars


class Section(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/section-block."""

    type: Literal["section"]
    block_id: Id | None = None
    text: Text | None = None
    fields: Annotated[list[FieldText], Field(min_length=1, max_length=10)] | None = None
    accessory: AnyAccessory | None = None
    expand: bool | None = None


class Header(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/header-block."""

    type: Literal["header"]
    block_id: Id | None = None
    text: Plain150


class Divider(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block."""

    type: Literal["divider"]
    block_id: Id | None = None


class Context(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/context-block."""

    type: Literal["context"]
    block_id: Id | None = None
    elements: Annotated[list[AnyContext], Field(min_length=1, max_length=10)]


class Actions(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block."""

    type: Literal["actions"]
    block_id: Id | None = None
    elements: Annotated[list[AnyAction], Field(min_length=1, max_length=25)]


class Image(Picture):
    """https://docs.slack.dev/reference/block-kit/blocks/image-block."""

    type: Literal["image"]
    block_id: Id | None = None
    title: Plain2000 | None = None


class Input(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/input-block."""

    type: Literal["input"]
    block_id: Id | None = None
    label: Plain2000
    element: AnyInput
    hint: Plain2000 | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class RichText(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block; what is inside is not looked at."""

    type: Literal["rich_text"]
    block_id: Id | None = None
    elements: list[dict[str, Any]]


class MarkdownBlock(Shape):
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block."""

    type: Literal["markdown"]
    block_id: Id | None = None
    text: Annotated[str, chars(12_000)]


AnyBlock = Annotated[
    Section | Header | Divider | Context | Actions | Image | Input | RichText | MarkdownBlock,
    Field(discriminator="type"),
]


class MessageBlocks(Shape):
    """The blocks of a message."""

    blocks: Annotated[list[AnyBlock], Field(max_length=50)]


class ModalView(Shape):
    """https://docs.slack.dev/reference/views/modal-views."""

    type: Literal["modal"]
    title: Plain24
    blocks: Annotated[list[AnyBlock], Field(max_length=100)]
    close: Plain24 | None = None
    submit: Plain24 | None = None
    private_metadata: Annotated[str, chars(3000, 0)] | None = None
    callback_id: Annotated[str, chars(255, 0)] | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    external_id: Annotated[str, chars(255, 0)] | None = None
    submit_disabled: bool | None = None
