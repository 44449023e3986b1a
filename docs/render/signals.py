"""The page of the signals: which query measures a key, and how its labels become a subject."""

from __future__ import annotations

from collections.abc import Iterable

from docs.render.markdown import block, code, page
from driftbot.core.quantity import Quantity, Unit
from driftbot.signals.reading import shipped, shipped_releases
from driftbot.signals.release import ReleaseSignal
from driftbot.signals.signal import Signal


def render() -> str:
    """The page."""
    return page(
        "Signals",
        "Which query measures a key. A signal is asked for only where an enabled rule needs its key.",
        *(part for signal in sorted(shipped(), key=lambda signal: signal.name) for part in _section(signal)),
        "## Releases",
        "Which versions run, asked for only where an enabled rule looks for releases beside a change. The first sight"
        " of a version is a release.",
        *(part for one in sorted(shipped_releases(), key=lambda one: one.name) for part in _release(one)),
    )


def _release(release: ReleaseSignal) -> Iterable[str]:
    yield f"### {release.name}"
    asked = f"asked every {Quantity(release.step, Unit.SECONDS)} of the window"
    yield f"{code(f'{release.kind}')}, {asked}: {release.meaning}"
    yield block("promql", release.query)
    part = f" of {code(release.part)}" if release.part else ""
    yield f"One subject is {code(release.subject)}, its version{part} is {code(release.version)}."


def _section(signal: Signal) -> Iterable[str]:
    yield f"## {signal.name}"
    measured = f"{code(f'{signal.kind} {signal.key}')} in {signal.unit}"
    yield f"{measured}, a sample every {Quantity(signal.step, Unit.SECONDS)}: {signal.meaning}"
    yield block("promql", signal.query)
    yield f"One subject is {code(signal.subject)}, the {signal.aggregation} of its series. {signal.identity}"
