"""``driftbot approve``: take values as the baseline that rules compare with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from operator import eq
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, confirmed, opened, person, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.decision import Disagreement
    from driftbot.core.excuse import Approval
    from driftbot.core.fact import Fact
    from driftbot.store.store import Store


@click.command(
    epilog="Examples: `driftbot approve --subject 'workload:production/shop/*' --key timeout.request --dry-run`, "
    '`driftbot approve --finding 3f9c2a --reason "load test of March"`, '
    "`driftbot approve --end --subject shop/cart --key timeout.request`."
)
@click.option("--subject", "subjects", multiple=True, metavar="GLOB", help="Subjects, whole or by name; repeatable.")
@click.option("--key", "keys", multiple=True, metavar="GLOB", help="Keys, e.g. 'timeout.*'; repeatable.")
@click.option("--finding", "findings", multiple=True, metavar="ID", help="The values a finding rests on; repeatable.")
@click.option("--reason", help="Why these values are right.")
@click.option("--by", help="Who approves; else git's user.")
@click.option("--end", "ending", is_flag=True, help="End the approvals of these values now.")
@click.option("--dry-run", is_flag=True, help="List what would be approved or ended, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask, however many values.")
@config_option
@store_option
def command(
    subjects: tuple[str, ...],
    keys: tuple[str, ...],
    findings: tuple[str, ...],
    reason: str | None,
    by: str | None,
    ending: bool,
    dry_run: bool,
    yes: bool,
    config: Path | None,
    url: str | None,
) -> None:
    """Approve values as last seen: they become the baseline that rules compare with (`approved.<key>`).

    Of a measured series that --key names it is the level of the last four weeks, season taken out.

    Kept in the store and in driftbot.approvals.yaml beside the configuration, to be reviewed and committed.
    """
    from driftbot.approvals_file import add_decisions, load_approvals
    from driftbot.core.decision import approval
    from driftbot.report.decisions import approvals_listed

    if not (subjects or keys or findings):
        raise Failure("nothing was selected", "Choose values with --subject, --key or --finding.")
    with opened(config, url, Access.READ if dry_run else Access.WRITE) as (settings, store):
        if ending:
            ended = _shown(_standing(settings, store, subjects, keys, findings))
            if not dry_run:
                _end(settings, store, ended, by, reason, yes)
            return
        values, conflicts = _chosen(settings, store, subjects, keys, findings)
        standing = load_approvals(settings.root).in_force(store.approvals(), store.waivers())
        known = {(a.subject, a.key): a.value for a in standing.approvals}
        fresh = [fact for fact in values if known.get((fact.subject.id, fact.key)) != fact.value]
        show(approvals_listed(fresh, known, conflicts, len(values) - len(fresh)))
        if dry_run or not fresh:
            _refuse_nothing(values, conflicts)
            return
        if not reason:
            raise Failure("no reason was given", "Say with --reason why these values are right; --dry-run only looks.")
        confirmed(f"Approve {len(fresh):,} values?", yes or len(fresh) == 1)
        now, who = datetime.now(UTC), by or person(settings.root)
        approvals = tuple(approval(fact, who, reason, now) for fact in fresh)
        path = add_decisions(settings.root, store, approvals)
        store.add_approvals(approvals)
    click.echo(f"approved by {who}; commit {path.name} to have it reviewed")


def _chosen(
    settings: Config, store: Store, subjects: tuple[str, ...], keys: tuple[str, ...], findings: Sequence[str]
) -> tuple[tuple[Fact, ...], tuple[Disagreement, ...]]:
    from driftbot.cli.approve_level import levels_of
    from driftbot.core.decision import Values, approved_keys_of, compares_with_approved, keys_of, subject_matches
    from driftbot.core.lookup import find

    facts = store.facts()
    if not findings:
        levels = levels_of(settings, store, partial(subject_matches, patterns=subjects), keys)
        return Values(subjects, keys).chosen((*facts, *levels))
    values: tuple[Fact, ...] = ()
    conflicts: tuple[Disagreement, ...] = ()
    for name in findings:
        judged = find(store.latest_lives(), name.split()).finding
        if not compares_with_approved(judged.evidence):
            raise Failure(
                f"the rule {judged.rule} compares with no approved value: approving would change nothing about {name}",
                f'To excuse it until a date: driftbot waive {judged.fingerprint} --reason "…".',
            )
        frozen = approved_keys_of(judged.evidence)
        levels = levels_of(settings, store, partial(eq, judged.subject.id), frozen)
        own = [*(fact for fact in facts if fact.subject == judged.subject), *levels]
        named = frozenset(keys_of(judged.evidence, (fact.key for fact in own)))
        more, doubtful = Values(subjects, keys).chosen(fact for fact in own if fact.key in named)
        values, conflicts = values + more, conflicts + doubtful
    return tuple(dict.fromkeys(values)), tuple(dict.fromkeys(conflicts))


def _standing(
    config: Config, store: Store, subjects: tuple[str, ...], keys: tuple[str, ...], findings: Sequence[str]
) -> tuple[Approval, ...]:
    """The approvals in force, in the store or in the file, that the selection is about."""
    from driftbot.approvals_file import load_approvals
    from driftbot.core.decision import keys_of, matches, subject_matches
    from driftbot.core.lookup import find

    known = load_approvals(config.root).in_force(store.approvals(), ()).approvals
    found = [a for a in known if matches(a.key, keys) and subject_matches(a.subject, subjects)]
    if findings:
        judged = [find(store.latest_lives(), name.split()).finding for name in findings]
        about = {
            (finding.subject.id, key) for finding in judged for key in keys_of(finding.evidence, (a.key for a in found))
        }
        found = [approval for approval in found if (approval.subject, approval.key) in about]
    if not found:
        hint = "They stand in driftbot.approvals.yaml; globs: --subject '*/shop/*' --key 'timeout.*'."
        raise Failure("no approval answers to this selection", hint)
    return tuple(found)


def _shown(approvals: tuple[Approval, ...]) -> tuple[Approval, ...]:
    from driftbot.core.fact import show as shown
    from driftbot.report.harmless import harmless

    for a in approvals:
        told = f"{a.subject}  {a.key} = {shown(a.value)}, approved by {a.approved_by} on {a.at:%Y-%m-%d}: {a.reason}"
        click.echo(harmless(told, 400))
    return approvals


def _end(
    config: Config, store: Store, approvals: Sequence[Approval], by: str | None, reason: str | None, yes: bool
) -> None:
    from driftbot.approvals_file import FILE_NAME, deciding, load_approvals, save_approvals

    confirmed(f"End {len(approvals):,} approvals?", yes or len(approvals) == 1)
    with deciding(config.root):
        filed = load_approvals(config.root)
        left = filed.without_approvals((approval.subject, approval.key) for approval in approvals)
        if left != filed:
            save_approvals(config.root, left)
    now, who = datetime.now(UTC), by or person(config.root)
    for approval in approvals:
        store.end_approval(approval.subject, approval.key, now, who, reason or "no longer meant")
    click.echo(f"ended by {who}" + (f"; commit {FILE_NAME} to have it reviewed" if left != filed else ""))


def _refuse_nothing(values: Sequence[Fact], conflicts: Sequence[Disagreement]) -> None:
    if not values and not conflicts:
        raise Failure("no known value answers to this selection", "Globs: --subject '*/shop/*' --key 'timeout.*'.")
