"""How often what conditions read is scraped: by targets, by a recording rule's group, else by the samples' distance."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from driftbot.collectors.alert_rule import CONDITION
from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_connection import Connection
from driftbot.collectors.prometheus_liveness_estate import Watched, Watching, text_of
from driftbot.collectors.prometheus_liveness_inquiry import QUERY_RANGE, Answers, Inquiry, Times
from driftbot.collectors.prometheus_rules import listed
from driftbot.collectors.prometheus_scope import Scoped
from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.key import Delivery, Key, ValueType
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.snapshot import Reading
from driftbot.promql.sight import looks

TARGETS = "/api/v1/targets"
SCRAPE_INTERVAL, SCRAPES, RATES = "scrape_interval", "scrapes_a_window", "takes_rates"
_BY = ("prometheus",)

INTERVAL_KEYS = (
    Key(
        CONDITION,
        SCRAPE_INTERVAL,
        ValueType.QUANTITY,
        "the longest scrape interval of the targets that its metrics come from, for recorded ones the interval of the"
        " rule's group; not said where it is not sure",
        Unit.SECONDS,
        _BY,
        Delivery.ON_DEMAND,
    ),
    Key(
        CONDITION,
        RATES,
        ValueType.FLAG,
        "whether its measured side takes a rate over a range (rate, irate, increase, delta, idelta, deriv,"
        " predict_linear)",
        None,
        _BY,
        Delivery.ON_DEMAND,
    ),
    Key(
        CONDITION,
        SCRAPES,
        ValueType.QUANTITY,
        "how many scrapes the range of a rate spans, the fewest where it takes several rates; not said where it takes"
        " none or the scrape interval is not sure",
        Unit.COUNT,
        _BY,
        Delivery.ON_DEMAND,
    ),
)

SPAN = 1_800.0
"""Seconds over which samples are counted where no target tells the interval."""

USUAL = (1.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Intervals that people set; the number of samples in half an hour tells them apart even if one or two are missing."""

QUARTER = 0.25
"""The lower quartile and the largest of the numbers of samples must tell the same interval: some targets fail a few
scrapes, and series of two intervals tell none."""


def intervals(
    connection: Connection,
    context: Context,
    spending: Spending,
    wanted: frozenset[str],
    conditions: Sequence[Scoped],
    rules: Sequence[Scoped],
) -> Reading:
    """The wanted facts of ``INTERVAL_KEYS``."""
    watching = Watching.of(conditions, rules, "measured")
    inquiry = Inquiry(connection, context, spending)
    pace = _paces(watching, inquiry, context.as_of.timestamp())
    origin = Origin(context.source, f"{connection.url}{QUERY_RANGE}")
    facts = tuple(
        Fact(each.rule.subject, key, value, View.OBSERVED, Provenance.EXPLICIT, origin)
        for each in watching.alerts
        for key, value in _said(each, pace)
        if key in wanted
    )
    covered = Coverage(context.source, context.environment, CONDITION, wanted, tuple(inquiry.gaps()))
    return Reading(facts=facts, coverage=(covered,))


def _said(condition: Watched, pace: Mapping[str, float]) -> Iterator[tuple[str, Value]]:
    read = [look for look in looks(condition.sight) if not look.fixed]
    known = [pace.get(text_of(look), 0.0) for look in read]
    if known and all(known):
        yield SCRAPE_INTERVAL, Quantity(max(known), Unit.SECONDS)
    rated = [look for look in read if look.rated]
    yield RATES, bool(rated)
    if rated and all(text_of(look) in pace for look in rated):
        yield SCRAPES, Quantity(min(look.rated / pace[text_of(look)] for look in rated), Unit.COUNT)


def _paces(watching: Watching, inquiry: Inquiry, now: float) -> dict[str, float]:
    """Seconds between samples of what each selector reads; without those of which it is not sure."""
    read = {text_of(look): look for one in watching.alerts for look in looks(one.sight) if not look.fixed}
    recorded = {text for text, look in read.items() if look.selector.metric in watching.recorders}
    scraped = sorted(set(read) - recorded)
    found = {text: pace for text in recorded if (pace := _of_rules(watching.recorders[read[text].selector.metric]))}
    found |= _of_targets(scraped, inquiry, now)
    return found | _of_samples([text for text in scraped if text not in found], inquiry, now)


def _of_rules(rules: Iterable[Watched]) -> float:
    """The longest interval of the rules that record a metric; 0 where one is not known."""
    stated = [rule.rule.value("interval") for rule in rules]
    known = [value.value for value in stated if isinstance(value, Quantity)]
    return max(known) if len(known) == len(stated) else 0.0


def _of_targets(texts: Sequence[str], inquiry: Inquiry, now: float) -> dict[str, float]:
    of_job = target_intervals(inquiry) if texts else {}
    if not of_job:
        return {}
    answers = inquiry.ask([f"count by (job) ({text})" for text in texts], Times.at(now))
    found = {}
    for text in texts:
        jobs = {one.labels.get("job", "") for one in answers.get(f"count by (job) ({text})", ())}
        if jobs and jobs <= of_job.keys():
            found[text] = max(of_job[job] for job in jobs)
    return found


def target_intervals(inquiry: Inquiry) -> dict[str, float]:
    """The longest scrape interval (seconds) of the targets of each job; empty where the server tells none."""
    connection = inquiry.connection
    try:
        answer = connection.get(TARGETS, {"state": "active"})
    except AnswerProblem:
        return {}
    found: dict[str, float] = {}
    for target in listed(answer.data, "activeTargets"):
        job, seconds = _target(target)
        if job and seconds:
            found[job] = max(seconds, found.get(job, 0.0))
    return found


def _target(target: Any) -> tuple[str, float]:
    labels = target.get("labels") if isinstance(target, Mapping) else None
    if not isinstance(labels, Mapping):
        return "", 0.0
    try:
        return str(labels.get("job") or ""), parse_quantity(str(target.get("scrapeInterval")), Unit.SECONDS).value
    except NotAQuantity:
        return "", 0.0


def _of_samples(texts: Collection[str], inquiry: Inquiry, now: float) -> dict[str, float]:
    # A series that began within the span has fewer samples than its interval gives.
    counted = {text: f"count_over_time({text}[{SPAN:.0f}s]) and {text} offset {SPAN:.0f}s" for text in texts}
    questions = [ask for of in counted.values() for ask in (f"quantile({QUARTER}, {of})", f"max({of})")]
    answers = inquiry.ask(questions, Times.at(now))
    found = {}
    for text, of in counted.items():
        fewest, most = (_number(answers, f"{how}{of})") for how in (f"quantile({QUARTER}, ", "max("))
        interval = usual_interval(fewest)
        if interval and interval == usual_interval(most):
            found[text] = interval
    return found


def usual_interval(samples: float) -> float:
    """The usual interval (seconds) that gives so many samples in ``SPAN``; 0 where none does."""
    fitting = [each for each in USUAL if abs(SPAN / each - samples) <= max(1.0, 0.02 * SPAN / each)]
    return fitting[0] if samples and len(fitting) == 1 else 0.0


def _number(answers: Answers, question: str) -> float:
    series = answers.get(question, ())
    return float(series[0].values[-1]) if series and len(series[0].values) else 0.0
