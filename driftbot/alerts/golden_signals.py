"""The golden signals that an alert watches, judged by the names, matchers and functions of its conditions.

Traffic, errors, latency and saturation: https://sre.google/sre-book/monitoring-distributed-systems/, "The Four Golden
Signals". What says only that something is up (``up == 0``), that a certificate ends or that a job has not run is none
of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import promql_parser
from promql_parser import Call, Expr

from driftbot.alerts.definition import AlertDefinition
from driftbot.promql.condition import Condition, Join
from driftbot.promql.expression import NotPromQL, parse
from driftbot.promql.selector import Match, Matcher, selectors


class Signal(StrEnum):
    """One of the four golden signals."""

    TRAFFIC = "traffic"
    ERRORS = "errors"
    LATENCY = "latency"
    SATURATION = "saturation"


DEEPEST = 3
"""How many recording rules, one reading the next, are followed."""

_ERRORS = re.compile(
    r"errors?|(?:^|_)errs?(?:_|$)|fail|(?<!de)(?<!maj)fault(?!_tolerance)|missed|exception|panic|reject|refus|dropped|drop_count|abort|invalid|time_?outs?(?!_seconds)"
    r"|timed_out|denied|unroutable|corrupt|[45]_?xx|http_?code_.*[45]|burn_?rate|unavailable|probe_success|probe_http_status"
)
_LATENCY = re.compile(
    r"duration|latenc|(?:response|request|service|wait|process|processing|queue|query|rq)_time(?!stamp)|_rtt|round_trip"
    r"|ttfb|processing_delay|slow|paint|load_?event|response_?start|_time_(?:seconds|ms|milliseconds)|_ms_(?:bucket|sum)"
)
_SATURATION = re.compile(
    r"cpu|mem(?:ory)?(?:_|$)|heap|(?:^|_)rss|filesystem|disk|volume|storage_(?:size|used|free|bytes|avail)|inode"
    r"|_fds?(?:_|$)|majfault|file_?fd|file_descriptor|conntrack|swap|load(?:1|5|15|_)|pressure|throttl|(?:^|_)oom|evict"
    r"|queue|backlog|pending_(?:tasks|requests|jobs|bytes|messages|compaction)|depth|(?:^|_)lag|in_?flight|outstanding"
    r"|utili[sz]ation|usage|(?:^|_)used|saturat|capacity|limit|quota|connections|clients|sessions|(?:^|_)pool|busy|slots"
    r"|threads?(?:_|$)|workers|stall|buffer|(?:^|_)free|avail(?:able|_)|remaining|overflow|concurren|max_replicas"
    r"|horizontalpodautoscaler|seconds_behind|percent|gc_|garbage|processes|file_?size|bloat|map_areas|dead_?lock"
)
_TRAFFIC = re.compile(
    r"request|(?:^|_)r(?:e)?q(?:_|$)|hits|quer(?:y|ies)|calls|messages|events|records|transactions|xact|operations"
    r"|(?:^|_)ops|invocations|throughput|qps|rps|packets|received|sent|transmit|produced|consumed|published|processed"
    r"|handled|ingest|appended|commits|logins|jobs|samples|spans|bytes_total|scheduled|forwarded|completed|accepted"
)
_NO_SIGNAL = re.compile(
    r"uptime|start_time|boot_time|timestamp|last_(?:success|run|update|handled|reload)|expir|reload|_info$|not_after"
    r"|scrape_duration|created$|config_hash|build_|restarts?|paused|consumers$|(?<!max_)(?<!desired_)replicas|running"
)
_OF_REQUESTS = re.compile(r"request|response|http|rpc|query|operation|commit|fsync|_rq_|job|rule_group|pipeline")
_OF_TIME = re.compile(rf"_(?:seconds|ms|milliseconds)_bucket$|{_LATENCY.pattern}|delay|(?:^|_)time(?:_|$)")
_COUNTS = re.compile(r"_(?:count|total)$")
_STATUS = re.compile(
    r"(?:\w+_)?(?:status|code|status_code|result|outcome|exception|classification|level|state|reason|error|response_code"
    r"|code_class)"
)
_BAD = re.compile(
    r"(?i)(?:^|[^0-9a-z])\(?[45](?:xx|\.\.|\.\*|\.\+|\[|\d\d|$|\|)|err|fail|exception|unavail|reject|fatal"
)
_GOOD = re.compile(r"(?i)(?:^|[^0-9])\(?[123](?:xx|\.\.|\.\*|\[|\d\d|$)|ok|success|none|^$")
_RATES = frozenset({"rate", "irate", "increase", "sum_over_time", "count_over_time", "changes", "delta"})

Recorded = Mapping[str, tuple[str, ...]]
"""Expressions of recording rules by the metric they write."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A metric as a condition reads it."""

    metric: str
    matchers: tuple[Matcher, ...]
    rated: bool
    quantile: bool


