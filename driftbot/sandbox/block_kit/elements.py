"""What people press, choose and fill in, and pictures: https://docs.slack.dev/reference/block-kit/block-elements."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from driftbot.sandbox.block_kit.objects import (
    Confirm,
    Id,
    Markdown,
    Option,
    OptionGroup,
    Plain,
    Plain75,
    Plain150,
    Shape,
    Url,
    chars,
)


class Element(Shape):
    """What all interactive elements have."""

    action_id: Id | None = None
    focus_on_load: bool | None = None


class Button(Element):
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element."""

    type: Literal["button"]
    text: Plain75
    url: Url | None = None
    value: Annotated[str, chars(2000)] | None = None
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None
    accessibility_label: Annotated[str, chars(75)] | None = None


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

    alt_text: Annotated[str, chars(2000)]
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
