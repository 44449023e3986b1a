"""One scan and one actor at a time: leases that expire, and tokens that keep their former holders from writing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, update

from driftbot.store import tables
from driftbot.store.errors import LeaseHeld, LeaseLost, Work
from driftbot.store.process import is_gone, is_here, marked, unmarked

_LEASE = tables.lease
_LONGEST = timedelta(days=1)
"""No lease is given for longer. One that lasts longer was given by a clock that was ahead, and is no promise."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write a night, or to act and write the journal.

    ``token`` rises with every lease given: the store refuses a holder whose token is not the newest ("fencing", as in
    M. Kleppmann, How to do distributed locking, 2016), so that one that slept through its own expiry harms nothing.
    """

    holder: str
    token: int
    expires: datetime
    work: Work = Work.SCAN


def take(connection: Connection, holder: str, now: datetime, ttl: timedelta, work: Work = Work.SCAN) -> Lease:
    """Give the lease to ``holder`` until ``now + ttl``; that of a process of this machine that is gone ends at once.

    Raises:
        LeaseHeld: somebody else holds it and it has not expired at ``now``.
    """
    row = connection.execute(_row(work)).one()
    if row.expires is not None and _lasts(row.holder, row.expires, now):
        raise LeaseHeld(unmarked(row.holder), row.expires, work)
    lease = Lease(holder, row.token + 1, now + ttl, work)
    _write(connection, lease)
    return lease


def _lasts(holder: str, expires: datetime, now: datetime) -> bool:
    """Whether a lease still holds: after a clock was put back only for a process that is known to run."""
    if expires - now > _LONGEST:
        return is_here(holder)
    return now < expires and not is_gone(holder)


def renew(connection: Connection, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """The same lease until ``now + ttl``.

    Raises:
        LeaseLost: somebody took it over, or it was given back.
    """
    check(connection, lease)
    renewed = replace(lease, expires=now + ttl)
    _write(connection, renewed)
    return renewed


def give_back(connection: Connection, lease: Lease) -> None:
    """End the lease, unless somebody took it over meanwhile."""
    mine = _called(lease.work) & (_LEASE.c.token == lease.token)
    connection.execute(update(_LEASE).where(mine).values(expires=None))


def check(connection: Connection, lease: Lease) -> None:
    """Hold the lease's row until the transaction ends, so that nobody takes it over meanwhile.

    Raises:
        LeaseLost: the lease is not the newest one, or was given back.
    """
    _newest(connection, lease, _row(lease.work))


def look(connection: Connection, lease: Lease) -> None:
    """Whether the lease holds at this moment, and nothing held.

    Raises:
        LeaseLost: the lease is not the newest one, or was given back.
    """
    _newest(connection, lease, select(_LEASE).where(_called(lease.work)))


def _newest(connection: Connection, lease: Lease, query: Select[Any]) -> None:
    row = connection.execute(query).one()
    if row.token != lease.token or row.expires is None:
        raise LeaseLost(lease.holder, lease.token, lease.work)


def shut_out(connection: Connection) -> None:
    """Keep nights from being written until the transaction ends (where the database locks by row)."""
    connection.execute(_row(Work.SCAN)).all()


def _row(work: Work) -> Select[Any]:
    return select(_LEASE).where(_called(work)).with_for_update()


def _called(work: Work) -> ColumnElement[bool]:
    return _LEASE.c.name == work.value


def _write(connection: Connection, lease: Lease) -> None:
    given = {"token": lease.token, "holder": marked(lease.holder), "expires": lease.expires}
    connection.execute(update(_LEASE).where(_called(lease.work)).values(given))
