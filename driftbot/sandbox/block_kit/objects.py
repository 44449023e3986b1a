"""Text and other objects of blocks: https://docs.slack.dev/reference/block-kit/composition-objects."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Shape(BaseModel):
    """A JSON object whose fields are all known."""

    model_config = ConfigDict(extra="forbid", strict=True)


def chars(most: int, least: int = 1) -> Any:
    """A string of so many characters."""
    return StringConstraints(min_length=least, max_length=most)


Id = Annotated[str, chars(255)]
Url = Annotated[str, StringConstraints(max_length=3000, pattern=r"^https?://")]


class Plain(Shape):
    """Text without markup."""

    type: Literal["plain_text"]
    text: Annotated[str, chars(3000)]
    emoji: bool | None = None


class Plain24(Plain):
    """A modal's title and buttons."""

    text: Annotated[str, chars(24)]


class Plain30(Plain):
    """The buttons of a confirmation."""

    text: Annotated[str, chars(30)]


class Plain75(Plain):
    """A button, an option."""

    text: Annotated[str, chars(75)]


class Plain100(Plain):
    """A confirmation's title."""

    text: Annotated[str, chars(100)]


class Plain150(Plain):
    """A header, a placeholder."""

    text: Annotated[str, chars(150)]


class Plain2000(Plain):
    """A label, a hint, an image's title."""

    text: Annotated[str, chars(2000)]


class Markdown(Shape):
    """Text with Slack's markup."""

    type: Literal["mrkdwn"]
    text: Annotated[str, chars(3000)]
    verbatim: bool | None = None


class Markdown2000(Markdown):
    """A field of a section."""

    text: Annotated[str, chars(2000)]


class Markdown300(Markdown):
    """The text of a confirmation."""

    text: Annotated[str, chars(300)]


class Plain300(Plain):
    """The text of a confirmation."""

    text: Annotated[str, chars(300)]


class Markdown75(Markdown):
    """An option of radio buttons or checkboxes."""

    text: Annotated[str, chars(75)]


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
    value: Annotated[str, chars(150)]
    description: OptionText | None = None
    url: Url | None = None


class OptionGroup(Shape):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object."""

    label: Plain75
    options: Annotated[list[Option], Field(min_length=1, max_length=100)]
