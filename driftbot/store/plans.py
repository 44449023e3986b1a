"""Plans in the store, found by their digest or by that of one of their remedies, and who approved which digest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, union

from driftbot.core.plan import Plan
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval
from driftbot.store import run_tables
from driftbot.store.errors import StoreError
from driftbot.store.packed import packed, unpacked
from driftbot.store.upsert import upsert

SHORTEST = 8
"""Hexadecimal digits by which a plan or remedy is named: fewer are too easily those of another one."""
_LIKE = "a digest is named by its first eight or more hexadecimal digits, as `driftbot plan` prints them"


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """What a digest names: what a plan would do, or one remedy of the newest plan that has it, held back or not.

    ``beside`` are the other remedies of the plan.
    """

    digest: str
    plan: Plan
    remedies: tuple[Remedy, ...]
    beside: tuple[Remedy, ...] = ()


def choice_of(plan: Plan, digest: str) -> PlanChoice:
    """What a whole digest names in a plan that has it."""
    held = tuple(one.remedy for one in plan.held if one.remedy is not None)
    if digest == plan.digest:
        return PlanChoice(digest, plan, plan.remedies, held)
    known = {one.digest: one for one in (*held, *plan.remedies)}
    beside = tuple(one for name, one in known.items() if name != digest)
    return PlanChoice(digest, plan, (known[digest],), beside)


def keep_plan(connection: Connection, plan: Plan) -> None:
    """Write a plan down; one of the same digest gives way to it."""
    digest, remedy = plan.digest, run_tables.plan_remedy
    body = {"made": plan.made, "night": plan.night, "body": packed(plan)}
    upsert(connection, run_tables.plan, {"digest": digest}, body)
    connection.execute(delete(remedy).where(remedy.c.plan == digest))
    held = (one.remedy.digest for one in plan.held if one.remedy is not None)
    known = sorted({*(one.digest for one in plan.remedies), *held})
    if known:
        connection.execute(insert(remedy), [{"plan": digest, "digest": one} for one in known])


def plan_of(connection: Connection, prefix: str) -> PlanChoice | None:
    """What a digest that starts so names; None where no plan holds it.

    Raises:
        StoreError: the prefix is too short or no digest, or several plans and remedies start so.
    """
    digest = _digest(connection, prefix.lower())
    if digest is None:
        return None
    plan, remedy = run_tables.plan, run_tables.plan_remedy.c
    row = connection.execute(select(plan.c.body).where(plan.c.digest == digest)).one_or_none()
    if row is not None:
        return choice_of(unpacked(Plan, row.body, f"plan {digest[:12]}"), digest)
    holding = select(plan.c.body).where(plan.c.digest.in_(select(remedy.plan).where(remedy.digest == digest)))
    body = connection.execute(holding.order_by(plan.c.made.desc(), plan.c.digest).limit(1)).scalar_one()
    return choice_of(unpacked(Plan, body, f"the plan of remedy {digest[:12]}"), digest)


def plans_of(connection: Connection, night: datetime) -> tuple[Plan, ...]:
    """The plans made for the findings of that night, the newest first."""
    plan = run_tables.plan.c
    rows = connection.execute(select(plan.digest, plan.body).where(plan.night == night).order_by(plan.made.desc()))
    return tuple(unpacked(Plan, row.body, f"plan {row.digest[:12]}") for row in rows)


def _digest(connection: Connection, prefix: str) -> str | None:
    if len(prefix) < SHORTEST or not set(prefix) <= set("0123456789abcdef"):
        raise StoreError(f"{prefix!r} is no digest", _LIKE)
    columns = (run_tables.plan.c.digest, run_tables.plan_remedy.c.digest)
    named = union(*(select(column).where(column.startswith(prefix)) for column in columns))
    found = sorted(connection.execute(named.limit(4)).scalars())
    if len(found) > 1:
        shown = ", ".join(digest[: len(prefix) + 8] for digest in found)
        raise StoreError(f"{len(found)} plans and remedies start with {prefix!r}: {shown}", "write more of the digest")
    return found[0] if found else None


def approve(connection: Connection, approval: PlanApproval) -> bool:
    """Write an approval down; False where that person had approved this digest before, and now does so anew."""
    table = run_tables.plan_approval.c
    same = (table.digest == approval.digest) & (table.approved_by == approval.by)
    known = connection.execute(select(table.at).where(same)).one_or_none() is not None
    names = {"digest": approval.digest, "approved_by": approval.by}
    upsert(connection, run_tables.plan_approval, names, {"at": approval.at})
    return not known


def approvals_of(connection: Connection, digests: Collection[str]) -> tuple[PlanApproval, ...]:
    """Who approved one of these digests (none: any digest), by time."""
    query = select(run_tables.plan_approval)
    rows = connection.execute(query.where(run_tables.plan_approval.c.digest.in_(digests)) if digests else query)
    found = (PlanApproval(row.digest, row.approved_by, row.at) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.at, one.by, one.digest)))


def prune_plans(connection: Connection, before: datetime) -> None:
    """Let go of plans made before; runs carry their remedy, and the approvals that counted, with them."""
    plan, remedy, approval = run_tables.plan, run_tables.plan_remedy, run_tables.plan_approval
    connection.execute(delete(remedy).where(remedy.c.plan.in_(select(plan.c.digest).where(plan.c.made < before))))
    connection.execute(delete(plan).where(plan.c.made < before))
    left = union(select(plan.c.digest), select(remedy.c.digest))
    connection.execute(delete(approval).where(approval.c.digest.not_in(left), approval.c.at < before))
