"""Events: series that exist only once something has happened, so that their absence is good news. Pure."""

from __future__ import annotations

import re

from driftbot.collectors.prometheus_liveness_cause import Cause, Culprit
from driftbot.collectors.prometheus_liveness_names import metric_words
from driftbot.promql.selector import Match, Matcher, Selector

OUTCOME_LABELS = frozenset(
    {"alertname", "alertstate", "cause", "class", "code", "condition", "error", "error_type", "event", "exception"}
    | {"http_code", "http_status", "http_status_code", "level", "outcome", "phase", "reason", "response_code", "result"}
    | {"rcode", "response_flags", "severity", "signal", "state", "status", "status_code", "success", "type"}
    | {"grpc_code", "http_response_status_code", "returncode", "rpc_grpc_status_code", "exit_code", "exitcode"}
)
"""Labels that say how something went. A client library makes a series for ``code="500"`` when the first such answer is
given, and forgets it when the process ends."""

EVENT_WORDS = frozenset(
    {
        "abort",
        "aborted",
        "alert",
        "corrupt",
        "corrupted",
        "corruption",
        "crash",
        "denied",
        "discarded",
        "drop",
        "dropped",
        "err",
        "error",
    }
    | {
        "evicted",
        "eviction",
        "exception",
        "fail",
        "failed",
        "failing",
        "failure",
        "fatal",
        "invalid",
        "kill",
        "killed",
        "oom",
        "panic",
        "reason",
    }
    | {
        "refused",
        "rejected",
        "rejection",
        "terminated",
        "throttled",
        "timeout",
        "unauthorized",
        "unhealthy",
        "unreachable",
    }
)
"""Words, in the singular, of metrics that count or show what goes wrong."""

_SUCCESS = re.compile(r"0|[123]\d\d|[123](\.|x|X|\[0-9\]|\\d){2}|ok|OK|success|true|active|up|running|Running|ready")
"""Outcomes that are there as long as anything works."""


def waits_for_an_event(selector: Selector, why: Cause | None) -> bool:
    """Whether what has gone may only be waiting for something to go wrong again.

    A counter of errors is gone after a restart until the next error, and so is its ``code="500"``; not so a metric that
    counts requests, nor a job or a device.
    """
    if EVENT_WORDS & set(metric_words(selector.metric)):
        return True
    if why is None or why.culprit is Culprit.TOGETHER:
        return any(is_outcome(matcher) for matcher in selector.matchers)
    return why.matcher is not None and is_outcome(why.matcher)


def is_outcome(matcher: Matcher) -> bool:
    """Whether it chooses how something went, and not well."""
    if matcher.label.lower() not in OUTCOME_LABELS:
        return False
    return not (matcher.match in {Match.EQUAL, Match.REGEX} and _SUCCESS.fullmatch(matcher.value))
