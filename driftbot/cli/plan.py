"""``driftbot plan``: what would be done about the last night's findings, and what holds it back; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, opened, store_option
from driftbot.core.failure import Failure
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.exit_code import ExitCode
    from driftbot.core.plan import Plan
    from driftbot.remedies.world import Outlook
    from driftbot.report.plan_report import PlanReport
    from driftbot.store.store import Store


@click.command(
    epilog="Examples: `driftbot plan`, `driftbot plan --rule job-deadline-headroom --output plan.json`, then "
    "`driftbot apply DIGEST`. Exit codes: 0 nothing would be done, 2 something would be, 1 blind (something that the "
    "rules or playbooks need could not be read)."
)
@config_option
@store_option
@click.option("--rule", multiple=True, metavar="RULE", help="Plan for findings of this rule only; repeatable.")
@click.option("--subject", multiple=True, metavar="GLOB",
              help="Plan for these subjects only, e.g. 'job:production/shop/*'; repeatable.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table",
              show_default=True)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the plan to this file as well, for `driftbot apply --plan`.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    config: Path | None,
    url: str | None,
    rule: tuple[str, ...],
    subject: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Show what would be done about the findings of the last night, and what holds it back.

    For each finding whose rule names a playbook: the steps with their diffs, why, the incident that taught it, the
    risk, and every reason why it is not done now. Files and servers are read as they are now and nothing is changed.
    The plan is kept under its digest, by which `driftbot apply` does exactly this or refuses.
    """
    from driftbot.cli.scan_session import now, shown_progress, write_report
    from driftbot.core.selection import Selection
    from driftbot.remedies.kill_switch import kill_switch
    from driftbot.remedies.plan_file import plan_to_text
    from driftbot.remedies.reach import planned, tools_of
    from driftbot.remedies.world import outlook

    with opened(config, url, Access.WRITE) as (settings, store), shown_progress() as progress:
        progress("reading the last night")
        stopped = kill_switch(settings)
        try:
            seen = outlook(settings, store, now(), stopped(), Selection(rule, subject))
        except Failure:
            _refuse_broken(settings, rule)
            raise
        progress("planning")
        plan = planned(seen.world, tools_of(settings, now, stopped))
        store.keep_plan(plan)
        report = _report(plan, seen, store)
    if output:
        write_report(plan_to_text(plan), output)
    click.echo(_rendered(report, form), nl=False)
    ctx.exit(int(report.exit_code))


def _refuse_broken(config: Config, rules: Sequence[str]) -> None:
    """What is asked for may be there and not readable.

    Raises:
        Failure: the file of one of these rules has an error, which is said.
    """
    from driftbot.inventory import vocabulary
    from driftbot.rulebook import load_rulebook
    from driftbot.tape.live import LiveTape

    book = load_rulebook(config, LiveTape(config.root), vocabulary(config.sources))
    known = {rule.id for rule in book.rules}
    broken = [problem for problem in book.problems if Path(problem.origin.locator).stem in {*rules} - known]
    if broken:
        told = "; ".join(map(str, broken))
        raise Failure(f"a rule that is asked for cannot be read: {told}", "Mend it; `driftbot rules lint` tells more.")


def _report(plan: Plan, seen: Outlook, store: Store) -> PlanReport:
    from driftbot.core.exit_code import ExitCode
    from driftbot.report.plan_report import PlanReport

    blind = [str(problem) for problem in seen.problems]
    if store.nights()[-1].exit_code == ExitCode.BLIND:
        blind.append("the last scan was blind; `driftbot scan` says where")
    return PlanReport(plan, _exit_code(plan, blind), tuple(blind))


def _exit_code(plan: Plan, blind: list[str]) -> ExitCode:
    from driftbot.core.exit_code import ExitCode

    if blind:
        return ExitCode.BLIND
    return ExitCode.DRIFT if plan.remedies else ExitCode.CLEAN


def _rendered(report: PlanReport, form: str) -> str:
    from driftbot.cli.terminal_output import charset, terminal
    from driftbot.report import plan_json, plan_markdown
    from driftbot.report.plan_report import plan_outline
    from driftbot.report.render import present

    match form:
        case "json":
            return plan_json.render(report)
        case "markdown":
            return plan_markdown.render(report)
        case _:
            return present(plan_outline(report), terminal(), charset())
