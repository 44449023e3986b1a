"""Digests of a large estate, for five channels, from the store; reading the findings alone as the peer.

    python -m benchmarks.notices.bench_digest [--full]

``--full`` is 10,000 findings of which every tenth moved in the last night and every twentieth has a chart of 300
points, with the shipped rules, 300 waivers, 300 snoozes and a plan of 100 remedies;
then with plans that cover a fifth and all of the findings. The peer reads the same findings
with plain ``sqlite3``, ``zstandard`` and ``json`` and builds nothing of them. CPU seconds: other people's work on the
machine counts less so.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import zstandard

from driftbot.config import Channel, Config, load_config
from driftbot.core.chart import Chart
from driftbot.core.evaluation import Tally
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Origin, Provenance, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.ladder import Level
from driftbot.core.plan import Plan
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step, ValueChange
from driftbot.core.rule import Severity
from driftbot.core.snooze import Snooze
from driftbot.core.subject import Subject
from driftbot.delivery.deliver import told_now
from driftbot.delivery.last_night import last_night
from driftbot.notices.digests import digests
from driftbot.notices.options import ChannelOptions, Route
from driftbot.notifiers.webhook import notifier
from driftbot.scan import rare_collection
from driftbot.shipped import rules_root
from driftbot.store.store import Store

SEED = 7
NIGHTS = (datetime(2026, 11, 17, 2, 30, tzinfo=UTC), datetime(2026, 11, 18, 2, 30, tzinfo=UTC))
NOW = NIGHTS[1] + timedelta(hours=5)
RULES = tuple(sorted(path.stem for path in rules_root().rglob("*.yaml")))[:50]
"""Half a hundred of the shipped rules: those that found something are read for what they say."""
OWNERS = ("data-platform", "shop", "web", "payments", "search")
CHANNELS = (
    ChannelOptions(name="everything"),
    ChannelOptions(name="on-call", routes=(Route(severity=Severity.HIGH, environments=("prod*",)),)),
    ChannelOptions(name="shop", routes=(Route(owners=("shop", "web")),)),
    ChannelOptions(name="data", routes=(Route(owners=("data-*",)), Route(labels={"tier": "1"}))),
    ChannelOptions(name="rules", routes=(Route(rules=("a*", "c*"), severity=Severity.MEDIUM),)),
)


def finding(number: int, rng: random.Random, value: float) -> Finding:
    """A finding as a judgement of a job leaves it."""
    labels = (("owner", rng.choice(OWNERS)), ("tier", str(rng.randint(1, 3))))
    environment = rng.choice(("production", "production", "staging"))
    about = Subject("job", environment, f"shop/job-{number:05}", labels)
    file = Origin("manifests", f"jobs/job-{number:05}.yaml", 14, 30, 300, 302)
    query = Origin("prometheus", "http://prometheus:9090", query="max by (namespace, job_name) (kube_job_duration)")
    times = tuple(NIGHTS[1].timestamp() - 86400.0 * 90 + 26000.0 * step for step in range(300))
    chart = Chart("duration", Unit.SECONDS, times, tuple(3600 + 10 * rng.random() for _ in times), limit=7200.0)
    return Finding(
        RULES[number % 50], about, Verdict.DRIFT, list(Severity)[number % 4],
        "Batch jobs finish well inside their deadline",
        message="the longest of 30 days used most of the deadline",
        observed=f"worst = {Quantity(value, Unit.SECONDS)}",
        expected="at most 1h24m = 0.7 × 2h",
        evidence=(
            Evidence("worst", Quantity(value, Unit.SECONDS), View.OBSERVED, None, (query,)),
            Evidence("deadline", Quantity(7200, Unit.SECONDS), View.DECLARED, Provenance.EXPLICIT, (file,)),
        ),
        recommendations=(Recommendation("timeout.deadline", Quantity(value * 1.5, Unit.SECONDS)),),
        rule_digest="ab" * 32,
        charts=(chart,) if number % 20 == 0 else (),
    )  # fmt: skip


def lives(count: int) -> tuple[list[FindingLife], list[FindingLife]]:
    """The lives of two nights: in the second every tenth moved."""
    first = [
        FindingLife(finding(number, random.Random(number), 6000 + number % 900), Life.NEW, NIGHTS[0], NIGHTS[0])
        for number in range(count)
    ]
    second = [replace(one, life=Life.ONGOING, last_seen=NIGHTS[1]) for one in first]
    for number in range(0, count, 10):
        moved = finding(number, random.Random(number), 6600 + number % 900)
        second[number] = replace(second[number], finding=moved, changed=NIGHTS[1], previous="1h40m")
    return first, second


def remedy(one: Finding) -> Remedy:
    """A playbook for a finding."""
    change = ValueChange(one.subject.id, "timeout.deadline", "2h", "2h45m", 7200, 9900)
    step = Step(
        "edit_file", f"file:jobs/{one.subject.name}.yaml", "{}", "{}", "too short", "-2h\n+2h45m", "", (change,)
    )
    covered = Covered(one.fingerprint, one.rule, one.subject.id, "shop", one.severity, one.message, "", "")
    return Remedy("raise", Level.APPROVE, (covered,), (step,), 1, timedelta(hours=1), OnFailure.UNDO)


def written(store: Store, count: int) -> None:
    """Two nights, and what people decided."""
    told = lives(count)
    for night_of, judged in zip(NIGHTS, told, strict=True):
        with store.lease("bench", night_of, timedelta(hours=1)) as lease, store.begin_night(lease, night_of) as night:
            tallies = [Tally(rule, count, count, ok=count, drift=count // 50) for rule in RULES]
            night.add_evaluation(judged, tallies, 2, {tally.rule: "ab" * 32 for tally in tallies})
    names = [one.finding for one in told[1]]
    until = NOW + timedelta(days=20)
    store.add_waivers(
        Waiver(one.fingerprint, one.rule, one.subject.id, "ann", "known", NIGHTS[0], until) for one in names[:300]
    )
    for one in names[300:600]:
        store.keep_snooze(Snooze(one.fingerprint, until, "ann", NIGHTS[0]))
    planned(store, 100, names[600:700])


def planned(store: Store, minutes: int, findings: Sequence[Finding]) -> None:
    """A plan for these findings alone, made so long after the night."""
    made = NIGHTS[1] + timedelta(minutes=minutes)
    store.keep_plan(Plan(made, NIGHTS[1], tuple(remedy(one) for one in findings)))


def plainly(path: Path) -> int:
    """Every standing finding's document, parsed; how many."""
    connection, press = sqlite3.connect(path), zstandard.ZstdDecompressor()
    query = "SELECT body FROM finding_life JOIN finding ON finding.id = finding WHERE closed IS NULL"
    count = sum(1 for (body,) in connection.execute(query) if json.loads(press.decompress(body)))
    connection.close()
    return count


