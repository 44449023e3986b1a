"""``driftbot init``: look around and write a configuration that a scan takes as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from driftbot.discovery.folder import Found
    from driftbot.discovery.proposal import Source
    from driftbot.discovery.server import Server
    from driftbot.discovery.starting_pack import Candidate
    from driftbot.report.outline import Section


@click.command(
    epilog="Examples: `driftbot init`, "
    "`driftbot init --prometheus http://prometheus:9090 --config-dir alerts --config-dir deploy`."
)
@click.option("--prometheus", "addresses", multiple=True, metavar="URL", help="A Prometheus or VictoriaMetrics.")
@click.option("--config-dir", "folders", multiple=True, metavar="DIR", type=click.Path(path_type=Path),
              help="A folder of rule files, manifests, catalogs; else the folder of --config.")  # fmt: skip
@click.option("--environment", default="production", show_default=True, help="What these sources describe.")
@click.option("--config", "path", type=click.Path(path_type=Path, dir_okay=False), default=Path("driftbot.yaml"),
              show_default=True, metavar="FILE", help="Where to write.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(addresses: tuple[str, ...], folders: tuple[Path, ...], environment: str, path: Path, force: bool) -> None:
    """Probe servers, look into folders, and write a commented driftbot.yaml with a starting pack of rules."""
    from driftbot.discovery.folder import look_into
    from driftbot.discovery.proposal import owners, propose, sources
    from driftbot.discovery.server import look_at
    from driftbot.discovery.starting_pack import candidates
    from driftbot.tape.live import LiveTape

    if path.exists() and not force:
        raise Failure(f"{path} is already there", "Look at it, or write over it with --force.")
    root = path.resolve().parent
    tape = LiveTape(root)
    servers = [look_at(address, lambda: tape.session("init")) for address in addresses]
    found = [look_into(folder, _progress) for folder in (folders or (root,))]
    entries = sources(servers, found, root)
    pack = candidates(entry.kind for entry in entries if not entry.problem)
    teams = owners(servers, found)
    _write(path, propose(entries, pack, environment, teams))
    _report(path, servers, found, entries, pack, teams)


def _progress(message: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{message}", err=True, nl=False)


def _write(path: Path, text: str) -> None:
    import json

    from driftbot.config import config_model, parse_config
    from driftbot.discovery.proposal import SCHEMA_FILE

    parse_config(text.encode(), path)
    try:
        path.write_text(text, encoding="utf-8")
        schema = json.dumps(config_model().model_json_schema(), indent=2, sort_keys=True)
        (path.parent / SCHEMA_FILE).write_text(f"{schema}\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}", "Name another place with --config.") from error


def _report(
    path: Path,
    servers: Sequence[Server],
    folders: Sequence[Found],
    entries: Sequence[Source],
    pack: Sequence[Candidate],
    teams: Sequence[str],
) -> None:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item, Outline, Section, Tone

    working = [entry for entry in entries if not entry.problem]
    rules = [candidate for candidate in pack if not candidate.missing]
    owned = tuple(Item("", harmless(team, 80)) for team in teams[:10])
    sections = [*_servers(servers), *_folders(folders), Section(f"Owners: {len(teams):,}", Tone.QUIET, owned)]
    next_step = "Next: driftbot scan" if working else f"Next: add a source to {path}, then driftbot scan"
    told = Outline(
        title=f"wrote {path}",
        summary=f"{len(working):,} sources, {len(rules):,} of {len(pack):,} shipped rules fit them",
        sections=tuple(section for section in sections if not section.empty),
        conclusion=next_step,
        tone=Tone.GOOD if working else Tone.DOUBT,
    )
    _progress("")
    show(told)


def _servers(servers: Sequence[Server]) -> Iterator[Section]:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item, Section, Tone

    for server in servers:
        items = tuple(
            Item("failed" if tried.problem else "ok", harmless(tried.url), (harmless(tried.problem or tried.told),))
            for tried in server.tried
        )
        failed = sum(bool(tried.problem) for tried in server.tried)
        tone = Tone.BLIND if not server.answers else Tone.DOUBT if failed else Tone.GOOD
        yield Section(f"{harmless(server.asked)}: {len(items) - failed} of {len(items)} endpoints answer", tone, items)


def _folders(folders: Iterable[Found]) -> Iterator[Section]:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item, Section, Tone

    for found in folders:
        kinds = (
            ("rule files", found.alerts),
            ("manifests", found.manifests),
            ("catalogs", found.catalog),
            ("Backstage", found.backstage),
        )
        items = [
            Item(
                name,
                f"{len(kind.paths):,} files",
                (", ".join(f"{n:,} {what}" for what, n in kind.things.most_common(6)),),
            )
            for name, kind in kinds
            if kind.paths
        ]
        if found.owners:
            items.append(Item("CODEOWNERS", harmless(found.owners.locator), (f"{len(found.owners.teams()):,} owners",)))
        if found.unread:
            told = tuple(harmless(str(problem), 200) for problem in found.unread[:3])
            items.append(Item("unreadable", f"{len(found.unread):,} files", told))
        closing = ("Nothing here that driftbot knows.",) if found.empty else ()
        yield Section(
            f"{harmless(str(found.folder))}: {found.files:,} files looked at", Tone.QUIET, tuple(items), closing
        )
