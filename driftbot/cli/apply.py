"""``driftbot apply``: do what a plan says, exactly that, or refuse because the world moved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.acting_session import no_acting_option, scene, tell
from driftbot.cli.open_store import config_option, opened, person, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure
from driftbot.core.hold import Guard
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.run import Run
    from driftbot.remedies.acting import Ready
    from driftbot.store.plans import PlanChoice
    from driftbot.store.store import Store

_REFUSED = 2
_DIGEST = re.compile("[0-9a-fA-F]{8,64}")


@click.command(
    epilog="Examples: `driftbot apply 3f9c2a71`, `driftbot apply --plan plan.json --by ann@example.org`, "
    "`driftbot apply 3f9c2a71 --only-approve`, `driftbot apply --continue`. Exit codes: 0 done or approved, "
    "2 not applied or put back, 1 nobody can tell, or driftbot could not do its work."
)
@click.argument("digest", required=False)
@click.option("--plan", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="Apply the plan in this file, written by `driftbot plan --output`.")  # fmt: skip
@click.option("--by", help="Who approves; else git's user.")
@click.option("--only-approve", is_flag=True, help="Approve and change nothing; `driftbot run` or a later apply acts.")
@click.option("--continue", "going_on", is_flag=True,
              help="Go on with what waits (a merge, a stop) and judge what is due.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be applied now and what holds it back, and stop.")
@no_acting_option
@config_option
@store_option
@click.pass_context
def command(
    ctx: click.Context,
    digest: str | None,
    file: Path | None,
    by: str | None,
    only_approve: bool,
    going_on: bool,
    dry_run: bool,
    no_acting: bool,
    config: Path | None,
    url: str | None,
) -> None:
    """Apply a plan, or one remedy of it, by its digest (at least eight digits of it).

    Applying approves it. It is done as it was planned or not at all: limits, freezes, the kill switch and all other
    guards are asked again now, enough people must have approved it, and each step is begun only where reality still is
    as it was when it was proposed. What was done is judged later from fresh facts: see `driftbot runs`.
    """
    if going_on:
        ctx.exit(_go_on(config, url, no_acting))
    if (digest is None) == (file is None):
        raise click.UsageError("Name one DIGEST, or one plan with --plan FILE.")
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise click.UsageError(
            f"{digest!r} is no digest: name its first eight or more digits, as `driftbot plan` does."
        )
    if dry_run or only_approve:
        with opened(config, url, Access.READ if dry_run else Access.WRITE) as (settings, store):
            asked = _Asked(settings, store, _choice(store, digest, file), by)
            ctx.exit(_looked(asked) if dry_run else _approved(asked))
    with scene(config, url, no_acting) as at:
        asked = _Asked(at.config, at.store, _choice(at.store, digest, file), by)
        standing = asked.ready(at.stopped())
        if not standing.held:
            asked.approve()
        if _refused(standing, asked):
            ctx.exit(_REFUSED)
        from driftbot.remedies.acting import perform
        from driftbot.report.runs_report import left_line

        runs = perform(at.runner, standing.going, asked.who, tell)
        if (why := at.stopped()) and (left := left_line(runs, len(standing.going), why)):
            click.echo(left, err=True)
        ctx.exit(at.exit_code(runs) or (_REFUSED if len(runs) < len(standing.going) else 0))


class _Asked:
    """What somebody asks for, of which estate.

    Raises:
        Failure: it is nobody who may approve.
    """

    def __init__(self, config: Config, store: Store, choice: PlanChoice, by: str | None) -> None:
        from driftbot.remedies.approval import check_approver

        self.config, self.store, self.choice = config, store, choice
        self.who = by or person(config.root)
        check_approver(self.who, config.acting.approvers)

    def ready(self, stopped: str) -> Ready:
        """What of it may be applied now."""
        from driftbot.cli.scan_session import now
        from driftbot.remedies.acting import ready
        from driftbot.remedies.reach import planned, tools_of
        from driftbot.remedies.world import outlook

        world = outlook(self.config, self.store, now(), stopped).world
        newer = planned(world, tools_of(self.config, now, lambda: stopped))
        return ready(self.choice, self.who, self.store, world.circumstances, newer)

    def before(self) -> tuple[Run, ...]:
        """The runs that did something of it before, in this plan or in another one."""
        from driftbot.core.run import RunState

        wanted = {one.digest for one in self.choice.remedies}
        nothing = (RunState.REFUSED, RunState.UNDONE, RunState.DECLINED)
        return tuple(run for run in self.store.runs() if run.remedy.digest in wanted and run.state not in nothing)

    def approve(self) -> None:
        """Write down that it was approved, and the plan with it where it came in a file."""
        from driftbot.cli.scan_session import now
        from driftbot.core.run import PlanApproval

        if self.store.plan(self.choice.digest) is None:
            self.store.keep_plan(self.choice.plan)
        self.store.approve_plan(PlanApproval(self.choice.digest, self.who, now()))


def _choice(store: Store, digest: str | None, file: Path | None) -> PlanChoice:
    """What is to be applied.

    Raises:
        Failure: no plan holds the digest, the file is no plan, or there is nothing in it that may be applied.
    """
    choice = _from_file(file) if file else store.plan(digest or "")
    if choice is None:
        raise Failure(f"no plan and no remedy starts with {digest}", "`driftbot plan` makes a plan and shows digests.")
    if not choice.remedies:
        raise Failure(
            f"the plan {choice.digest[:12]} would do nothing: {_held_back(choice)}",
            "`driftbot plan` says why; a remedy that is held back has a digest of its own.",
        )
    return choice


def _held_back(choice: PlanChoice) -> str:
    from driftbot.report.wording import plural

    return plural(sum(len(one.covers) for one in choice.plan.held), "finding is", "findings are") + " held back"


def _from_file(file: Path) -> PlanChoice:
    from driftbot.remedies.plan_file import plan_from_text
    from driftbot.store.plans import choice_of

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read: {error}", "Write it anew with `driftbot plan --output FILE`.") from error
    plan = plan_from_text(text, str(file))
    return choice_of(plan, plan.digest)


def _approved(asked: _Asked) -> int:
    """Only approve: what guards hold back today may be free when it is applied, but what is only observed is not."""
    standing = asked.ready("")
    if any(hold.guard is Guard.LEVEL for held in standing.held for hold in held.holds):
        return _refuse(standing, asked)
    asked.approve()
    missing = [count for _, count in standing.waiting]
    more = f"{max(missing)} more needed" if missing else "enough, if nothing holds it back when it is applied"
    click.echo(f"{asked.choice.digest[:12]} approved by {asked.who}; {more}")
    return 0


def _looked(asked: _Asked) -> int:
    from driftbot.remedies.kill_switch import kill_switch
    from driftbot.report.wording import plural

    standing = asked.ready(kill_switch(asked.config)())
    if _refused(standing, asked):
        return _REFUSED
    click.echo(f"{asked.choice.digest[:12]}: {plural(len(standing.going), 'remedy', 'remedies')} would be applied now")
    return 0


def _refused(standing: Ready, asked: _Asked) -> bool:
    """Whether anything is held back or not approved by enough people: then nothing is applied."""
    if not standing.held and not standing.waiting:
        return False
    _refuse(standing, asked)
    return True


def _refuse(standing: Ready, asked: _Asked) -> int:
    from driftbot.report.runs_report import refusal_outline

    show(
        refusal_outline(
            standing.held, standing.waiting, asked.choice.digest, asked.before(), len(asked.choice.remedies)
        )
    )
    return _REFUSED


def _go_on(config: Path | None, url: str | None, no_acting: bool) -> int:
    from driftbot.cli.runs_verify import verified
    from driftbot.remedies.recovery import go_on

    with scene(config, url, no_acting) as at:
        runs: list[Run] = list(go_on(at.runner, at.store))
        for run in runs:
            tell(run)
        runs += verified(at, ())
        if not runs:
            click.echo("nothing waits and nothing is due")
        return at.exit_code(runs)
