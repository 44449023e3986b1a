"""The service graph: who calls whom, and the paths a request can take through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.subject import Subject, labels_of

PATH_KIND = "path"
CALL_KIND = "call"


class Ending(StrEnum):
    """Why a path goes no further."""

    LEAF = "leaf"
    CYCLE = "cycle"
    HOP_LIMIT = "hop_limit"


@dataclass(frozen=True, slots=True)
class Path:
    """A longest way of a request from a service that nobody calls: its calls in order, and why it ends.

    A path never visits a service twice; where the last service calls one that the path has already visited and nothing
    else, it ends in a cycle.
    """

    calls: tuple[Subject, ...]
    ending: Ending = Ending.LEAF

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the services visited, in order; one more than calls."""
        return (_source(self.calls[0]), *(_target(call) for call in self.calls))

    @property
    def subject(self) -> Subject:
        """The path as a subject: kind ``path``, named ``a->b->c``, with labels ``from``, ``to`` and ``ending``."""
        first, *rest = self.services
        name = first + "".join(f"->{_step(call)}" for call in self.calls)
        labels = {"from": first, "to": rest[-1], "ending": str(self.ending)}
        return Subject(PATH_KIND, self.calls[0].environment, name, labels_of(labels))


@dataclass(frozen=True, slots=True, order=True)
class Cycle:
    """Services of one environment that call each other in a circle, sorted by name."""

    environment: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The paths found, the cycles met, and the entry services of which not every path was followed."""

    paths: tuple[Path, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    unfinished: tuple[str, ...] = ()


Edges = dict[str, list[Subject]]


def paths(calls: Iterable[Subject], max_hops: int = 16, max_paths: int = 10_000) -> tuple[Path, ...]:
    """Every longest path through the ``call`` subjects, sorted by name; see ``walk`` for what was left out."""
    return walk(calls, max_hops, max_paths).paths


def walk(calls: Iterable[Subject], max_hops: int = 16, max_paths: int = 10_000) -> Walk:
    """Follow every path from the entry services, at most ``max_hops`` calls long and ``max_paths`` in an environment.

    An entry is a service that nobody calls or, where a circle of services is called by nobody else, the first of its
    names. Entries take turns, so that a limit on the number of paths hides no entry completely. Calls without the
    labels ``from`` and ``to`` belong to no path.

    Raises:
        ValueError: a limit is below one.
    """
    if max_hops < 1 or max_paths < 1:
        raise ValueError(f"a path has at least one call: max_hops={max_hops}, max_paths={max_paths}")
    known = sorted({call for call in calls if _source(call) and _target(call)})
    environments = sorted({call.environment for call in known})
    walks = [_walk([call for call in known if call.environment == name], max_hops, max_paths) for name in environments]
    return Walk(
        tuple(path for part in walks for path in part.paths),
        tuple(cycle for part in walks for cycle in part.cycles),
        tuple(entry for part in walks for entry in part.unfinished),
    )


def _walk(calls: Sequence[Subject], max_hops: int, max_paths: int) -> Walk:
    edges = _edges(calls)
    components = _components(edges)
    entries = _entries(edges, components)
    found, unfinished = _in_turns({entry: _from(entry, edges, max_hops) for entry in entries}, max_paths)
    circles = [part for part in components if len(part) > 1 or _calls_itself(part[0], edges)]
    return Walk(
        tuple(sorted(found, key=lambda path: path.subject.name)),
        tuple(sorted(Cycle(calls[0].environment, tuple(part)) for part in circles)),
        unfinished,
    )


def _edges(calls: Iterable[Subject]) -> Edges:
    edges: Edges = {}
    for call in calls:
        edges.setdefault(_source(call), []).append(call)
        edges.setdefault(_target(call), [])
    return edges


def _in_turns(ways: dict[str, Iterator[Path]], limit: int) -> tuple[list[Path], tuple[str, ...]]:
    found: list[Path] = []
    running = dict(ways)
    while running:
        for entry in tuple(running):
            path = next(running[entry], None)
            if path is None:
                del running[entry]
            elif len(found) == limit:
                return found, tuple(sorted(running))
            else:
                found.append(path)
    return found, ()


def _from(entry: str, edges: Edges, max_hops: int) -> Iterator[Path]:
    visited = {entry}
    trail: list[Subject] = []
    branches = [iter(edges[entry])]
    fresh = False
    while branches:
        call = next((call for call in branches[-1] if _target(call) not in visited), None)
        if call is not None:
            trail.append(call)
            visited.add(_target(call))
            fresh = True
            branches.append(iter(edges[_target(call)] if len(trail) < max_hops else ()))
            continue
        if fresh:
            yield Path(tuple(trail), _ending(trail, edges, visited))
        fresh = False
        branches.pop()
        if trail:
            visited.discard(_target(trail.pop()))


def _ending(trail: Sequence[Subject], edges: Edges, visited: set[str]) -> Ending:
    onward = edges[_target(trail[-1])]
    if not onward:
        return Ending.LEAF
    return Ending.CYCLE if all(_target(call) in visited for call in onward) else Ending.HOP_LIMIT


def _entries(edges: Edges, components: Iterable[Sequence[str]]) -> list[str]:
    home = {service: number for number, part in enumerate(components) for service in part}
    hops = ((home[_source(call)], home[_target(call)]) for calls in edges.values() for call in calls)
    called = {target for source, target in hops if source != target}
    return sorted(part[0] for number, part in enumerate(components) if number not in called)


def _components(edges: Edges) -> list[list[str]]:
    """Strongly connected components (Kosaraju and Sharir 1981, doi:10.1016/0898-1221(81)90008-0)."""
    onward = {service: [_target(call) for call in calls] for service, calls in edges.items()}
    backward: dict[str, list[str]] = {service: [] for service in edges}
    for service, targets in onward.items():
        for target in targets:
            backward[target].append(service)
    seen: set[str] = set()
    order = [service for root in sorted(onward) if root not in seen for service in _reached(root, onward, seen)]
    seen = set()
    return [sorted(_reached(root, backward, seen)) for root in reversed(order) if root not in seen]


def _reached(start: str, onward: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    finished: list[str] = []
    seen.add(start)
    work = [(start, iter(onward[start]))]
    while work:
        target = next((target for target in work[-1][1] if target not in seen), None)
        if target is None:
            finished.append(work.pop()[0])
        else:
            seen.add(target)
            work.append((target, iter(onward[target])))
    return finished


def _calls_itself(service: str, edges: Edges) -> bool:
    return any(_target(call) == service for call in edges[service])


def _source(call: Subject) -> str:
    return call.label("from") or ""


def _target(call: Subject) -> str:
    return call.label("to") or ""


def _step(call: Subject) -> str:
    plain = f"{_source(call)}->{_target(call)}"
    if call.name == plain:
        return _target(call)
    return f"{_target(call)}[{call.name.removeprefix(plain)}]"
