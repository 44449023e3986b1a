"""What it costs to say a digest of many findings in Slack, beside escaping and joining the same findings' words.

    python -m benchmarks.notifiers.bench_slack_messages [--findings 10000] [--rounds 5]

The peer is the least that any rendering does: ``html.escape`` of each finding's rule, subject, observed and expected,
one line each, as one text. The best of the rounds is taken; both take turns, so that a busy machine is busy for both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from html import escape

from driftbot.core.digest import Digest, Standing
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.rest_pages import rest_pages
from driftbot.notifiers.slack.said import Said
from tests.notices.digest_scene import digest, entry

BUDGET = 0.3
"""Seconds that the digest and its pages may take."""
OPTIONS = SlackOptions(name="sre", channel="#sre")


def crowd(findings: int) -> Digest:
    """Findings of every standing."""
    standings = list(Standing)
    return digest(*(entry(standings[n % len(standings)], f"shop/job-{n}") for n in range(findings)))


def pages(about: Digest) -> list[Said]:
    """The digest and the pages of what has no entry of its own."""
    return [digest_message(about, OPTIONS), *rest_pages(about, about.entries[OPTIONS.entries :])]


def entries(about: Digest) -> list[Said]:
    """The entries in the thread."""
    return [entry_message(about, one) for one in about.entries[: OPTIONS.entries]]


def peer(about: Digest) -> str:
    """The least."""
    found = (one.finding for one in about.entries)
    return "\n".join(escape(f"{one.rule} {one.subject} {one.observed} {one.expected}") for one in found)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def main() -> int:
    """Print the table; 1 where the digest and its pages are over their budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    about = crowd(arguments.findings)
    works: dict[str, Callable[[], object]] = {
        "the least": lambda: peer(about),
        "digest and pages": lambda: pages(about),
        "… with their hashes": lambda: [said.content for said in pages(about)],
        "entries": lambda: entries(about),
        "… with their hashes ": lambda: [said.content for said in entries(about)],
    }
    best = dict.fromkeys(works, float("inf"))
    for _ in range(arguments.rounds):
        for name, work in works.items():
            best[name] = min(best[name], seconds(work))
    told = pages(about)
    size = sum(len(str(said.payload())) for said in told)
    print(f"{len(about.entries):,} findings: {len(told)} messages of {size:,} characters, {OPTIONS.entries} entries")
    for name, took in best.items():
        print(f"{name:22} {took * 1000:7.1f} ms  {took / best['the least']:6.2f} × the least")
    print(f"budget of digest and pages: {BUDGET * 1000:.0f} ms; best of {arguments.rounds} rounds")
    return int(best["digest and pages"] > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
