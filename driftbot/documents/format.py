"""Which format a file is in, by its name, and reading it as that."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from enum import StrEnum

from driftbot.documents.documents import Documents
from driftbot.documents.ini import read_ini
from driftbot.documents.json import read_json
from driftbot.documents.properties import read_properties
from driftbot.documents.toml import read_toml
from driftbot.documents.yaml import read_yaml


class Format(StrEnum):
    """A format that gives documents."""

    YAML = "yaml"
    JSON = "json"
    TOML = "toml"
    INI = "ini"
    PROPERTIES = "properties"


_BY_SUFFIX = {
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".json": Format.JSON,
    ".jsonl": Format.JSON,
    ".toml": Format.TOML,
    ".ini": Format.INI,
    ".cfg": Format.INI,
    ".cnf": Format.INI,
    ".properties": Format.PROPERTIES,
}
_READERS: dict[Format, Callable[[bytes, str, str], Documents]] = {
    Format.YAML: read_yaml,
    Format.JSON: read_json,
    Format.TOML: read_toml,
    Format.INI: read_ini,
    Format.PROPERTIES: read_properties,
}


def format_of(locator: str) -> Format | None:
    """The format that the file's suffix says, or None where it says none of them."""
    return _BY_SUFFIX.get(posixpath.splitext(locator)[1].lower())


def read_documents(content: bytes, source: str, locator: str, format: Format) -> Documents:
    """Read a file of a known format; never raises for what the file holds."""
    return _READERS[format](content, source, locator)
