"""``driftbot waive``: excuse findings until a date, with an owner and a reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, confirmed, opened, person, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure
from driftbot.core.rule import Severity
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.excuse import Waiver
    from driftbot.core.history import FindingLife
    from driftbot.store.store import Store

DEFAULT_END = "90d"
"""Long enough for a planned change, short enough to be asked again (ours)."""


# Choices by value: click takes an enum's members by their names, in capitals.
_SEVERITIES = click.Choice([severity.value for severity in Severity])


@dataclass(frozen=True, slots=True)
class Choice:
    """The findings a person names, one by one or in bulk."""

    findings: tuple[str, ...]
    rules: tuple[str, ...]
    subjects: tuple[str, ...]
    severities: tuple[Severity, ...]
    standing: bool

    @property
    def bulk(self) -> bool:
        """Whether patterns choose."""
        return bool(self.rules or self.subjects or self.severities or self.standing)


@click.command(
    epilog='Examples: `driftbot waive 3f9c2a --reason "moved in March" --until 2027-01-31`, '
    '`driftbot waive --standing --reason "known before driftbot"`, `driftbot waive --list`, '
    "`driftbot waive --end 3f9c2a`."
)
@click.argument("findings", nargs=-1, metavar="[FINDING]...")
@click.option("--rule", "rules", multiple=True, metavar="GLOB", help="All standing findings of a rule; repeatable.")
@click.option("--subject", "subjects", multiple=True, metavar="GLOB", help="All of a subject; repeatable.")
@click.option(
    "--severity",
    "severities",
    multiple=True,
    type=_SEVERITIES,
    help="All of a severity.",
)
@click.option("--standing", is_flag=True, help="All that stand now: from then on only news alarms.")
@click.option("--owner", help="Who answers for it; else git's user.")
@click.option("--reason", help="Why it may stay so until then.")
@click.option("--until", metavar="WHEN", default=DEFAULT_END, show_default=True,
              help="A date (2027-01-31) or a duration (30d, 6w).")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List what would be waived and stop.")
@click.option("--yes", is_flag=True, help="Do not ask, however many findings.")
@click.option("--list", "listing", is_flag=True, help="List all waivers, and which are overdue or no longer needed.")
@click.option(
    "--end", "ending", is_flag=True, help="End the waivers of these findings, or of a --rule or --subject, now."
)
@config_option
@store_option
def command(
    findings: tuple[str, ...],
    rules: tuple[str, ...],
    subjects: tuple[str, ...],
    severities: tuple[str, ...],
    standing: bool,
    owner: str | None,
    reason: str | None,
    until: str,
    dry_run: bool,
    yes: bool,
    listing: bool,
    ending: bool,
    config: Path | None,
    url: str | None,
) -> None:
    """Waive findings: they no longer alarm until a date, and are counted in every report.

    Kept in the store and in driftbot.approvals.yaml beside the configuration, to be reviewed and committed.
    """
    now = datetime.now(UTC)
    choice = Choice(findings, rules, subjects, tuple(map(Severity, severities)), standing)
    with opened(config, url, Access.READ if listing or dry_run else Access.WRITE) as (settings, store):
        if listing:
            _list(settings, store, now)
        elif ending:
            ended = _ended(settings, store, choice)
            if not dry_run:
                confirmed(f"End {len(ended):,} waivers?", yes or not choice.bulk)
                _end(settings, store, ended, now, reason or "no longer needed")
        else:
            lives, expires = _chosen(choice, store), read_end(until, now)
            _show(lives, expires)
            if not dry_run and lives:
                if not reason:
                    raise Failure("no reason was given", "Say with --reason why; --dry-run only looks.")
                confirmed(f"Waive {len(lives):,} findings until {expires:%Y-%m-%d}?", yes or not choice.bulk)
                _waive(settings, store, lives, owner or person(settings.root), reason, now, expires)


def read_end(text: str, now: datetime) -> datetime:
    """When a waiver ends: a date (its first moment in UTC), a time, or a duration from now.

    Raises:
        Failure: it is none of these, or not in the future.
    """
    from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity

    try:
        end = now + timedelta(seconds=parse_quantity(text, Unit.SECONDS).value)
    except (NotAQuantity, OverflowError):
        try:
            end = datetime.combine(date.fromisoformat(text), time(), UTC)
        except ValueError:
            raise Failure(f"{text!r} is no date and no duration", "Write it like 2027-01-31, 30d or 6w.") from None
    if end <= now:
        raise Failure(f"{text!r} is not in the future", "A waiver is about what is to come; name a later date.")
    return end


def _chosen(choice: Choice, store: Store) -> Sequence[FindingLife]:
    from driftbot.core.decision import Findings
    from driftbot.core.lookup import find

    if not choice.findings and not choice.bulk:
        raise Failure(
            "no finding was named", "Name some by id, or choose with --rule, --subject, --severity, --standing."
        )
    known = store.latest_lives()
    named = [find(known, name.split()) for name in choice.findings]
    for life in named:
        if life.resolved:
            raise Failure(
                f"{life.finding.fingerprint} was resolved on {life.resolved:%Y-%m-%d}", "There is nothing to waive."
            )
    bulk = Findings(choice.rules, choice.subjects, choice.severities).chosen(known) if choice.bulk else ()
    if choice.bulk and not bulk:
        raise Failure(
            "no standing finding that nobody waived answers to this selection",
            _nearest_rules(choice, (life.finding.rule for life in known)),
        )
    return list({life.finding.fingerprint: life for life in (*named, *bulk)}.values())


def _nearest_rules(choice: Choice, rules: Iterable[str]) -> str:
    known = sorted(set(rules))
    near = [
        name for glob in choice.rules for name in difflib.get_close_matches(glob.strip("*"), known, n=3, cutoff=0.4)
    ]
    shown = sorted(set(near)) or known[:5]
    return f"The nearest rules: {', '.join(shown)}" if shown else "`driftbot waive --list` shows all waivers."


def _show(lives: Sequence[FindingLife], expires: datetime) -> None:
    from driftbot.report.decisions import findings_listed

    show(findings_listed(lives, f"{expires:%Y-%m-%d}"))


def _waive(
    config: Config,
    store: Store,
    lives: Sequence[FindingLife],
    owner: str,
    reason: str,
    created: datetime,
    expires: datetime,
) -> None:
    from driftbot.approvals_file import add_decisions
    from driftbot.core.decision import waiver

    waivers = tuple(waiver(life, owner, reason, created, expires) for life in lives)
    path = add_decisions(config.root, store, waivers=waivers)
    store.add_waivers(waivers)
    click.echo(f"waived by {owner}; commit {path.name} to have it reviewed")


def _list(config: Config, store: Store, now: datetime) -> None:
    from driftbot.approvals_file import load_approvals
    from driftbot.core.finding import Verdict
    from driftbot.core.silence import silences
    from driftbot.core.triage import Triage
    from driftbot.report.decisions import waivers_listed

    decisions = load_approvals(config.root).in_force((), store.waivers())
    waivers, lives = decisions.waivers, store.latest_lives()
    verdicts = {life.finding.fingerprint: Verdict.OK if life.resolved else life.finding.verdict for life in lives}
    waived = tuple(life for life in lives if life.finding.verdict is Verdict.WAIVED)
    show(waivers_listed(waivers, silences(waivers, (), (), verdicts, Triage(now, waived=waived))))
    if decisions.problems:
        listed = "\n".join(str(problem) for problem in decisions.problems)
        raise Failure(f"the list may lack entries, because the file has problems:\n{listed}", "Correct these lines.")


def _ended(config: Config, store: Store, choice: Choice) -> Sequence[Waiver]:
    """The waivers that are to end, told one a line."""
    from driftbot.approvals_file import load_approvals
    from driftbot.core.decision import matches, subject_matches
    from driftbot.report.harmless import harmless

    waivers = load_approvals(config.root).in_force((), store.waivers()).waivers
    ended = []
    for name in choice.findings:
        meant = [waiver for waiver in waivers if waiver.fingerprint.startswith(name.lower()) or waiver.rule == name]
        if len(meant) != 1:
            raise Failure(f"{len(meant):,} waivers answer to {name!r}", "`driftbot waive --list` shows their ids.")
        ended += meant
    if choice.rules or choice.subjects:
        bulk = [w for w in waivers if matches(w.rule, choice.rules) and subject_matches(w.subject, choice.subjects)]
        if not bulk:
            raise Failure("no waiver answers to this selection", _nearest_rules(choice, (w.rule for w in waivers)))
        ended += [waiver for waiver in bulk if waiver not in ended]
    if not ended:
        raise Failure("no waiver was named", "Name findings by id, or choose with --rule or --subject.")
    for waiver in ended:
        click.echo(harmless(f"{waiver.fingerprint}  {waiver.rule}  {waiver.subject}"))
    return ended


def _end(config: Config, store: Store, ended: Sequence[Waiver], now: datetime, because: str) -> None:
    from driftbot.approvals_file import deciding, load_approvals, save_approvals
    from driftbot.report.harmless import harmless

    with deciding(config.root):
        filed = load_approvals(config.root)
        if any(waiver in filed.waivers for waiver in ended):
            save_approvals(config.root, filed.without(waiver.fingerprint for waiver in ended))
    for waiver in ended:
        store.end_waiver(waiver.fingerprint, now, person(config.root), because)
        click.echo(harmless(f"ended: {waiver.rule} {waiver.subject}"))
