"""What YAML 1.1 makes of a scalar's text, by PyYAML's own resolver and constructors."""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from driftbot.documents.node import Scalar

_LONGEST_NUMBER = 100
_STANDARD = "tag:yaml.org,2002:"
_Resolvers = list[tuple[str, re.Pattern[str]]]
_RESOLVERS: dict[str, _Resolvers] = {
    first: [(tag.removeprefix(_STANDARD), pattern) for tag, pattern in resolvers]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


def resolve(text: str) -> Scalar:
    """The value of a plain scalar: null, boolean, number or text; timestamps stay text."""
    return text if len(text) > _LONGEST_NUMBER else _resolved(text)


@lru_cache(maxsize=8192)
def _resolved(text: str) -> Scalar:
    # Configuration says the same few words over and over.
    for name, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return construct(name, text)
    return text


def construct(name: str, text: str) -> Scalar:
    """The text as the standard type ``name`` (``int``, ``bool``, …); text where it is none, or a type of its own."""
    if name == "null":
        return None
    if name not in {"bool", "int", "float"} or len(text) > _LONGEST_NUMBER:
        return text
    node = yaml.ScalarNode(_STANDARD + name, text)
    try:
        match name:
            case "bool":
                return bool(_CONSTRUCTOR.construct_yaml_bool(node))
            case "int":
                return int(_CONSTRUCTOR.construct_yaml_int(node))
            case _:
                return float(_CONSTRUCTOR.construct_yaml_float(node))
    except (ValueError, LookupError, OverflowError, yaml.YAMLError):
        return text


def tag_name(tag: str | None) -> str:
    """The standard type's name of a resolved tag, or an empty string for none and for a tag of the author's own."""
    return tag.removeprefix(_STANDARD) if tag and tag.startswith(_STANDARD) else ""
