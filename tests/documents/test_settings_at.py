"""Which settings a schema allows at a place: below lists, maps, unions and references."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from driftbot.documents.settings_at import settings_at


class Leaf(BaseModel):
    colour: str = ""


class Left(BaseModel):
    kind: Literal["left"]
    port: int = 0


class Right(BaseModel):
    kind: Literal["right"]
    leaf: Leaf | None = None


class Root(BaseModel):
    sides: tuple[Annotated[Left | Right, Field(discriminator="kind")], ...] = ()
    by_name: dict[str, Leaf] = {}
    by_id: dict[Annotated[str, Field(pattern="^U")], Leaf] = {}
    plain: int = 0


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ((), ("by_id", "by_name", "plain", "sides")),
        (("sides", 0, "left"), ("kind", "port")),
        (("sides", 3, "right"), ("kind", "leaf")),
        (("sides", 3, "right", "leaf"), ("colour",)),
        (("by_name", "anything"), ("colour",)),
        (("by_id", "U1"), ("colour",)),
        (("plain",), ()),
        (("nowhere", 0, "at all"), ()),
    ],
)
def test_the_settings_are_those_of_the_place(place: tuple[str | int, ...], names: tuple[str, ...]) -> None:
    assert settings_at(Root.model_json_schema(), place) == names