def signals_of(alert: AlertDefinition, recorded: Recorded | None = None) -> frozenset[Signal]:
    """The golden signals that the alert watches; empty where it watches none of them.

    What stands to the right of ``and`` and ``unless`` only narrows the first condition, and watches nothing.
    """
    leading = [one for one in alert.conditions if not {Join.AND, Join.UNLESS} & set(one.joins)]
    return frozenset(signal for one in leading for signal in _of_condition(one, recorded or {}))


def _of_condition(condition: Condition, recorded: Recorded) -> frozenset[Signal]:
    found = _of_expression(condition.measured, recorded, DEEPEST)
    against = _of_expression(condition.against, recorded, DEEPEST) if condition.against else frozenset()
    found |= against
    return found - {Signal.TRAFFIC} if len(found) > 1 else found


def _of_expression(text: str, recorded: Recorded, depth: int) -> frozenset[Signal]:
    try:
        expression = parse(text)
    except NotPromQL:
        return frozenset()
    found: set[Signal] = set()
    since = _tells_age(expression)
    for read in _reads(expression):
        signal = _of_metric(read)
        if since and signal in {Signal.LATENCY, Signal.TRAFFIC}:
            continue
        inner = recorded.get(read.metric, ()) if depth and signal is None else ()
        found |= {signal} if signal else set()
        found |= {each for one in inner for each in _of_expression(one, recorded, depth - 1)}
    # The whole beside its failing part is what makes a ratio of it.
    return frozenset(found - {Signal.TRAFFIC} if len(found) > 1 else found)


def _reads(expression: Expr) -> Iterator[_Read]:
    rated: list[bool] = []
    quantile: list[bool] = []

    def look(node: Expr) -> None:
        if isinstance(node, Call):
            rated.append(node.func.name in _RATES)
            quantile.append(node.func.name == "histogram_quantile")

    promql_parser.walk(expression, look)
    for one in selectors(expression):
        yield _Read(one.metric, one.matchers, any(rated), any(quantile))


def _tells_age(expression: Expr) -> bool:
    """Whether it is about how long ago something was (``time() - …``), which is no request's latency."""
    called: list[str] = []
    promql_parser.walk(expression, lambda node: called.append(node.func.name) if isinstance(node, Call) else None)
    return "time" in called


def _of_metric(read: _Read) -> Signal | None:
    name = _snake(read.metric)
    if _NO_SIGNAL.search(name):
        return None
    if _ERRORS.search(name) or any(_tells_failure(matcher) for matcher in read.matchers):
        return Signal.ERRORS
    if read.quantile and _OF_TIME.search(name):
        return Signal.LATENCY
    of_time = bool(_LATENCY.search(name)) and not _COUNTS.search(name)
    if of_time and (_OF_REQUESTS.search(name) or not _SATURATION.search(name)):
        return Signal.LATENCY
    if _SATURATION.search(name):
        return Signal.SATURATION
    if _TRAFFIC.search(name) or (read.rated and name.endswith("_count")):
        return Signal.TRAFFIC
    return None


def _tells_failure(matcher: Matcher) -> bool:
    if not _STATUS.fullmatch(matcher.label):
        return False
    if matcher.match in {Match.EQUAL, Match.REGEX}:
        return bool(_BAD.search(matcher.value))
    return bool(_GOOD.search(matcher.value))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
