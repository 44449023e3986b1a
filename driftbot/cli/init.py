"""``driftbot init``: look around and write a configuration that a scan takes as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.terminal_output import called, show
from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from driftbot.discovery.folder import Found
    from driftbot.discovery.proposal import Source
    from driftbot.discovery.server import Server
    from driftbot.discovery.starting_pack import Candidate
    from driftbot.report.outline import Item, Section

OWNERS_SHOWN = 10


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
    from driftbot.discovery.alertmanagers import look_for_alertmanagers
    from driftbot.discovery.folder import look_into
    from driftbot.discovery.proposal import lessons_folder, owners, propose, sources
    from driftbot.discovery.server import look_at
    from driftbot.discovery.starting_pack import candidates
    from driftbot.tape.live import LiveTape

    if path.exists() and not force:
        raise Failure(f"{path} is already there", "Look at it, or write over it with --force.")
    root = path.resolve().parent
    tape = LiveTape(root)
    probed = [look_at(address, lambda: tape.session("init")) for address in addresses]
    alertmanagers, servers = look_for_alertmanagers(probed, lambda: tape.session("init"))
    found = [look_into(folder, _progress) for folder in (folders or (root,))]
    entries = sources(servers, found, root, alertmanagers)
    pack = candidates(entry.kind for entry in entries if not entry.unusable)
    teams = owners(servers, found)
    _write(path, propose(entries, pack, environment, teams, lessons_folder(found, root)))
    _report(path, servers, found, entries, pack, teams)


def _progress(message: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{message}", err=True, nl=False)


def _write(path: Path, text: str) -> None:
    import json

    from driftbot.config import parse_config
    from driftbot.config_file import config_model
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
    from driftbot.report.wording import plural

    working = [entry for entry in entries if not entry.unusable]
    silent = [entry for entry in working if entry.problem]
    rules = [candidate for candidate in pack if not candidate.missing]
    shown = teams[:OWNERS_SHOWN]
    owned = tuple(Item("", harmless(team, 80)) for team in shown)
    more = (f"… and {len(teams) - len(shown):,} more",) if teams[OWNERS_SHOWN:] else ()
    owners = Section(f"Owners: {len(teams):,}", Tone.QUIET, owned, more)
    sections = [*_servers(servers), *_folders(folders), *((owners,) if teams else ())]
    next_step = f"Next: {_next_step(path, working, silent)}"
    if ignore := _to_ignore(path.resolve().parent):
        next_step += f"\nThe store is no part of the repository; in .gitignore: {ignore}"
    told = Outline(
        title=f"wrote {path}",
        summary=f"{plural(len(working), 'source')}{f' ({len(silent):,} did not answer)' if silent else ''}, "
        f"{len(rules):,} of {len(pack):,} shipped rules fit them",
        sections=tuple(section for section in sections if not section.empty),
        conclusion=next_step,
        tone=Tone.GOOD if working and not silent else Tone.DOUBT,
    )
    _progress("")
    show(told)


def _next_step(path: Path, working: Sequence[Source], silent: Sequence[Source]) -> str:
    scan = f"{called()} scan"
    if not working:
        return f"add a source to {path}, then {scan} (without one it is blind, exit 1)"
    if silent:
        names = ", ".join(entry.name for entry in silent)
        return f"mend {names} in {path}, then {scan} (until it answers a scan is blind, exit 1)"
    return scan


def _to_ignore(root: Path) -> str:
    """The line that keeps the store out of git; empty outside a repository or where it is ignored already."""
    ignored = root / ".gitignore"
    tracked = any((folder / ".git").exists() for folder in (root, *root.parents))
    lines = ignored.read_text(encoding="utf-8", errors="replace").split() if ignored.is_file() else []
    return "driftbot.db*" if tracked and not any(line.lstrip("/").startswith("driftbot.db") for line in lines) else ""


def _servers(servers: Sequence[Server]) -> Iterator[Section]:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item, Section, Tone

    for server in servers:
        items = tuple(
            Item("ok", harmless(tried.url), (harmless(tried.told),)) for tried in server.tried if not tried.problem
        )
        items += tuple(_failed(reason, urls) for reason, urls in _alike(server).items())
        failed = sum(bool(tried.problem) for tried in server.tried)
        tone = Tone.BLIND if not server.answers else Tone.DOUBT if failed else Tone.GOOD
        count = f"{len(server.tried) - failed} of {len(server.tried)} endpoints answer"
        yield Section(f"{harmless(server.asked)}: {count}", tone, items)


def _alike(server: Server) -> dict[str, list[str]]:
    """The endpoints that failed, by reason: many fail for the same."""
    found: dict[str, list[str]] = {}
    for tried in server.tried:
        if tried.problem:
            found.setdefault(tried.problem, []).append(tried.url)
    return found


def _failed(reason: str, urls: Sequence[str]) -> Item:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item

    more = f" and {len(urls) - 1:,} more" if urls[1:] else ""
    return Item("failed", f"{harmless(urls[0])}{more}", (harmless(reason),))


def _folders(folders: Iterable[Found]) -> Iterator[Section]:
    from driftbot.report.harmless import harmless
    from driftbot.report.outline import Item, Section, Tone
    from driftbot.report.wording import plural

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
                plural(len(kind.paths), "file"),
                (", ".join(f"{n:,} {what}" for what, n in kind.things.most_common(6)),),
            )
            for name, kind in kinds
            if kind.paths
        ]
        if found.owners:
            items.append(Item("CODEOWNERS", harmless(found.owners.locator), (f"{len(found.owners.teams()):,} owners",)))
        if found.unread:
            told = tuple(harmless(str(problem), 200) for problem in found.unread[:3])
            items.append(Item("unreadable", plural(len(found.unread), "file"), told))
        closing = ("Nothing here that driftbot knows.",) if found.empty else ()
        yield Section(
            f"{harmless(str(found.folder))}: {plural(found.files, 'file')} looked at", Tone.QUIET, tuple(items), closing
        )
