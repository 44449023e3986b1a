"""Replicas: several servers told of one alert. Where they agree in what matters, one of them speaks. Pure.

A pair that evaluates the same rules has never quite the same samples: last sightings, margins and evidence differ, and
so do all texts that name them; a pair of Alertmanagers holds never quite the same alerts. Only a verdict that differs
is a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from driftbot.collectors.alert_rule import ALERT, CONDITION
from driftbot.collectors.alertmanager_configuration import RECEIVER
from driftbot.collectors.alertmanager_silences import FIRING_KEYS, SILENCE
from driftbot.collectors.prometheus_condition_facts import FIT_KEYS, VERDICT
from driftbot.collectors.prometheus_inventory import FIRING_KEYS as FIRING_ALERT_KEYS
from driftbot.collectors.prometheus_liveness import DEAD_KEYS
from driftbot.collectors.prometheus_liveness_interval import INTERVAL_KEYS, SCRAPE_INTERVAL
from driftbot.collectors.prometheus_liveness_verdict import NEVER_SEEN, SELECTORS
from driftbot.core.fact import Fact, Value, View, show
from driftbot.core.key import Key
from driftbot.core.quantity import Quantity
from driftbot.core.sighting import LOADED
from driftbot.core.subject import SubjectId
from driftbot.detectors.fit.threshold_fit import Verdict

Said = Mapping[str, Value]
"""What one server says of one matter of one subject, by key."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Keys that a server states together, and the verdict in them; an empty one is no word at all.

    Of different verdicts the first that is among ``prevailing`` holds; among ``prevailing_abroad`` where none of the
    servers has loaded the subject. Any others are a conflict.
    """

    keys: frozenset[str]
    verdict: Callable[[Said], str]
    prevailing: tuple[str, ...] = ()
    prevailing_abroad: tuple[str, ...] = ()


def _life(said: Said) -> str:
    return "" if SELECTORS not in said else "dead" if said[SELECTORS] else "alive"


def _fit(said: Said) -> str:
    found = str(said.get(VERDICT, ""))
    return _FITS.get(found, found)


def _pace(said: Said) -> str:
    return show(said[SCRAPE_INTERVAL]) if SCRAPE_INTERVAL in said else ""


def _health(said: Said) -> str:
    found = str(said.get("health", ""))
    return "" if found == "unknown" else found


def _handed(said: Said) -> str:
    return "alerts" if any(said.values()) else ""


def _counted(said: Said) -> str:
    return "alerts" if any(isinstance(count, Quantity) and count.value for count in said.values()) else ""


def _names_of(keys: Iterable[Key], kind: str) -> frozenset[str]:
    return frozenset(key.name for key in keys if key.subject_kind == kind)


_FITS = {
    **{verdict.value: "noisy" for verdict in (Verdict.ALWAYS_TRUE, Verdict.FLAPPING, Verdict.NEAR_PEAK)},
    **{verdict.value: "quiet" for verdict in (Verdict.FITS, Verdict.NEVER_REACHED)},
    **{verdict.value: "" for verdict in (Verdict.NO_DATA, Verdict.LEFT_ALONE)},
}
"""Between those that mean the same a few samples decide. Who is paged by one of a pair is paged: noisy prevails."""

LIFE = Matter(_names_of(DEAD_KEYS, ALERT), _life, prevailing_abroad=("alive",))
FIT = Matter(_names_of(FIT_KEYS, CONDITION), _fit, prevailing=("noisy",))
PACE = Matter(_names_of(INTERVAL_KEYS, CONDITION), _pace)
HEALTH = Matter(frozenset({"health", "error"}), _health, prevailing=("err",))
FIRING = Matter(FIRING_ALERT_KEYS, _counted)
HANDED = Matter(_names_of(FIRING_KEYS, RECEIVER), _handed)
MUTING = Matter(_names_of(FIRING_KEYS, SILENCE), _counted)

_MATTERS = {
    (kind, key): matter
    for kind, matters in {
        ALERT: (LIFE, HEALTH, FIRING),
        CONDITION: (FIT, PACE),
        RECEIVER: (HANDED,),
        SILENCE: (MUTING,),
    }.items()
    for matter in matters
    for key in matter.keys
}


def heard(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts without what a server says of a subject for which another one speaks.

    A server that has something to say speaks before one that has not, one that has loaded the alert before one that has
    not; of those that agree the first by name. Where verdicts differ all stay.
    """
    told: dict[tuple[SubjectId, Matter], dict[str, dict[str, Value]]] = defaultdict(dict)
    for fact in facts:
        matter = _MATTERS.get((fact.subject.kind, fact.key))
        if matter is not None:
            told[fact.subject.id, matter].setdefault(fact.origin.source, {})[fact.key] = fact.value
    several = {place: voices for place, voices in told.items() if len(voices) > 1}
    if not several:
        return tuple(facts)
    loaders = _loaders(facts, {subject for subject, _ in several})
    speaking = {place: _speaking(place[1], voices, loaders[place[0]]) for place, voices in several.items()}
    return tuple(fact for fact in facts if _speaks(fact, speaking))


def _speaks(fact: Fact, speaking: Mapping[tuple[SubjectId, Matter], frozenset[str]]) -> bool:
    matter = _MATTERS.get((fact.subject.kind, fact.key))
    sources = speaking.get((fact.subject.id, matter)) if matter is not None else None
    return sources is None or fact.origin.source in sources


def _loaders(facts: Iterable[Fact], subjects: set[SubjectId]) -> Mapping[SubjectId, set[str]]:
    """The servers that have loaded each subject."""
    found: dict[SubjectId, set[str]] = {subject: set() for subject in subjects}
    for fact in facts:
        if fact.view is View.EFFECTIVE and fact.key != LOADED and fact.subject.id in found:
            found[fact.subject.id].add(fact.origin.source)
    return found


def _speaking(matter: Matter, voices: Mapping[str, Said], loaders: set[str]) -> frozenset[str]:
    """The sources that are heard: one where they agree."""
    left = _first(voices, [source for source in voices if not _has_not_seen(voices[source], voices.values())])
    left = _first(left, [source for source in left if matter.verdict(voices[source])])
    left = _first(left, [source for source in left if source in loaders])
    for wins in matter.prevailing if loaders & set(left) else (*matter.prevailing, *matter.prevailing_abroad):
        left = _first(left, [source for source in left if matter.verdict(voices[source]) == wins])
    agreed = len({matter.verdict(voices[source]) for source in left}) == 1
    return frozenset([min(left)] if agreed else left)


def _first(all_of_them: Iterable[str], better: list[str]) -> list[str]:
    return better or list(all_of_them)


def _has_not_seen(said: Said, all_said: Iterable[Said]) -> bool:
    """Whether the server has never seen what another one saw end: it is younger, or forgets sooner."""
    never, dead = _names(said, NEVER_SEEN), [text for one in all_said for text in _names(one, SELECTORS)]
    return any(text.startswith((f"{selector}: ", f"{selector}, ")) for selector in never for text in dead)


def _names(said: Said, key: str) -> tuple[str, ...]:
    value = said.get(key)
    return value if isinstance(value, tuple) else ()
