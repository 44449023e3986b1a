"""Two nights that are delivered: the second one edits, ends, posts and deletes."""

from __future__ import annotations

from collections.abc import Mapping

from driftbot.core.digest import Digest, Standing
from driftbot.core.rule import Severity
from tests.notices.digest_scene import DAY, NIGHT, NOW, chart, digest, entry, notice

ENTRIES = 2
"""Findings with an entry of their own; the others are listed."""


def first() -> Digest:
    """A new finding with a chart, one that stood too long, pages of others, a notice."""
    new = entry(Standing.NEW, "shop/tax", of_finding={"charts": (chart(),)})
    old = entry(Standing.STANDING, "shop/billing", escalated=NIGHT)
    rest = [entry(Standing.STANDING, f"shop/low-{one}", of_finding={"severity": Severity.LOW}) for one in range(40)]
    return digest(new, old, *rest, notices=(notice(),))


def second() -> Digest:
    """Something is fixed, something gone, something new, there are fewer pages, and there is another notice."""
    fixed = entry(Standing.FIXED, "shop/tax")
    new = entry(Standing.NEW, "shop/search", of_finding={"charts": (chart(),)})
    return digest(fixed, new, night=NIGHT + DAY, notices=(notice(kind="notice", at=NOW + DAY),))


NIGHTS: Mapping[str, Digest] = {"first": first(), "second": second()}
