"""The arguments of a call: a form's strings or a JSON body's values, read as what the method asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftbot.sandbox.refusal import Refused


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a method was called with."""

    given: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are taken as their digits."""
        value = self.given.get(name)
        return default if value is None else str(value)

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        """A string that has to be there.

        Raises:
            Refused: it is absent or empty.
        """
        if not (value := self.text(name)):
            raise Refused(error, (f"[ERROR] missing required field: {name}",))
        return value

    def flag(self, name: str) -> bool:
        """A truth value; absent is false."""
        return self.given.get(name) in (True, 1, "1", "true", "True")

    def whole(self, name: str, default: int) -> int:
        """A whole number.

        Raises:
            Refused: it is none.
        """
        value = self.given.get(name)
        try:
            return default if value in (None, "") else int(str(value))
        except ValueError:
            raise Refused("invalid_arguments", (f"[ERROR] must be an integer: {name}",)) from None

    def structure(self, name: str, error: str) -> Any:
        """A JSON value, sent as such or as a string that holds one; None if absent.

        Raises:
            Refused: the string is no JSON.
        """
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(error) from None
