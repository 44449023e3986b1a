"""``driftbot alerts``: alert rules compared, without a configuration and without a store."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(epilog="Example: `driftbot alerts diff main...` in the repository of the rules.")
def command() -> None:
    """Alert rules compared, without a configuration and without a store."""


@command.command(
    epilog="Examples: `driftbot alerts diff main...`, `driftbot alerts diff HEAD~5 HEAD --path rules`, "
    "`driftbot alerts diff old-rules/ new-rules/ --format json`. Exit codes: 0 nothing to stop for, 2 something is "
    "looser (see --fail-on), 1 something could not be read or compared."
)
@click.argument("old")
@click.argument("new", required=False)
@click.option("--path", default=".", show_default=True, metavar="PATH",
              help="The rules' folder or file, within both sides.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(["looser", "any", "never"]), default="looser", show_default=True,
              help="What ends with 2: an alert that is looser, any change in meaning, or nothing.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.pass_context
def diff(
    ctx: click.Context, old: str, new: str | None, path: str, form: str, fail_on: str, output: Path | None
) -> None:
    """Tell which alerts differ in meaning between OLD and NEW (the working tree, unless said), the looser ones first.

    Both are folders or git revisions; `main...` is where the checked-out branch parted from main. Alerts are followed
    when they are moved or renamed. What is only written otherwise is no difference.
    """
    from driftbot.cli.alerts_diff import compared, shown
    from driftbot.cli.scan_session import write_report

    found = compared(old, new, path, fail_on)
    write_report(shown(found, form, to_file=output is not None), output)
    ctx.exit(found.exit_code)
