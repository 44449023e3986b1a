"""Credentials in options: each is found, however deep it stands."""

from __future__ import annotations

from pydantic import BaseModel

from driftbot.credential import Credential, credentials_in

TOKEN, KEY, HEADER = Credential(env="TOKEN"), Credential(file="key"), Credential(env="HEADER")


class Part(BaseModel):
    key: Credential | None = None
    headers: dict[str, str | Credential] = {}


class Options(BaseModel):
    token: Credential
    parts: tuple[Part, ...] = ()
    note: str = "TOKEN"


def test_models_mappings_and_collections_are_looked_through():
    options = Options(token=TOKEN, parts=(Part(key=KEY), Part(headers={"a": "plain", "b": HEADER})))
    assert list(credentials_in([options, None, {"again": TOKEN}])) == [TOKEN, KEY, HEADER, TOKEN]


def test_what_names_no_secret_holds_none():
    assert list(credentials_in((None, "TOKEN", 3, Part()))) == []
