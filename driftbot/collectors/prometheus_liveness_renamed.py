"""What came instead: the metric, label or label value that a dead selector was probably renamed to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftbot.collectors.prometheus_liveness_cause import Cause, Culprit, others
from driftbot.collectors.prometheus_liveness_event import EVENT_WORDS, is_outcome
from driftbot.collectors.prometheus_liveness_inquiry import Answers, Inquiry, Times
from driftbot.collectors.prometheus_liveness_names import (
    Likeness,
    MetricNames,
    Standing,
    leading_metric,
    leading_value,
    metric_words,
)
from driftbot.collectors.prometheus_liveness_past import DAY, Fate
from driftbot.collectors.prometheus_liveness_search import Search, presence
from driftbot.promql.selector import Match, Selector
from driftbot.promql.selector_text import matcher_text, selector_text

MOST_TIMES = 40
"""Deaths at different times that a night looks for renamings at, the latest first: each takes a few requests."""

BEFORE = DAY
"""Seconds before the last sighting at which what came instead must not have been there: roll-outs take their time."""

MOST_VALUES = 200
"""Values of a label that are compared; with more it is no name of something but of an instance."""

_PLAIN_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a selector read, what is there instead, and why it is taken for the same."""

    old: str
    new: str
    because: str

    def __str__(self) -> str:
        return f"{self.old} → {self.new}: {self.because}"


def renamed(search: Search, selectors: Mapping[str, Selector]) -> dict[str, Renamed]:
    """What each dead selector was probably renamed to, by its text; only where one candidate clearly leads."""
    return {**_metrics(search, selectors), **_labels(search, selectors)}


def _metrics(search: Search, selectors: Mapping[str, Selector]) -> dict[str, Renamed]:
    if search.names is None:
        return {}
    known = MetricNames(search.names)
    found: dict[str, Renamed] = {}
    for last_seen, texts in _by_time(search, search.gone({Culprit.METRIC})):
        old = {text: selectors[text].metric for text in texts}
        like = {metric: known.like(metric) for metric in set(old.values())}
        if last_seen is None:
            like = {metric: _never_seen(metric, near) for metric, near in like.items()}
        else:
            like = {metric: _of_events(metric, near) for metric, near in like.items()}
        leading = _leading(search.aside, search.now, last_seen, like)
        found |= {text: leading[metric] for text, metric in old.items() if metric in leading}
    return found


def _never_seen(metric: str, near: Iterable[Likeness]) -> tuple[Likeness, ...]:
    """Of a metric that nobody has ever seen only one name is believed: its own with words of unit and kind added."""
    words = set(metric_words(metric))
    core = [one for one in near if one.core and (words < (new := set(metric_words(one.name))) or new < words)]
    return tuple(core) if len(core) == 1 else ()


def _of_events(metric: str, near: tuple[Likeness, ...]) -> tuple[Likeness, ...]:
    """Of what only counts failures just the same name is believed: other failures begin to be counted at any time."""
    return tuple(one for one in near if one.core) if EVENT_WORDS & set(metric_words(metric)) else near


def _leading(
    inquiry: Inquiry, now: float, last_seen: float | None, like: Mapping[str, Sequence[Likeness]]
) -> dict[str, Renamed]:
    names = sorted({one.name for near in like.values() for one in near})
    jobs = inquiry.ask(map(_jobs_of, names), Times.at(now))
    asked = [metric for metric, near in sorted(like.items()) if near] if last_seen is not None else []
    was = inquiry.ask(map(_jobs_of, asked), Times.at(last_seen or now))
    before = presence(inquiry, map(_text, names), last_seen - BEFORE) if last_seen is not None else {}
    standing = {
        name: Standing(before.get(_text(name), False), _values(jobs, _jobs_of(name), "job"))
        for name in names
        # Named and not there any more: a server lists names by blocks of hours.
        if jobs.get(_jobs_of(name)) and (last_seen is None or _text(name) in before)
    }
    found = {}
    for metric, near in like.items():
        best = leading_metric(near, standing, _values(was, _jobs_of(metric), "job"))
        if best is not None:
            because = best[1] if last_seen is not None else "only unit or kind differ, and no other name comes near"
            found[metric] = Renamed(metric, best[0], because)
    return found


