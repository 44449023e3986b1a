"""What metrics tell of channels, of what waits to be told, of what was done, and of silences that ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from prometheus_client.core import Metric

from driftbot.core.chat_decision import ChatVerb
from driftbot.core.coverage import AcceptedGap
from driftbot.core.excuse import Waiver
from driftbot.core.message import ChannelHealth
from driftbot.core.run import RunState, StepState
from driftbot.core.silence import SOON, ends_soon, latest
from driftbot.serve.metric_family import counters, gauge, gauges
from driftbot.store.counts import Counts


def channel_metrics(channels: Collection[str], told: Iterable[ChannelHealth]) -> Iterator[Metric]:
    """Each configured channel: what was sent there, whether it works, and since when not."""
    known = {health.channel: health for health in told}
    named = {(name,): known.get(name) for name in sorted(channels)}
    sent = {
        (name, kind): float(getattr(health, kind)) if health else 0.0
        for (name,), health in named.items()
        for kind in ("posted", "edited")
    }
    yield counters("channel_messages", "Messages sent to the channel, and edited there.", ("channel", "kind"), sent)
    failed = {name: float(health.failed) if health else 0.0 for name, health in named.items()}
    yield counters("channel_failures", "Deliveries to the channel that failed.", ("channel",), failed)
    failing = {name: float(bool(health and health.failing_since)) for name, health in named.items()}
    yield gauges("channel_failing", "Whether the last delivery to the channel failed.", ("channel",), failing)
    since = {name: health.failing_since if health else None for name, health in named.items()}
    text = "Since when delivering to the channel fails; no sample while it works."
    yield gauges("channel_failing_since_timestamp_seconds", text, ("channel",), since)
    tried = {name: health.tried if health else None for name, health in named.items()}
    text = "When delivering to the channel was last tried."
    yield gauges("channel_last_attempt_timestamp_seconds", text, ("channel",), tried)
    delivered = {name: health.delivered if health else None for name, health in named.items()}
    text = "When the channel was last told everything."
    yield gauges("channel_last_delivery_timestamp_seconds", text, ("channel",), delivered)


def waiting_metrics(counts: Counts) -> Iterator[Metric]:
    """What is still to be told."""
    yield gauge("outbox_notices", "Notices that no channel has delivered yet.", counts.waiting)
    told = "Since when the oldest notice waits to be delivered; no sample where none waits."
    yield gauge("outbox_oldest_timestamp_seconds", told, counts.oldest)


def acting_metrics(counts: Counts) -> Iterator[Metric]:
    """What was and is being changed."""
    runs = {(state.value,): float(counts.runs.get(state, 0)) for state in RunState}
    yield gauges("runs", "Runs of playbooks that are kept, by state.", ("state",), runs)
    told = "Runs of playbooks whose time to be looked at again has come."
    yield gauge("runs_due", told, counts.due)
    steps = {(state.value,): float(counts.steps.get(state, 0)) for state in StepState}
    yield gauges("actions", "Actions of the runs that are kept, by state.", ("state",), steps)


def decision_metrics(counts: Counts) -> Iterator[Metric]:
    """What people said in chats."""
    yield gauge("snoozed_findings", "Findings that somebody put aside for a time.", counts.snoozed)
    unloved = {(rule,): float(count) for rule, count in counts.not_useful.items()}
    told = "How often people did not find it useful to be told of a finding of the rule."
    yield gauges("not_useful", told, ("rule",), unloved)
    asked = {
        (verb.value, word): float(counts.asked.get((verb, accepted), 0))
        for verb in ChatVerb
        for accepted, word in ((True, "accepted"), (False, "refused"))
    }
    told = "What was asked for in chats and is kept, by what it was and what came of it."
    yield gauges("chat_decisions", told, ("verb", "outcome"), asked)


def silence_metrics(
    waivers: Iterable[Waiver],
    standing: Collection[str],
    accepted: Iterable[AcceptedGap],
    gaps: Collection[str],
    now: datetime,
) -> Iterator[Metric]:
    """Waivers of findings that stand, and accepted gaps that are there, by how long they still hold."""
    silences: dict[str, list[Waiver | AcceptedGap]] = {
        "waiver": [one for one in latest(waivers) if one.fingerprint in standing],
        "accepted_gap": [one for one in accepted if one.fingerprint in gaps],
    }
    states = {(kind, state): 0.0 for kind in silences for state in ("holds", "ends_soon", "overdue")}
    for kind, found in silences.items():
        for one in found:
            states[kind, _state(one, now)] += 1
    told = f"Silences over something that still is there: overdue ones ended, soon is {SOON.days} days at most."
    yield gauges("silences", told, ("kind", "state"), states)


def _state(silence: Waiver | AcceptedGap, now: datetime) -> str:
    if silence.expires <= now:
        return "overdue"
    return "ends_soon" if ends_soon(silence, now) else "holds"
