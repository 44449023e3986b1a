"""The page of the vocabulary: every key that a shipped collector or signal provides, by kind of subject."""

from __future__ import annotations

from collections.abc import Iterable

from docs.render.markdown import code, page, table
from driftbot.core.key import Key
from driftbot.inventory import vocabulary


def render() -> str:
    """The page."""
    keys = vocabulary(())
    return page(
        "Vocabulary",
        "What rules can speak of, by kind of subject. Sources of kind `settings` and signals of your own add theirs.",
        *(part for kind in keys.kinds for part in (f"## {kind}", _table(keys.of_kind(kind)))),
    )


def _table(keys: Iterable[Key]) -> str:
    return table(
        ("key", "type", "unit", "meaning", "provided by"),
        ((code(key.name), key.type, key.unit or "", key.meaning, code(*key.providers)) for key in keys),
    )
