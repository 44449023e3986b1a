"""Doubt: which subjects a source with gaps told of without their own document having been read whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from driftbot.collectors.statement import Statement
from driftbot.core.coverage import Gap


def files_in_doubt(gaps: Iterable[Gap]) -> frozenset[str]:
    """The files that were not read whole; a value that could not be read leaves its file in doubt as well."""
    return frozenset(gap.origin.locator for gap in gaps)


def doubted(statements: Iterable[Statement], kind: str, files: Collection[str]) -> frozenset[str]:
    """The subjects of a kind about which one of these files says something, or which are told of more than once.

    Where one subject has two documents that were read, a third one may stand where nothing could be read.
    """
    told = [statement for statement in statements if statement.subject.kind == kind]
    times = Counter((statement.subject.environment, statement.subject.name) for statement in told)
    return frozenset(
        statement.subject.name
        for statement in told
        if times[statement.subject.environment, statement.subject.name] > 1
        or any(fact.origin.locator in files for fact in statement.facts)
    )
