"""The proposal: a commented ``driftbot.yaml`` from what was found, which a scan takes as it is."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path
from urllib.parse import urlsplit

from driftbot.core.rule import Problem
from driftbot.discovery.alertmanagers import FoundAlertmanager
from driftbot.discovery.folder import Found, Kind
from driftbot.discovery.server import Server
from driftbot.discovery.starting_pack import Candidate
from driftbot.report.harmless import harmless

SCHEMA_FILE = "driftbot.schema.json"
_PLAIN = re.compile(r"(\.{0,2}/)*[A-Za-z][A-Za-z0-9_./-]*|(\.\./)*\.{1,2}")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of ``sources``: options in order, and why it is there.

    ``problem`` says why it is there though it did not answer; ``unusable``, why it is only a comment.
    """

    name: str
    kind: str
    options: Mapping[str, str | bool]
    remark: str
    problem: str = ""
    unread: tuple[Problem, ...] = ()
    locked: bool = False
    unusable: bool = False


def sources(
    servers: Sequence[Server], folders: Sequence[Found], root: Path, alertmanagers: Sequence[FoundAlertmanager] = ()
) -> tuple[Source, ...]:
    """The sources that the findings make, each with a name of its own; paths are relative to ``root``."""
    made = [*map(_of_server, servers), *map(_of_alertmanager, alertmanagers)]
    made += [source for found in folders for source in _of_folder(found, root)]
    taken: dict[str, int] = {}
    named = []
    for source in made:
        taken[source.name] = taken.get(source.name, 0) + 1
        number = taken[source.name]
        name = source.name if number == 1 else f"{source.name}-{number}"
        named.append(replace(source, name=name))
    return tuple(named)


def _of_server(server: Server) -> Source:
    host = (urlsplit(server.url).hostname if server.url else "") or "prometheus"
    name = "prometheus" if re.fullmatch(r"[\d.:]+|localhost", host) else host.partition(".")[0]
    options: dict[str, str | bool] = {"url": server.url or server.likely or server.asked}
    if server.answers and server.rules is None:
        options["rules"] = False
    told = f"{server.rules:,} rules are loaded" if server.rules is not None else "it holds series and no rules"
    problem = "" if server.answers else server.tried[0].problem if server.tried else "nothing answered"
    unusable = not (server.url or server.likely)
    return Source(_name(name), "prometheus", options, told, problem, locked=server.locked, unusable=unusable)


def _of_alertmanager(found: FoundAlertmanager) -> Source:
    """One that does not answer stays a comment: a Prometheus may know it by a name that only its own network has."""
    remark = "its routes, its inhibitions and its silences"
    return Source(
        "alertmanager", "alertmanager", {"url": found.url}, remark, found.problem, unusable=bool(found.problem)
    )


def _of_folder(found: Found, root: Path) -> Iterator[Source]:
    catalog = Kind([*found.catalog.paths, *found.backstage.paths], found.catalog.things + found.backstage.things)
    for kind, files, name in (
        ("alert_files", found.alerts, "alert-files"),
        ("kubernetes_manifests", found.manifests, "manifests"),
        ("catalog", catalog, "catalog"),
    ):
        if not files.paths:
            continue
        path = relpath(found.folder / files.root, root).replace("\\", "/")
        options: dict[str, str | bool] = {"path": path}
        held = ", ".join(f"{count:,} {thing}" for thing, count in files.things.most_common(4))
        below = tuple(problem for problem in found.unread if _is_below(problem.origin.locator, files.root))
        yield Source(name, kind, options, f"{len(files.paths):,} files: {held}", unread=below)


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(f"{folder}/")


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "prometheus"