def _labels(search: Search, selectors: Mapping[str, Selector]) -> dict[str, Renamed]:
    found: dict[str, Renamed] = {}
    for last_seen, texts in _by_time(search, search.gone({Culprit.MATCHER, Culprit.ALONE})):
        if last_seen is None:
            continue
        asked = {text: base for text in texts if (base := _base(selectors[text], search.causes[text])) is not None}
        questions = [question for text, base in asked.items() for question in _questions(base, search.causes[text])]
        then = search.aside.ask(questions, Times.at(last_seen - BEFORE))
        now = search.aside.ask(questions, Times.at(search.now))
        for text, base in asked.items():
            best = _value(search.causes[text], base, now, then) or _label(search.causes[text], base, now, then)
            if best is not None:
                found[text] = best
    return found


def _value(why: Cause, base: str, now: Answers, then: Answers) -> Renamed | None:
    """The label value that came instead."""
    assert why.matcher is not None
    label, (values, _) = why.matcher.label, _questions(base, why)
    if values not in now or values not in then or is_outcome(why.matcher):
        return None
    there, earlier = _values(now, values, label), _values(then, values, label)
    if len(there) >= MOST_VALUES or len(earlier) >= MOST_VALUES:
        return None
    best = leading_value(why.matcher.value, there, earlier)
    return best and Renamed(matcher_text(why.matcher), f'{label}="{best[0]}"', best[1])


def _label(why: Cause, base: str, now: Answers, then: Answers) -> Renamed | None:
    """The label that came instead of one that no series has any more."""
    assert why.matcher is not None
    label, (values, one) = why.matcher.label, _questions(base, why)
    if not now.get(values) or _values(now, values, label) or not now.get(one) or not then.get(one):
        return None
    new = sorted(set(now[one][0].labels) - set(then[one][0].labels) - {"__name__"})
    if len(new) != 1 or label not in then[one][0].labels:
        return None
    return Renamed(
        f"label {label}", f"label {new[0]}", f"no series has {label} any more, and {new[0]} is the only new one"
    )


def _base(selector: Selector, why: Cause) -> str | None:
    """What is left of the selector without the matcher that nothing matches; None where that says nothing."""
    matcher = why.matcher
    if matcher is None or matcher.match not in {Match.EQUAL, Match.REGEX} or not _PLAIN_LABEL.fullmatch(matcher.label):
        return None
    left = others(selector, matcher)
    return selector_text(left) if left.metric or left.matchers else None


def _questions(base: str, why: Cause) -> tuple[str, str]:
    """The values of the label, and one series with all its labels."""
    assert why.matcher is not None
    return f"topk({MOST_VALUES}, count by ({why.matcher.label}) ({base}))", f"topk(1, {base})"


def _by_time(search: Search, texts: Iterable[str]) -> Iterator[tuple[float | None, list[str]]]:
    """The selectors by the time at which they went, the latest first; None: never seen."""
    by_time: dict[float | None, list[str]] = defaultdict(list)
    for text in texts:
        past = search.pasts[text]
        by_time[past.last_seen if past.fate is Fate.GONE else None].append(text)
    yield from list(by_time.items())[:MOST_TIMES]


def _values(answers: Answers, question: str, label: str) -> frozenset[str]:
    return frozenset(value for one in answers.get(question, ()) if (value := one.labels.get(label, "")))


def _jobs_of(metric: str) -> str:
    return f"count by (job) ({_text(metric)})"


def _text(metric: str) -> str:
    return selector_text(Selector(metric))
