"""Drift on the simulated fleet (``fleet.py``): false notices on both nulls, and how many days a drift takes to be told.

Every night asks the last 90 days, as a scan does, from the 28th on; a notice is a series told tonight that was not
told the night before. All of it with one setting, at the loosest allowance (one false notice a series-year). Peers
(``drift_peers.py``; run with the Python of the peers' environment for those of river) get the same daily levels, and
for each the threshold is chosen that just keeps one false notice a series-year on both nulls: better than anybody could
choose it. *Covers*: the share of told series whose true pace lies in the 80 % interval, seven nights after they were
told first. ``--full`` takes the whole size: 1,000 series a story, 300 for a year for each null.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import process_time

import numpy as np

from benchmarks.detectors.drift_nights import FIRST, YEAR, Markers, Night, marked, night, notices
from benchmarks.detectors.drift_peers import compare
from benchmarks.detectors.fleet import DAY, START, Fleet, Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.notice_budget import LOOSEST

SEED = 3000
DRIFTING = (Story.RAMP, Story.RAMP_WITH_SHIFTS, Story.CREEP)
NULLS = (Story.STILL, Story.SHIFTS)
ONSET, WITHIN = 35, 90
TARGETS = {
    Markers.KNOWN: dict(zip(DRIFTING, (10, 14, 20), strict=True)),
    Markers.NONE: dict(zip(DRIFTING, (22, 24, 34), strict=True)),
}
SMALL, FULL = (30, 8, 180), (1_000, 300, 365)
SEVEN = 7


def nightly(simulated: Fleet, markers: Markers, first: int, last: int) -> Iterator[Night]:
    """All nights of a fleet."""
    releases = marked(simulated, markers, SEED)
    return (night(simulated, releases, day, LOOSEST) for day in range(first, last + 1))


def false_notices(markers: Markers, series: int, days: int) -> None:
    """Print the false notices a series-year of both nulls, with the interval of a Poisson count."""
    for story in NULLS:
        nights = nightly(fleet(series, days, story, SEED), markers, FIRST, days)
        told = np.stack([each.found.told for each in nights])
        count, years = int(notices(told).sum()), told.size / YEAR
        low, high = (max(count + sign * 1.96 * np.sqrt(max(count, 1)), 0) / years for sign in (-1, 1))
        print(f"  {story:18} {count / years:5.2f} false notices a series-year ({low:.2f} to {high:.2f}; target ≤ 1)")


def found(markers: Markers, series: int) -> None:
    """Print how soon drifts are told, and how often the interval of the pace holds it."""
    for story in DRIFTING:
        simulated = fleet(series, ONSET + SEVEN + WITHIN, story, SEED)
        took, holds = followed(story, simulated, markers)
        median, late = np.quantile(took, (0.5, 0.9), method="higher")
        target = TARGETS.get(markers, {}).get(story)
        aim = f" (target ≤ {target})" if target else ""
        share = np.mean(took <= WITHIN)
        print(
            f"  {story:18} told after {median:4.0f} days{aim}, p90 {late:4.0f}; within {WITHIN}: {share:.1%}; "
            f"interval covers {np.nanmean(holds):.2f}",
            flush=True,
        )


def followed(story: Story, simulated: Fleet, markers: Markers) -> tuple[FloatArray, FloatArray]:
    """Days from each onset to the first night told (infinite: none), and whether the 80 % interval holds the true pace
    seven nights later, where the drift is told then as well (else NaN). Nobody asks for a series after that."""
    releases = marked(simulated, markers, SEED)
    began = (simulated.drifts_from - START) / DAY
    took, holds = np.full(len(began), np.inf), np.full(len(began), np.nan)
    followed = np.arange(len(began))
    for day in range(ONSET + 1, ONSET + SEVEN + WITHIN + 1):
        part = Fleet(simulated.values[followed], tuple(releases[row] for row in followed), began[followed])
        one = night(part, part.releases, day, LOOSEST).found
        first = one.told & (day > part.drifts_from) & np.isinf(took[followed])
        took[followed[first]] = day - part.drifts_from[first]
        last = day == part.drifts_from + took[followed] + SEVEN
        for place in np.flatnonzero(last & one.told):
            true = pace(story, simulated, day, followed[place])
            holds[followed[place]] = one.per_day_low[place] <= true <= one.per_day_high[place]
        followed = followed[~last]
        if not followed.size:
            break
    return took, holds


def pace(story: Story, simulated: Fleet, day: int, row: int) -> float:
    """The true relative growth a day, on average since the onset."""
    since = day - (simulated.drifts_from[row] - START) / DAY
    if story is not Story.CREEP:
        return float(np.expm1(np.log1p(0.005 * since) / since))
    times = simulated.releases[row]
    crept = np.sum((times >= simulated.drifts_from[row]) & (times < START + day * DAY))
    return float(np.expm1(crept * np.log(1.015) / since))


def main() -> None:
    """Ours with each kind of markers, then the peers."""
    series, null_series, days = FULL if "--full" in sys.argv else SMALL
    print(f"seed {SEED}; {series} series a story, nulls {null_series} series × {days} days", flush=True)
    for markers in Markers:
        before = process_time()
        print(markers)
        false_notices(markers, null_series, days)
        found(markers, series)
        print(f"  {process_time() - before:.0f} s of CPU", flush=True)
    compare(null_series, series, days, SEED)


if __name__ == "__main__":
    main()
