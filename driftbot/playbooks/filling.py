"""Filling: a step's settings with the parameters' values put where they are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftbot.documents.node import Plain

_NAMED = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")
"""``{name}``; doubled braces (a Go template) and all other braces (a matcher of PromQL) are text."""


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter's value: as text inside other text, and as itself where it stands alone."""

    text: str
    value: Plain


def named(setting: Plain) -> frozenset[str]:
    """The parameters that a setting names, however deep."""
    return frozenset(name for text in _texts(setting) for name in _NAMED.findall(text))


def filled(setting: Plain, given: Mapping[str, Given]) -> Plain:
    """The setting with all parameters put in; one that stands alone keeps its type (a mapping stays a mapping).

    What a value holds is not filled again: text from the estate is never taken for a parameter.

    Raises:
        KeyError: it names a parameter that is not given.
    """
    if isinstance(setting, str):
        return _filled_text(setting, given)
    if isinstance(setting, Mapping):
        return {
            _NAMED.sub(lambda match: given[match[1]].text, name): filled(one, given) for name, one in setting.items()
        }
    if isinstance(setting, Sequence):
        return [filled(one, given) for one in setting]
    return setting


def _filled_text(text: str, given: Mapping[str, Given]) -> Plain:
    alone = _NAMED.fullmatch(text)
    return given[alone[1]].value if alone else _NAMED.sub(lambda match: given[match[1]].text, text)


def _texts(setting: Plain) -> Iterator[str]:
    if isinstance(setting, str):
        yield setting
    elif isinstance(setting, Mapping):
        for name, one in setting.items():
            yield name
            yield from _texts(one)
    elif isinstance(setting, Sequence):
        for one in setting:
            yield from _texts(one)
