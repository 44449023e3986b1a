"""Whether the alerts that files declare are loaded: what only files and servers together can say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.sighting import ALERT, LOADED, Sighting
from driftbot.core.subject import Subject

RULE_GROUP = "rule_group"
"""The kind that only servers look for: by it a server that has loaded nothing is told from an empty folder."""


def loaded_facts(
    alerts: Iterable[tuple[str, Sequence[Sighting]]], environment: str, coverage: Iterable[Coverage]
) -> Iterator[Fact]:
    """For every alert of the environment that a file declares, given as its name and sightings: is it loaded?

    True where a server shows it; False only where every server of the environment was asked for its rules and answered
    completely. Where no server is asked, nothing is said.
    """
    ours = [entry for entry in coverage if entry.environment == environment]
    servers = sorted({entry.source for entry in ours if entry.kind == RULE_GROUP})
    about = [entry for entry in ours if entry.source in servers and entry.speaks_of(environment, ALERT, LOADED)]
    told = {entry.source for entry in about if entry.complete}
    everywhere = bool(servers) and told == set(servers) and all(entry.complete for entry in about)
    for name, sightings in alerts:
        if not any(one.view is View.DECLARED for one in sightings):
            continue
        subject = Subject(ALERT, environment, name, sightings[0].labels)
        shown = next((one for one in sightings if one.view is View.EFFECTIVE), None)
        if shown is not None:
            yield Fact(subject, LOADED, True, View.EFFECTIVE, origin=Origin(shown.source, shown.locator))
        elif everywhere:
            yield Fact(subject, LOADED, False, View.EFFECTIVE, origin=Origin(servers[0]))
