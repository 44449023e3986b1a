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


LEFT_OUT = Given("", None)
"""Nobody states the value, and the playbook does without: a setting that is it alone is left out."""


def named(setting: Plain) -> frozenset[str]:
    """The parameters that a setting names, however deep."""
    return frozenset(name for text in _texts(setting) for name in _NAMED.findall(text))


def filled(setting: Plain, given: Mapping[str, Given]) -> Plain:
    """The setting with all parameters put in; one that stands alone keeps its type (a mapping stays a mapping).

    Entries and items that are a parameter which is left out are left out, too. What a value holds is not filled again:
    text from the estate is never taken for a parameter.

    Raises:
        KeyError: it names a parameter that is not given.
    """
    if isinstance(setting, str):
        alone = _NAMED.fullmatch(setting)
        return given[alone[1]].value if alone else _inside(setting, given)
    if isinstance(setting, Mapping):
        kept = ((name, one) for name, one in setting.items() if not _is_left_out(one, given))
        return {_inside(name, given): filled(one, given) for name, one in kept}
    if isinstance(setting, Sequence):
        return [filled(one, given) for one in setting if not _is_left_out(one, given)]
    return setting


def _inside(text: str, given: Mapping[str, Given]) -> str:
    return _NAMED.sub(lambda match: given[match[1]].text, text)


def _is_left_out(setting: Plain, given: Mapping[str, Given]) -> bool:
    alone = _NAMED.fullmatch(setting) if isinstance(setting, str) else None
    return alone is not None and given[alone[1]] is LEFT_OUT


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