def lessons_folder(folders: Iterable[Found], root: Path) -> str:
    """A name below ``root`` for the folder of one's own lessons, in which nothing else was found."""
    paths = (relpath(found.folder / path, root) for found in folders for path in _paths(found))
    taken = {path.replace("\\", "/").partition("/")[0] for path in paths}
    names = itertools.chain(("rules", "lessons"), (f"lessons-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _paths(found: Found) -> Iterator[str]:
    for kind in (found.alerts, found.manifests, found.catalog, found.backstage):
        yield from kind.paths
    yield from (problem.origin.locator for problem in found.unread)


def propose(
    entries: Sequence[Source],
    pack: Sequence[Candidate],
    environment: str,
    teams: Sequence[str],
    lessons: str = "rules",
) -> str:
    """The text of ``driftbot.yaml``; ``lessons`` is the folder that it proposes for one's own."""
    return "\n".join((*_head(), *_sources(entries, environment, teams), *_rules(pack, lessons), *_rest())) + "\n"


def _head() -> Iterator[str]:
    yield f"# yaml-language-server: $schema=./{SCHEMA_FILE}"
    yield f"# $schema: ./{SCHEMA_FILE}"
    yield "# Written by `driftbot init`. Every path is relative to this file. Run `driftbot scan` to look once."
    yield ""
    yield "# The history of everything seen: a file here, or a URL (postgresql+psycopg://user@host/database)."
    yield "store: driftbot.db"
    yield ""


def _sources(entries: Sequence[Source], environment: str, teams: Sequence[str]) -> Iterator[str]:
    yield "# Where configuration and measurements are read. A subject is the same one only within its environment:"
    yield "# give what runs together the same one."
    working = [entry for entry in entries if not entry.unusable]
    yield "sources:" if working else "sources: []"
    for entry in entries:
        yield from _source(entry, environment)
    if not working:
        yield from _missing_sources(environment)
    if teams:
        yield f"# Owners were found in labels and CODEOWNERS: {', '.join(harmless(team, 40) for team in teams[:8])}."
    yield ""


def _source(entry: Source, environment: str) -> Iterator[str]:
    out = "# " if entry.unusable else ""
    if entry.problem and not entry.unusable:
        yield "  # It did not answer when this file was written; until it does, a scan says that it is blind:"
    yield f"  # {harmless(entry.problem or entry.remark, 200)}"
    yield f"  {out}- name: {scalar(entry.name)}"
    yield f"  {out}  kind: {entry.kind}"
    yield f"  {out}  environment: {scalar(environment)}"
    for name, value in entry.options.items():
        yield f"  {out}  {name}: {scalar(value)}"
    if entry.locked:
        yield "    # It wants to know who asks. Put the secret into an environment variable or a file and name it here:"
        yield "    # bearer: {env: PROMETHEUS_TOKEN}"
        yield "    # basic: {username: driftbot, password: {env: PROMETHEUS_PASSWORD}}"
    if entry.unread:
        yield f"    # {len(entry.unread):,} files here cannot be read, so that a scan says what it does not know, e.g.:"
        yield from (f"    #   {harmless(str(problem), 150)}" for problem in entry.unread[:3])
        yield '    # Add rendered output of templates, leave files out (exclude: ["charts/**"]), or accept gaps below.'


def _missing_sources(environment: str) -> Iterator[str]:
    yield "# Nothing was found to watch. Take the comments off what you have:"
    yield "# sources:"
    yield f"#   - {{name: prometheus, kind: prometheus, environment: {scalar(environment)}, url: http://prometheus:9090}}"
    yield f"#   - {{name: alert-files, kind: alert_files, environment: {scalar(environment)}, path: alerts}}"
    yield f"#   - {{name: manifests, kind: kubernetes_manifests, environment: {scalar(environment)}, path: deploy}}"
    yield f"#   - {{name: catalog, kind: catalog, environment: {scalar(environment)}, path: catalog.yaml}}"


def _rules(pack: Sequence[Candidate], lessons: str) -> Iterator[str]:
    fitting = [candidate for candidate in pack if not candidate.missing]
    yield "# The lessons that are held every night. Your own go into a folder under paths:"
    yield f"# `driftbot rules new{'' if lessons == 'rules' else f' --into {lessons}'}` starts one."
    yield "rules:"
    yield f"  # paths: [{lessons}]"
    yield "  # `all` takes every shipped lesson, also those that come with a newer driftbot."
    yield "  shipped:" if fitting else "  shipped: none"
    for candidate in fitting:
        yield f"    - {candidate.rule.id}  # {candidate.rule.severity}: {harmless(candidate.rule.title, 80)}"
    if len(fitting) < len(pack):
        yield "  # Shipped lessons about things that none of the sources tells:"
    for candidate in pack:
        if candidate.missing:
            yield f"    # - {candidate.rule.id}  # needs {', '.join(candidate.missing[:2])}"
    yield ""


def _rest() -> Iterator[str]:
    yield "# What cannot be read and somebody answers for until a date; the scan prints each gap's name."
    yield "# accepted_gaps:"
    yield '#   - {gap: "manifests:charts/cart.yaml", owner: web, reason: "a template", expires: 2027-01-31}'
    yield ""
    yield "# How far driftbot may go with what it finds; without an entry `driftbot plan` only shows."
    yield "# Each rung allows more: observe, propose (`driftbot apply DIGEST`), approve (at night), auto."
    yield "# acting:"
    yield "#   ladder:"
    yield '#     - {rule: "*", environment: staging, level: auto}'
    yield '#     - {rule: "*", level: propose}'
    yield ""
    yield "retention:"
    yield "  nights: 400"


def scalar(value: str | bool) -> str:
    """A YAML scalar: bare where that is safe, else quoted as JSON, which YAML reads alike."""
    if isinstance(value, bool):
        return "true" if value else "false"
    bare = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if bare else json.dumps(value, ensure_ascii=False)


def owners(servers: Iterable[Server], folders: Iterable[Found]) -> tuple[str, ...]:
    """Everybody who owns something by a label or by CODEOWNERS, the most frequent labels first."""
    counts: dict[str, int] = {}
    for server in servers:
        for team, count in server.teams:
            counts[team] = counts.get(team, 0) + count
    for found in folders:
        for team, count in found.teams.items():
            counts[team] = counts.get(team, 0) + count
        for team in found.owners.teams() if found.owners else ():
            counts.setdefault(team, 0)
    return tuple(sorted(counts, key=lambda team: (-counts[team], team)))
