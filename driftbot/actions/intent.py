"""Intents: what an action keeps in a step so that it can perform, read back and undo it without asking again."""

from __future__ import annotations

from typing import Self

from pydantic import ValidationError

from driftbot.actions.action import ActionFailed
from driftbot.actions.strict import Strict
from driftbot.core.canonical import canonical


class Intent(Strict):
    """A model that is kept as canonical JSON: equal intents are equal texts, and digests can be made of them."""

    def text(self) -> str:
        """The canonical JSON."""
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def read(cls, text: str) -> Self:
        """The model of such a text.

        Raises:
            ActionFailed: it is none, for example another version's.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the text"
            raise ActionFailed(
                f"what the step keeps is no {cls.__name__}: {place}: {first['msg']}",
                "Plan again; another version of driftbot may have written it.",
            ) from None
