"""Which blocks Slack takes: the shapes and limits of https://docs.slack.dev/reference/block-kit.

Written down from those pages on their own: what renders messages has limits of its own, and each would catch the
other's mistake. Fields that a page does not name are refused, as Slack does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class Shape(BaseModel):
    """A JSON object whose fields are all known."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _chars(most: int, least: int = 1) -> Any:
    return StringConstraints(min_length=least, max_length=most)


Id = Annotated[str, _chars(255)]
Url = Annotated[str, StringConstraints(max_length=3000, pattern=r"^https?://")]


class Plain(Shape):
    """Text without markup."""

    type: Literal["plain_text"]
    text: Annotated[str, _chars(3000)]
    emoji: bool | None = None


class Plain24(Plain):
    """A modal's title and buttons."""

    text: Annotated[str, _chars(24)]


class Plain30(Plain):
    """The buttons of a confirmation."""

    text: Annotated[str, _chars(30)]


class Plain75(Plain):
    """A button, an option."""

    text: Annotated[str, _chars(75)]


class Plain100(Plain):
    """A confirmation's title."""

    text: Annotated[str, _chars(100)]


class Plain150(Plain):
    """A header, a placeholder."""

    text: Annotated[str, _chars(150)]


class Plain2000(Plain):
    """A label, a hint, an image's title."""

    text: Annotated[str, _chars(2000)]


class Markdown(Shape):
    """Text with Slack's markup."""

    type: Literal["mrkdwn"]
    text: Annotated[str, _chars(3000)]
    verbatim: bool | None = None


class Markdown2000(Markdown):
    """A field of a section."""

    text: Annotated[str, _chars(2000)]


class Markdown300(Markdown):
    """The text of a confirmation."""

    text: Annotated[str, _chars(300)]


class Plain300(Plain):
    """The text of a confirmation."""

    text: Annotated[str, _chars(300)]


class Markdown75(Markdown):
    """An option of radio buttons or checkboxes."""

    text: Annotated[str, _chars(75)]


Text = Annotated[Plain | Markdown, Field(discriminator="type")]
FieldText = Annotated[Plain2000 | Markdown2000, Field(discriminator="type")]
OptionText = Annotated[Plain75 | Markdown75, Field(discriminator="type")]


class Confirm(Shape):
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object."""

    title: Plain100
    text: Annotated[Plain300 | Markdown300, Field(discriminator="type")]
    confirm: Plain30
    deny: Plain30
    style: Literal["primary", "danger"] | None = None


class Option(Shape):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object."""

    text: OptionText
    value: Annotated[str, _chars(150)]
    description: OptionText | None = None
    url: Url | None = None


class OptionGroup(Shape):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object."""

    label: Plain75
    options: Annotated[list[Option], Field(min_length=1, max_length=100)]


class Element(Shape):
    """What all interactive elements have."""

    action_id: Id | None = None
    focus_on_load: bool | None = None


class Button(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element."""

    type: Literal["button"]
    text: Plain75
    url: Url | None = None
    value: Annotated[str, _chars(2000)] | None = None
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None
    accessibility_label: Annotated[str, _chars(75)] | None = None


class StaticSelect(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element."""

    type: Literal["static_select"]
    placeholder: Plain150 | None = None
    options: Annotated[list[Option], Field(min_length=1, max_length=100)] | None = None
    option_groups: Annotated[list[OptionGroup], Field(min_length=1, max_length=100)] | None = None
    initial_option: Option | None = None
    confirm: Confirm | None = None

    @model_validator(mode="after")
    def _one_list(self) -> StaticSelect:
        if (self.options is None) == (self.option_groups is None):
            raise ValueError("must provide either options or option_groups")
        return self


class Overflow(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element."""

    type: Literal["overflow"]
    options: Annotated[list[Option], Field(min_length=1, max_length=5)]
    confirm: Confirm | None = None


class Choices(Element):
    """Checkboxes and radio buttons."""

    type: Literal["checkboxes", "radio_buttons"]
    options: Annotated[list[Option], Field(min_length=1, max_length=10)]
    initial_option: Option | None = None
    initial_options: list[Option] | None = None
    confirm: Confirm | None = None


class DatePicker(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/date-picker-element."""

    type: Literal["datepicker"]
    initial_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    placeholder: Plain150 | None = None
    confirm: Confirm | None = None


class DatetimePicker(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element."""

    type: Literal["datetimepicker"]
    initial_date_time: Annotated[int, Field(ge=1_000_000_000, le=9_999_999_999)] | None = None
    confirm: Confirm | None = None


class PlainTextInput(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element."""

    type: Literal["plain_text_input"]
    initial_value: str | None = None
    multiline: bool | None = None
    min_length: Annotated[int, Field(ge=0, le=3000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=3000)] | None = None
    placeholder: Plain150 | None = None
    dispatch_action_config: dict[str, Any] | None = None


class SlackFile(Shape):
    """https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object."""

    id: str | None = None
    url: str | None = None


class Picture(Shape):
    """What pictures have, wherever they are."""

    alt_text: Annotated[str, _chars(2000)]
    image_url: Url | None = None
    slack_file: SlackFile | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Picture:
        if (self.image_url is None) == (self.slack_file is None):
            raise ValueError("must provide either image_url or slack_file")
        return self


class ImageElement(Picture):
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element."""

    type: Literal["image"]


Interactive = Button | StaticSelect | Overflow | Choices | DatePicker | DatetimePicker
AnyAccessory = Annotated[Interactive | ImageElement, Field(discriminator="type")]
AnyAction = Annotated[Interactive, Field(discriminator="type")]
AnyInput = Annotated[StaticSelect | Choices | DatePicker | DatetimePicker | PlainTextInput, Field(discriminator="type")]
AnyContext = Annotated[Plain | Markdown | ImageElement, Field(discriminator="type")]


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
    text: Annotated[str, _chars(12_000)]


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
    private_metadata: Annotated[str, _chars(3000, 0)] | None = None
    callback_id: Annotated[str, _chars(255, 0)] | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    external_id: Annotated[str, _chars(255, 0)] | None = None
    submit_disabled: bool | None = None
