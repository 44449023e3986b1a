"""The outline of a report for people: sections and items in words, every text harmless, the same for all renderings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.chart import Chart
from driftbot.core.rule import Severity


class Charset(StrEnum):
    """Which characters what shows a report has."""

    UNICODE = "unicode"
    ASCII = "ascii"


class Tone(StrEnum):
    """How a section wants to be read."""

    BLIND = "blind"
    ALARM = "alarm"
    DOUBT = "doubt"
    GOOD = "good"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a section: a short mark in front, what it is about, and lines below."""

    mark: str
    head: str
    lines: tuple[str, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Some items under a title; ``closing`` counts what is not shown and says what to do; commands can be copied.

    A command's explanation follows it after ``#``. Charts are drawn as wide as what shows them.
    """

    title: str
    tone: Tone
    items: tuple[Item, ...] = ()
    closing: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it has nothing to say."""
        return not (self.items or self.closing or self.charts)


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report: what was scanned, how it stands, its sections, and what the exit code means."""

    title: str
    summary: str
    sections: tuple[Section, ...]
    conclusion: str
    tone: Tone
