"""Loading: how what a server has loaded differs in meaning from the file, and why it has not loaded an alert at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from driftbot.alerts.comparison import changes
from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.view_definition import Parts
from driftbot.core.fact import Fact, View
from driftbot.core.key import Key, ValueType
from driftbot.core.loaded import RULE_GROUP
from driftbot.core.sighting import ALERT, LOADED
from driftbot.promql.expression import NotPromQL

OTHERWISE = Key(
    ALERT,
    "loaded_otherwise",
    ValueType.NAMES,
    "how what is loaded differs in meaning from what its file declares, in words; stated where both are known",
    None,
    PROVIDERS,
)
BECAUSE = Key(
    ALERT,
    "not_loaded_because",
    ValueType.TEXT,
    "why no server has loaded it, as far as reloads, files and groups tell; stated where none has",
    None,
    PROVIDERS,
)
_SERVER, _RELOADED = "prometheus", "config.reloaded"


def _loading(estate: Estate) -> Iterator[Fact]:
    servers = {environment: _servers(estate, environment) for environment in _environments(estate)}
    for subject, facts in estate.of_kind(ALERT):
        otherwise = _otherwise(subject.name, facts)
        if otherwise is not None:
            expression = next(fact for fact in facts if fact.view is View.DECLARED and fact.key == "expression")
            yield computed(expression.subject, OTHERWISE.name, otherwise, expression.origin)
        missing = next((fact for fact in facts if fact.key == LOADED and fact.value is False), None)
        if missing is not None:
            told = servers[subject.environment].without(_said(facts, "rule.group"), _said(facts, "rule.path"))
            yield computed(missing.subject, BECAUSE.name, told, missing.origin)


def _environments(estate: Estate) -> set[str]:
    return {subject.environment for subject, _ in estate.of_kind(ALERT)}


def _otherwise(name: str, facts: tuple[Fact, ...]) -> tuple[str, ...] | None:
    """How the loaded definition differs; None where not both are known, or one view says two things."""
    declared, effective = Parts.of(facts, View.DECLARED), Parts.of(facts, View.EFFECTIVE)
    if not (declared.shows and effective.shows) or declared.disputed or effective.disputed:
        return None
    try:
        loaded = effective.over(declared).definition(name)
        return tuple(sorted({str(change) for change in changes(declared.definition(name), loaded)}))
    except NotPromQL:
        return None


def _said(facts: Iterable[Fact], key: str) -> str:
    return next((str(fact.value) for fact in facts if fact.view is View.DECLARED and fact.key == key), "")


@dataclass(frozen=True, slots=True)
class _Servers:
    """What the servers of one environment have loaded, and whose last reload failed."""

    failed: tuple[str, ...]
    groups: frozenset[tuple[str, str]]

    def without(self, group: str, path: str) -> str:
        """Why an alert of this group and file is not among it, in words."""
        file = path.rpartition("/")[2]
        in_file = {known for known, of in self.groups if of == file}
        if any(known == group for known, _ in self.groups):
            found = f"the group {group} is loaded without it, as an older state of the file has it"
        elif in_file:
            found = f"the group {group} is not loaded; of {file} others are"
        else:
            found = f"no group {group} is loaded, nor any other of a file called {file}"
        failed = f"the last reload of {', '.join(self.failed)} failed; " if self.failed else ""
        return failed + found


def _servers(estate: Estate, environment: str) -> _Servers:
    failed = [
        subject.name
        for subject, facts in estate.of_kind(_SERVER)
        if subject.environment == environment
        and any(fact.key == _RELOADED and fact.value is False and fact.view is View.EFFECTIVE for fact in facts)
    ]
    groups = set()
    for subject, facts in estate.told_of_kind(RULE_GROUP):
        labels = dict(facts[0].subject.labels)
        if subject.environment == environment:
            groups.add((labels.get("group", ""), labels.get("file", "").rpartition("/")[2]))
    return _Servers(tuple(sorted(failed)), frozenset(groups))


derivation = Derivation((BECAUSE, OTHERWISE), _loading)
"""``loaded_otherwise`` and ``not_loaded_because``: merged, and what the servers made of it."""
