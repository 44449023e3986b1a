"""The page of the vocabulary: every key that a shipped collector or signal provides, by kind of subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docs.render.markdown import code, page, table
from driftbot.collectors.collector import Collector
from driftbot.core.key import Key, Vocabulary
from driftbot.plugins import collectors


def render() -> str:
    """The page."""
    keys = shipped()
    return page(
        "Vocabulary",
        "What rules can speak of, by kind of subject. Sources of kind `settings` and signals of your own add theirs.",
        *(part for kind in keys.kinds for part in (f"## {kind}", _table(keys.of_kind(kind)))),
    )


def shipped() -> Vocabulary:
    """Every key of every built-in collector under default options."""
    return Vocabulary(key for collector in collectors().values() for key in keys_of(collector))


def keys_of(collector: Collector) -> Iterator[Key]:
    """The keys of one collector; options without a default say where a source is, which no key depends on."""
    yield from collector.keys(collector.options.model_construct())


def _table(keys: Iterable[Key]) -> str:
    return table(
        ("key", "type", "unit", "meaning", "provided by"),
        ((code(key.name), key.type, key.unit or "", key.meaning, code(*key.providers)) for key in keys),
    )
