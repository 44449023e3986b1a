"""``driftbot explain``: one finding, why, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import as_of_option, config_option, night_asked_for, opened, store_option
from driftbot.cli.terminal_output import show

if TYPE_CHECKING:
    from datetime import datetime

    from driftbot.config import Config
    from driftbot.core.excuse import Waiver
    from driftbot.core.fact import Origin
    from driftbot.core.finding import Finding
    from driftbot.core.history import Interval
    from driftbot.core.rule import Rule


@click.command(
    epilog="Examples: `driftbot explain 3f9c2a`, `driftbot explain probe-timeout workload:production/shop/cart`, "
    "`driftbot explain 3f9c2a --as-of 2026-03-11`, `driftbot explain 3f9c2a --chart drift.svg`."
)
@click.argument("finding", nargs=-1, required=True, metavar="FINDING")
@config_option
@store_option
@as_of_option
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the finding's charts into this file, .svg or .png.",
)
def command(
    finding: tuple[str, ...], config: Path | None, url: str | None, as_of: str | None, chart: Path | None
) -> None:
    """Explain a finding: the arithmetic, where it was read, the lesson, since when, who, and what to do.

    Where the rule recommends a threshold, a `for`, a `keep_firing_for` or a severity that a file states, the edit of
    that file is shown as a diff, with what promtool says of it; nothing is written.

    FINDING is an id as `driftbot scan` prints it or its first digits, or a rule and a subject. An alert answers to its
    name of today as well. With --as-of all is told as that night knew it; the lesson is that of today's rule.

    What a rule says of a series over time is drawn, so that it can be checked by eye; --chart draws it larger.
    """
    from driftbot.approvals_file import load_approvals
    from driftbot.cli.chart_files import asked_for, write_chart
    from driftbot.cli.explain_edit import proposed_edits
    from driftbot.core.lookup import find, kept_under
    from driftbot.report.explanation import Background, explanation

    picture = asked_for(chart) if chart else None
    with opened(config, url) as (settings, store):
        night = night_asked_for(store, as_of)
        life = find(store.latest_lives(night), finding)
        judged = life.finding
        decisions = load_approvals(settings.root).in_force((), store.waivers(night))
        intervals = store.history(judged.subject, as_of=night)
        background = Background(
            rule=_rule(settings, judged.rule),
            waiver=next((w for w in decisions.waivers if _stood(w, judged, night)), None),
            # The lines of a past night stand elsewhere today.
            touched={} if night else _touched(settings, judged, intervals),
            intervals=intervals,
            as_of=night,
            edits=() if night or life.resolved else proposed_edits(settings.root, judged, intervals),
        )
    if kept := kept_under(finding, judged.subject):
        click.echo(f"{kept}\n")
    show(explanation(life, background))
    if picture:
        write_chart(life.finding, picture)


def _stood(waiver: Waiver, judged: Finding, night: datetime | None) -> bool:
    return waiver.fingerprint == judged.fingerprint and (night is None or waiver.created <= night)


def _rule(config: Config, identity: str) -> Rule | None:
    from driftbot.inventory import vocabulary
    from driftbot.rulebook import load_rulebook
    from driftbot.tape.live import LiveTape

    book = load_rulebook(config, LiveTape(config.root), vocabulary(config.sources))
    return next((rule for rule in book.rules if rule.id == identity), None)


def _touched(config: Config, finding: Finding, intervals: Sequence[Interval]) -> Mapping[Origin, str]:
    """Who last touched the lines that the finding rests on and those it recommends to change, where git knows."""
    from driftbot.blame import last_change

    told = {}
    for origin in _lines(finding, intervals):
        path = config.root / origin.locator
        if change := last_change(path.parent, path.name, origin.line):
            told[origin] = str(change)
    return told


def _lines(finding: Finding, intervals: Sequence[Interval]) -> Iterable[Origin]:
    from driftbot.report.explanation import lines_to_change

    origins = {origin for evidence in finding.evidence for origin in evidence.origins}
    origins.update(origin for advice in finding.recommendations for origin in lines_to_change(advice, intervals))
    return sorted(origin for origin in origins if origin.line and origin.locator)
