"""What a person declares about a file that no collector knows: where its subjects and values stand."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from driftbot.core.fact import Value
from driftbot.core.key import KEY_NAME, Key, ValueType
from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.documents.format import Format
from driftbot.documents.path import Path

_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _compiled(text: str) -> str:
    Path(text)
    return text


def _key_name(text: str) -> str:
    if not KEY_NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no key; write lower-case words joined by dots, e.g. timeout.request")
    return text


PathText = Annotated[str, AfterValidator(_compiled)]


class Zero(StrEnum):
    """What a written zero means: itself, the default as if nothing stood there, or that there is no limit."""

    ITSELF = "itself"
    DEFAULT = "default"
    UNLIMITED = "unlimited"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueEntry(_Entry):
    """One value of every subject: its key, where it stands, and how it is read."""

    key: Annotated[str, AfterValidator(_key_name)]
    at: PathText = Field(description="path from the subject's node, e.g. $.timeout")
    type: ValueType = Field(ValueType.QUANTITY, description="quantity (needs a unit), text, flag or names")
    unit: Unit | None = None
    bare: str = Field("", description="the suffix that a bare number lacks, e.g. ms where 500 means 500ms")
    meaning: str = Field("", description="one sentence for the reference")
    default: str | None = Field(None, description="what holds where nothing is written; a fact with provenance default")
    zero: Zero = Field(Zero.ITSELF, description="what a written 0 means: itself, default, or unlimited (no value)")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type in {ValueType.SERIES, ValueType.INSTANT}:
            raise ValueError(f"{self.key}: a file's value is a quantity, text, flag or names, not {self.type}")
        if (self.unit is not None) != (self.type is ValueType.QUANTITY):
            raise ValueError(
                f"{self.key}: a quantity needs a unit (one of {', '.join(Unit)}), everything else has none"
            )
        if self.zero is Zero.DEFAULT and self.default is None:
            raise ValueError(f"{self.key}: zero means the default, but there is no default")
        if self.default is not None:
            self.read(self.default)
        return self

    def read(self, text: str) -> Value:
        """The value that a text means.

        Raises:
            ValueError: it means none; the message says why.
        """
        match self.type:
            case ValueType.QUANTITY:
                assert self.unit is not None
                return parse_quantity(self._suffixed(text), self.unit)
            case ValueType.FLAG:
                if text.lower() not in _FLAGS:
                    raise ValueError(f"{text!r} is neither true nor false")
                return _FLAGS[text.lower()]
            case ValueType.NAMES:
                return tuple(sorted(filter(None, re.split(r"[\s,]+", text))))
            case _:
                return text

    def declared(self, kind: str, provider: str) -> Key:
        """The key as part of the vocabulary."""
        notes = [self.meaning or f"the value at {self.at}"]
        notes += [f"{self.default} where nothing is written"] if self.default is not None else []
        notes += [f"0 means {self.zero}"] if self.zero is not Zero.ITSELF else []
        return Key(kind, self.key, self.type, "; ".join(notes), self.unit, (provider,))

    def is_zero(self, value: Value) -> bool:
        """Whether the value is a zero that does not mean itself."""
        return self.zero is not Zero.ITSELF and isinstance(value, Quantity) and value.value == 0.0

    def _suffixed(self, text: str) -> str:
        try:
            float(text)
        except ValueError:
            return text
        return f"{text.strip()}{self.bare}"


class Extraction(_Entry):
    """Files of one shape: which they are, which nodes in them are subjects, and which values those have."""

    files: tuple[str, ...] = Field(min_length=1, description="patterns of files, as in .gitignore")
    format: Format | None = Field(None, description="the files' format, where their suffix does not say it")
    each: PathText = Field("$", description="path to the nodes that are subjects; the whole document unless said")
    subject: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="the kind of subject, e.g. service")]
    name: str = Field(description="the subject's name, with placeholders: {$.name}, {key}, {file.stem}, {file.parent}")
    labels: dict[str, str] = Field(default_factory=dict, description="labels, with the same placeholders")
    values: tuple[ValueEntry, ...] = Field(min_length=1)
