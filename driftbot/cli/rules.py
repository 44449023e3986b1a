"""``driftbot rules``: the lessons that are held: listed, checked, tested, started, rendered."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from driftbot.cli.rules_shelf import read_shelf, shelf_options
from driftbot.core.rule import Severity


@click.group(epilog="Example: `driftbot rules new`, write it, then `driftbot rules lint` and `driftbot rules test`.")
def command() -> None:
    """The lessons that are held: list, check, test, start and render them.

    Every command takes files or folders of rules; without any it takes those of the nearest driftbot.yaml, and without
    one those that driftbot ships. Exit codes: 0 fine, 1 problems.
    """


@command.command("list", epilog="Example: `driftbot rules list --format json | jq '.[].id'`.")
@shelf_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def list_rules(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, form: str) -> None:
    """List the rules: id, severity, what they judge, where they come from, when to look at them again."""
    from driftbot.cli.rules_lint import told
    from driftbot.cli.rules_list import as_json, as_table

    shelf = read_shelf(paths, config)
    click.echo(as_json(shelf.book.rules) if form == "json" else as_table(shelf.book.rules))
    for problem in shelf.book.problems:
        click.echo(told(problem), err=True)
    ctx.exit(1 if shelf.book.problems else 0)


@command.command(epilog="Example: `driftbot rules lint rules/`.")
@shelf_options
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], config: Path | None) -> None:
    """Check the rules: every problem of every file, and whether a person can follow them in two years."""
    from driftbot.cli.rules_lint import remarks_on, summed_up, told
    from driftbot.lessons.manners import Weight

    shelf = read_shelf(paths, config)
    found = remarks_on(shelf, date.today())
    for remark in found:
        click.echo(told(remark.problem, remark.weight))
    click.echo(summed_up(shelf, found))
    ctx.exit(1 if any(remark.weight is Weight.ERROR for remark in found) else 0)


@command.command(epilog="Examples: `driftbot rules test`, `driftbot rules test --verbose rules/batch/my-rule.yaml`.")
@shelf_options
@click.option("--mutants/--no-mutants", default=True, help="Mutate the rules as well, or only judge their cases.")
@click.option("-v", "--verbose", is_flag=True, help="Tell the fate of every mutant.")
@click.pass_context
def test(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, mutants: bool, verbose: bool) -> None:
    """Judge the cases of the rules as a scan would, then mutate each rule and see whether a case notices.

    A mutant is the rule with one thing changed: a comparison turned, a bound moved, a condition dropped, a window
    halved. One that no case notices has survived; the case that would notice it is written out.
    """
    from driftbot.cli.rules_lint import told
    from driftbot.cli.rules_test import account, lines
    from driftbot.lessons.examination import examine

    shelf = read_shelf(paths, config)
    for problem in shelf.book.problems:
        click.echo(told(problem))
    examined = []
    for examination in examine(shelf.book.rules, shelf.cases, shelf.vocabulary, mutants):
        examined.append(examination)
        for line in lines(examination, shelf.vocabulary, verbose):
            click.echo(line)
    click.echo(account(examined))
    passed = examined and all(examination.passed for examination in examined)
    ctx.exit(0 if passed and not shelf.book.problems else 1)


@command.command(
    epilog="Example: `driftbot rules new --title 'A queue is worked off' --kind service --key latency.p99 "
    "--incident queue-2026-03 --date 2026-03-11 --url https://example.org/reviews/queue-2026-03 "
    "--summary 'The queue grew for a week.' --into rules/queues`."
)
@click.option("--title", prompt="What is healthy, in a few words", help="The rule's title; its id is made from it.")
@click.option("--kind", help="What is judged: workload, job, service, alert, …")
@click.option("--key", help="The key it is about; without one a plain quantity of the kind is taken.")
@click.option("--incident", help="The review's own name for the incident; without one the page is a reference.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day of the incident.")
@click.option("--url", prompt="Link of the review or page", help="Where the lesson is written.")
@click.option("--summary", prompt="What happened, or what the page says, in one sentence of yours",
              help="One sentence in your own words.")  # fmt: skip
@click.option("--why", help="Why it hurts when it is forgotten; asked of you in the file otherwise.")
@click.option("--severity", type=click.Choice([severity.value for severity in Severity], case_sensitive=False),
              default=Severity.MEDIUM.value, show_default=True, help="How bad forgetting it is.")  # fmt: skip
@click.option("--owner", default="TODO", help="Who answers for the rule.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path("rules"), show_default=True,
              help="The folder that the file goes to.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="driftbot.yaml, for the keys that its sources add.")  # fmt: skip
def new(**answers: object) -> None:
    """Start a rule: a file that lints, and whose cases fail until the lesson stands in it."""
    from driftbot.cli.rules_new import started

    for line in started(**answers):  # type: ignore[arg-type]
        click.echo(line)


@command.command(epilog="Example: `driftbot rules docs --output docs/lessons.md`.")
@shelf_options
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file.")
@click.pass_context
def docs(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, output: Path | None) -> None:
    """Render the rules as a page of Markdown: story, reason, expectation and cases of each."""
    from driftbot.cli.rules_lint import told
    from driftbot.cli.scan_session import write_report
    from driftbot.lessons.page import page

    shelf = read_shelf(paths, config)
    write_report(page(shelf.book.rules, shelf.cases, shelf.vocabulary), output)
    for problem in shelf.book.problems:
        click.echo(told(problem), err=True)
    ctx.exit(1 if shelf.book.problems else 0)
