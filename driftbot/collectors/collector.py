"""What a collector is: one module per source kind that reads answers (shell) and understands them (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict
from requests import Session

from driftbot.core.body import Body as Body
from driftbot.core.commit import FileHistory, Landing
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact
from driftbot.core.key import Key
from driftbot.core.snapshot import Reading
from driftbot.core.span import Span


class Options(BaseModel):
    """The part of ``driftbot.yaml`` that configures one source of this kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tape(Protocol):
    """Where raw answers come from: the world, the world while recording, or a recorded bundle."""

    def files(self, source: str, root: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
        """Every file below ``root`` that matches, sorted by path; unreadable ones with their problem."""

    def history(
        self, source: str, root: str, include: Sequence[str], exclude: Sequence[str], since: datetime
    ) -> FileHistory:
        """What git tells of those files' past since a time; nothing where they are in no repository. Never raises."""

    def session(self, source: str) -> Session:
        """A requests session whose answers are live, recorded or replayed."""


class Ledger(Protocol):
    """What the store already holds of what is measured on demand."""

    def held(self, environment: str, kind: str, key: str, source: str) -> Span | None:
        """What is held of the series key from the source; None where it was never fetched."""

    def stated(self, environment: str, kind: str, keys: Collection[str]) -> tuple[Fact, ...]:
        """What each source stated of these keys when it was last heard, sorted; the subjects are unlabelled."""


def placed(body: Body, root: str) -> Body:
    """A body whose locator is relative to ``root`` (a folder, or the file itself), as seen from where ``root`` is."""
    return replace(body, locator=_place(body.locator, root))


def _place(locator: str, root: str) -> str:
    folder = PurePosixPath(root)
    return str(folder if locator in {".", folder.name} else folder / locator)


def _landed(landing: Landing, root: str) -> Landing:
    changes = (replace(change, locator=_place(change.locator, root)) for change in landing.changes)
    return replace(landing, changes=tuple(changes))


def _silent(_message: str) -> None:
    """Progress for nobody."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a collector is told about its source; ``as_of`` is the time that counts as now."""

    source: str
    environment: str
    as_of: datetime
    tape: Tape
    progress: Callable[[str], None] = _silent

    def files(self, root: str, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Iterator[Body]:
        """The files below ``root`` as the tape gives them, with locators relative to ``driftbot.yaml``."""
        for body in self.tape.files(self.source, root, include, exclude):
            yield placed(body, root)

    def history(
        self, root: str, since: datetime, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> FileHistory:
        """The past of those files as the tape gives it, with locators relative to ``driftbot.yaml``."""
        told = self.tape.history(self.source, root, include, exclude, since)
        return replace(told, landings=tuple(_landed(landing, root) for landing in told.landings))


def _always(_options: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Collector:
    """A source kind. ``read`` takes the inventory (configuration); ``measure`` answers a demand and may be absent.

    ``measures`` says whether a source with such options answers demands at all.

    Neither raises for what the source does: whatever could not be read is a gap in the reading's coverage.
    """

    kind: str
    options: type[Options]
    keys: Callable[[Any], tuple[Key, ...]]
    read: Callable[[Any, Context], Reading]
    measure: Callable[[Any, Context, Demand, Ledger], Reading] | None = None
    measures: Callable[[Any], bool] = _always
