"""One scan at a time: a lease that expires, and a token that keeps its former holders from writing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from driftbot.store import tables
from driftbot.store.errors import LeaseHeld, LeaseLost
from driftbot.store.process import is_gone, marked, unmarked

_SCAN = "scan"
_LEASE = tables.lease


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write a night.

    ``token`` rises with every lease given: the store refuses a holder whose token is not the newest ("fencing", as in
    M. Kleppmann, How to do distributed locking, 2016), so that one that slept through its own expiry harms nothing.
    """

    holder: str
    token: int
    expires: datetime


def take(connection: Connection, holder: str, now: datetime, ttl: timedelta) -> Lease:
    """Give the lease to ``holder`` until ``now + ttl``; that of a process of this machine that is gone ends at once.

    Raises:
        LeaseHeld: somebody else holds it and it has not expired at ``now``.
    """
    row = connection.execute(select(_LEASE).where(_LEASE.c.name == _SCAN).with_for_update()).one()
    if row.expires is not None and now < row.expires and not is_gone(row.holder):
        raise LeaseHeld(unmarked(row.holder), row.expires)
    lease = Lease(holder, row.token + 1, now + ttl)
    _write(connection, lease.token, lease.holder, lease.expires)
    return lease


def renew(connection: Connection, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """The same lease until ``now + ttl``.

    Raises:
        LeaseLost: somebody took it over, or it was given back.
    """
    check(connection, lease)
    _write(connection, lease.token, lease.holder, now + ttl)
    return Lease(lease.holder, lease.token, now + ttl)


def give_back(connection: Connection, lease: Lease) -> None:
    """End the lease, unless somebody took it over meanwhile."""
    mine = (_LEASE.c.name == _SCAN) & (_LEASE.c.token == lease.token)
    connection.execute(update(_LEASE).where(mine).values(expires=None))


def check(connection: Connection, lease: Lease) -> None:
    """Hold the lease's row until the transaction ends, so that nobody takes it over meanwhile.

    Raises:
        LeaseLost: the lease is not the newest one, or was given back.
    """
    newest = select(_LEASE.c.token, _LEASE.c.expires).where(_LEASE.c.name == _SCAN).with_for_update()
    row = connection.execute(newest).one()
    if row.token != lease.token or row.expires is None:
        raise LeaseLost(lease.holder, lease.token)


def shut_out(connection: Connection) -> None:
    """Keep nights from being written until the transaction ends (where the database locks by row)."""
    connection.execute(select(_LEASE.c.token).where(_LEASE.c.name == _SCAN).with_for_update()).all()


def _write(connection: Connection, token: int, holder: str, expires: datetime) -> None:
    mine = update(_LEASE).where(_LEASE.c.name == _SCAN)
    connection.execute(mine.values(token=token, holder=marked(holder), expires=expires))
