"""What a step of a playbook says about files: which setting becomes what, and what is added where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from driftbot.actions.strict import Strict
from driftbot.core.quantity import Unit
from driftbot.documents.format import Format
from driftbot.documents.path import BadPath, Path
from driftbot.edits.rounding import Rounding


def _compiled(text: str) -> str:
    # A placeholder stands for a name inside quotes; without its braces the path is compiled as it will be.
    try:
        Path(text)
    except BadPath as error:
        raise ValueError(str(error)) from None
    return text


PathText = Annotated[str, AfterValidator(_compiled)]


class Insertion(Strict):
    """A value added where none is written: below the place that ``path`` leads to in the subject's document.

    Names at the path's end that the document lacks are added with it. Without a ``key`` the value is appended to a
    sequence.
    """

    path: PathText = Field("$", description="path from the document that declares the subject, e.g. $.spec")
    key: str | None = Field(None, description="the name that the value gets; none: it is appended to a list")
    value: Any = Field(description="a text, a number, a mapping or a list")
    number_of: Unit | None = Field(
        None, description="write the value as a bare number of this unit: 2h in seconds is 7200"
    )


class NewFile(Strict):
    """A file that does not exist yet."""

    path: str = Field(min_length=1, description="where it stands, relative to driftbot.yaml")
    document: Any = Field(description="what it holds")
    format: Format = Format.YAML


class SettingEdit(Strict):
    """One change of a file: a setting's value, something missing, a document or a whole file."""

    key: str | None = Field(
        None, alias="set", description="the key whose value is changed where the subject's file states it"
    )
    to: str | None = Field(None, description="its value afterwards, e.g. {deadline}")
    rounding: Rounding = Field(
        Rounding.UP, description="which way a number goes that the author's notation cannot hold exactly"
    )
    where_missing: Insertion | None = Field(None, description="what is inserted where no file states the key")
    insert: Insertion | None = Field(None, description="what is added to the document that declares the subject")
    append_document: dict[str, Any] | None = Field(
        None, description="a document added at the end of the file that declares the subject"
    )
    new_file: NewFile | None = Field(None, description="a file that is added")

    @model_validator(mode="after")
    def _is_one_change(self) -> Self:
        asked = [name for name in _CHANGES if getattr(self, name) is not None]
        if len(asked) > 1 or (not asked and not self._may_be_empty()):
            raise ValueError("name one change: `set`, `insert`, `append_document` or `new_file`")
        if (self.key is None) != (self.to is None):
            raise ValueError("`set` names the key and `to` its value; both are needed")
        if self.where_missing is not None and self.key is None:
            raise ValueError("`where_missing` belongs to `set`")
        return self

    def _may_be_empty(self) -> bool:
        return False


class EditSettings(SettingEdit):
    """The changes of one step: one of them, or several in ``edits``."""

    edits: tuple[SettingEdit, ...] = Field((), description="several changes at once, each as above")

    @model_validator(mode="after")
    def _is_one_or_several(self) -> Self:
        if self.edits and any(getattr(self, name) is not None for name in _CHANGES):
            raise ValueError("write either one change or several in `edits`")
        return self

    def changes(self) -> Iterator[SettingEdit]:
        """Every change, in order."""
        yield from self.edits or (self,)

    def _may_be_empty(self) -> bool:
        return bool(self.edits)


_CHANGES = ("key", "insert", "append_document", "new_file")
