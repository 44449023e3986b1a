"""``driftbot playbooks``: what may be done about findings: listed, checked, tested."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.playbooks_shelf import playbook_options, read_playbook_shelf


@click.group(epilog="Example: copy a shipped playbook, change it, then `driftbot playbooks lint` and `… test`.")
def command() -> None:
    """What may be done about findings: list, check and test playbooks.

    Every command takes files or folders of playbooks; without any it takes those of the nearest driftbot.yaml, and
    without one those that driftbot ships. Exit codes: 0 fine, 1 problems.
    """


@command.command("list", epilog="Example: `driftbot playbooks list --format json | jq '.[].id'`.")
@playbook_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def list_playbooks(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, form: str) -> None:
    """List the playbooks: id, steps, how many approvals each needs, and the rules that name it."""
    from driftbot.cli.playbooks_list import as_json, as_table
    from driftbot.cli.rules_lint import told

    shelf = read_playbook_shelf(paths, config)
    click.echo(as_json(shelf) if form == "json" else as_table(shelf))
    for problem in shelf.problems:
        click.echo(told(problem), err=True)
    ctx.exit(1 if shelf.problems else 0)


@command.command(epilog="Example: `driftbot playbooks lint playbooks/`.")
@playbook_options
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], config: Path | None) -> None:
    """Check the playbooks: every problem of every file, what an approver would ask, and the rules that name them."""
    from driftbot.cli.playbooks_lint import remarks_on, summed_up
    from driftbot.cli.rules_lint import told
    from driftbot.lessons.manners import Weight

    shelf = read_playbook_shelf(paths, config)
    found = remarks_on(shelf)
    for remark in found:
        click.echo(told(remark.problem, remark.weight))
    click.echo(summed_up(shelf, found))
    ctx.exit(1 if any(remark.weight is Weight.ERROR for remark in found) else 0)


@command.command(epilog="Examples: `driftbot playbooks test`, `driftbot playbooks test --verbose playbooks/mine.yaml`.")
@playbook_options
@click.option("-v", "--verbose", is_flag=True, help="Show what each case changes or why it is refused.")
@click.pass_context
def test(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, verbose: bool) -> None:
    """Play the cases of the playbooks: their files are read and planned for as a real night's, and nothing is done."""
    from driftbot.cli.playbooks_test import account, lines, played
    from driftbot.cli.rules_lint import told

    shelf = read_playbook_shelf(paths, config)
    for problem in shelf.problems:
        click.echo(told(problem))
    outcomes = []
    for playbook in shelf.playbooks:
        of_one = played(playbook, shelf.actions)
        outcomes += of_one
        for line in lines(playbook, of_one, verbose):
            click.echo(line)
    click.echo(account(shelf.playbooks, outcomes))
    passed = outcomes and not any(outcome.wrong for outcome in outcomes)
    ctx.exit(0 if passed and not shelf.problems else 1)