def timed(work: Callable[[], Any], times: int = 3) -> tuple[float, float, Any]:
    """CPU seconds and seconds on the wall (the medians), and what came of it."""
    took = []
    for _ in range(times):
        cpu, wall = process_time(), perf_counter()
        found = work()
        took.append((process_time() - cpu, perf_counter() - wall))
    return median(one[0] for one in took), median(one[1] for one in took), found


def configured(folder: Path) -> Config:
    """The shipped rules and five channels."""
    (folder / "driftbot.yaml").write_text("sources: []\n")
    channels = tuple(Channel(one.name, notifier, one) for one in CHANNELS)
    return replace(load_config(folder / "driftbot.yaml"), channels=channels)


def shown(name: str, cpu: float, wall: float, peer: float) -> None:
    """One figure beside the peer's."""
    print(f"  {name:<44} {cpu:7.3f} s CPU  {wall:7.3f} s wall  {cpu / peer:6.2f} × peer")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write two nights, then read and tell them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="10,000 findings instead of 2,000")
    count = 10_000 if parser.parse_args(arguments).full else 2_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = configured(folder)
        with Store.open(config.store_url) as store:
            written(store, count)
            peer, wall, found = timed(lambda: plainly(folder / "driftbot.db"))
            stored = (folder / "driftbot.db").stat().st_size / 2**20
            print(f"{count:,} findings ({found:,} standing), {len(CHANNELS)} channels, store {stored:.1f} MiB")
            shown("peer: their documents, read and parsed", peer, wall, peer)
            with rare_collection():
                shown("store.lives()", *timed(store.lives)[:2], peer)
                seen = timed(lambda: last_night(config, store, NOW), 1)
                shown("the situation, with rules and decisions", *seen[:2], peer)
                built = timed(lambda: digests(seen[2], CHANNELS))
                shown("digests of all channels, from the situation", *built[:2], peer)
            whole = timed(lambda: told_now(config, store, NOW))
            shown("told_now: everything, from the store", *whole[:2], peer)
            rules = tuple(seen[2].rules.values())
            in_night = timed(lambda: told_now(config, store, NOW, rules=rules))
            shown("… in a night, which has read the rules", *in_night[:2], peer)
            entries = ", ".join(f"{len(digest.entries):,}" for digest in whole[2].digests)
            print(f"  entries a channel: {entries}")
            findings = [life.finding for life in store.lives()]
            for minutes, size in ((1, count // 5), (2, count)):
                planned(store, minutes, findings[:size])
                with_plan = timed(lambda: told_now(config, store, NOW, rules=rules))
                shown(f"… and a plan of {size:,} remedies more", *with_plan[:2], peer)
                offered = sum(entry.offer is not None for entry in with_plan[2].digests[0].entries)
                print(f"  entries with an offer: {offered:,}")


if __name__ == "__main__":
    main()
