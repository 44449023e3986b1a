"""``driftbot scan``: look once, say what drifted, change nothing."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.open_store import config_option, store_option
from driftbot.core.exit_code import Tolerance
from driftbot.core.rule import Severity


@click.command(
    epilog="Examples: `driftbot scan`, `driftbot scan --format junit --output drift.xml --fail-on high`. "
    "Exit codes: 0 clean, 2 drift, 1 blind (something the rules need could not be read)."
)
@config_option
@store_option
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.LOW.value,
    show_default=True,
    help="The least severity of drift that ends with exit code 2.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 despite drift; being blind still ends with 1.")
@click.option("--only", multiple=True, metavar="RULE", help="Hold only this rule; repeatable. Not kept as a night.")
@click.option("--subject", multiple=True, metavar="GLOB",
              help="Judge only these, e.g. 'workload:production/shop/*'; repeatable. Not kept as a night.")  # fmt: skip
@click.option("--as-of", metavar="TIME", help="The time that counts as now (ISO 8601, UTC unless it says otherwise).")
@click.option("--format", "form", type=click.Choice(["table", "json", "junit", "markdown"]), default="table",
              show_default=True)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.option("--charts", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Draw each finding that rests on a series over time into DIR/<finding>.svg.")  # fmt: skip
@click.option("--replay", type=click.Path(path_type=Path, exists=True), help="Read a recorded bundle, not the world.")
@click.pass_context
def command(
    ctx: click.Context,
    config: Path | None,
    url: str | None,
    fail_on: str,
    exit_zero: bool,
    only: tuple[str, ...],
    subject: tuple[str, ...],
    as_of: str | None,
    form: str,
    output: Path | None,
    charts: Path | None,
    replay: Path | None,
) -> None:
    """Look once: hold configured and measured values against the rules and report what drifted."""
    from driftbot.cli.chart_files import write_charts
    from driftbot.cli.scan_session import now, opened, shown_progress, write_report
    from driftbot.cli.terminal_output import terminal
    from driftbot.core.selection import Selection
    from driftbot.report.render import Format, render
    from driftbot.scan import Request, scan

    tolerance = Tolerance.EXIT_ZERO if exit_zero else Tolerance.ALARM
    with opened(config, replay, as_of, url) as session, shown_progress() as progress:
        request = Request(session.as_of, Selection(only, subject), Severity(fail_on), tolerance)
        report = scan(session.config, session.store, session.tape, request, now, progress)
    write_report(render(report, Format(form), None if output else terminal()), output)
    if charts:
        with shown_progress() as progress:
            write_charts((life.finding for life in report.triage.lives if life.resolved is None), charts, progress)
    ctx.exit(int(report.exit_code))
