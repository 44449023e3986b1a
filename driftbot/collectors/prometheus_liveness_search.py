"""The search for what alerts no longer see: is it there, since when not, which part of it, and what came instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_liveness_cause import Cause, Culprit, cause, trials
from driftbot.collectors.prometheus_liveness_inquiry import MOST_QUESTIONS, Inquiry, Times
from driftbot.collectors.prometheus_liveness_past import COARSE, DAY, FINE, HORIZONS, HOUR, Fate, Past, last_told, past
from driftbot.collectors.prometheus_matrix import MatrixSeries
from driftbot.promql.selector import Selector
from driftbot.promql.selector_text import selector_text

NAMES = "/api/v1/label/__name__/values"
TARGETS_SEEN = "count(up)"
"""What a server has samples of as long as it scrapes (https://prometheus.io/docs/concepts/jobs_instances/)."""


@dataclass(slots=True)
class Search:
    """What was found out so far, by the text of a selector; what is not in ``pasts`` is not known.

    What ``aside`` cannot find out leaves a death without its cause and does not make it doubtful. ``told`` are the
    sentences of earlier nights about deaths: a server forgets them sooner than anybody mends the alert.
    """

    inquiry: Inquiry
    aside: Inquiry
    now: float
    told: Sequence[str] = ()
    pasts: dict[str, Past] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    names: tuple[str, ...] | None = None
    horizon: float = HORIZONS[0]

    def look(self, selectors: Mapping[str, Selector]) -> None:
        """Find the past of every selector, and the cause of each death.

        Where nothing at all is there, it is the server that sees nothing: then nothing is said of any selector.
        """
        there = presence(self.inquiry, _in_turn(list(selectors), self.now), self.now)
        self.pasts |= {text: Past(Fate.THERE, self.now) for text, seen in there.items() if seen}
        silent = [text for text, seen in there.items() if not seen]
        if not silent or not self._sees_anything(silent):
            return
        self._walk_back(silent)
        self._remember(silent)
        self._find_causes({text: selectors[text] for text in silent if text in self.pasts and self._missed(text)})

    def _missed(self, text: str) -> bool:
        return self.pasts[text].fate in {Fate.GONE, Fate.NEVER}

    def _sees_anything(self, silent: Sequence[str]) -> bool:
        """Whether the server has any series at all just now."""
        connection = self.inquiry.connection
        try:
            data = connection.get(NAMES, {"start": f"{self.now - HOUR:.0f}", "end": f"{self.now:.0f}"}).data
            self.inquiry.requests += 1
            self.names = tuple(str(name) for name in data) if isinstance(data, list) else None
        except AnswerProblem as problem:
            self.inquiry.spending.trouble(problem)
        if self.pasts or self.names:
            return True
        reason = f"{connection.url} has no series at all at the time of the scan; check that it is the right server"
        self.inquiry.leave(silent, reason)
        return False

    def _walk_back(self, silent: Sequence[str]) -> None:
        """Coarse steps over the horizon, then fine ones where it went."""
        self.horizon = next((each for each in HORIZONS if self._answers_about(silent[0], each)), HORIZONS[-1])
        sightings = self._sightings(silent, self._coarse(self.horizon))
        known_from = self._memory(sightings.values())
        self.pasts |= {text: past(times, self.now, known_from) for text, times in sightings.items()}
        went: dict[float, list[str]] = defaultdict(list)
        for text in silent:
            found = self.pasts.get(text)
            if found and found.fate is Fate.GONE and found.last_seen is not None:
                went[found.last_seen].append(text)
                # Not known until the step in which it went has been looked through: it may have gone minutes ago.
                del self.pasts[text]
        for last, texts in sorted(went.items(), reverse=True):
            times = Times(last - COARSE, min(last + COARSE, np.floor(self.now / FINE) * FINE), FINE)
            for text, seen in self._sightings(texts, times).items():
                exact = max([*seen, last - COARSE])
                self.pasts[text] = Past(Fate.THERE if self.now - exact < COARSE else Fate.GONE, exact)

    def _remember(self, silent: Iterable[str]) -> None:
        """What the server does not remember any more, and an earlier night told to be dead, is as dead as before."""
        for text in silent:
            if text in self.pasts and self.pasts[text].fate is Fate.NEVER:
                last = last_told(text, self.told)
                if last is not None:
                    self.pasts[text] = Past(Fate.GONE, last)

    def _memory(self, sightings: Iterable[Sequence[float]]) -> float:
        """Since when the server has known anything, as far as its targets and what it was asked about tell."""
        answers = self.aside.ask([TARGETS_SEEN], self._coarse(self.horizon))
        return min((seen[0] for seen in (*sightings, _times(answers.get(TARGETS_SEEN, ()))) if seen), default=self.now)

    def _answers_about(self, text: str, horizon: float) -> bool:
        """Whether the server answers a question about so long a time."""
        inquiry = self.inquiry
        probe = Inquiry(inquiry.connection, inquiry.context, inquiry.spending)
        answered = bool(probe.ask([f"count({text})"], self._coarse(horizon)))
        inquiry.requests += probe.requests
        return answered

    def _coarse(self, horizon: float) -> Times:
        end = np.floor(self.now / COARSE) * COARSE
        return Times(end - horizon, end, COARSE)

    def _sightings(self, texts: Iterable[str], times: Times) -> dict[str, list[float]]:
        questions = {f"count({text})": text for text in texts}
        answers = self.inquiry.ask(questions, times)
        return {questions[question]: _times(series) for question, series in answers.items()}

    def _find_causes(self, missed: Mapping[str, Selector]) -> None:
        smaller = {selector_text(trial) for selector in missed.values() for trial in trials(selector)}
        there = presence(self.aside, sorted(smaller - set(missed)), self.now)
        there |= dict.fromkeys(missed, False)
        for text, selector in missed.items():
            found = cause(selector, there.get)
            if found is not None:
                self.causes[text] = found

    def gone(self, culprits: set[Culprit]) -> list[str]:
        """The selectors that have gone because of such a culprit, the latest first."""
        found = [text for text, why in self.causes.items() if why.culprit in culprits]
        return sorted(found, key=lambda text: (-(self.pasts[text].last_seen or 0.0), text))


def presence(inquiry: Inquiry, texts: Iterable[str], at: float) -> dict[str, bool]:
    """Whether anything matches the selectors at a time; without those that were not answered."""
    questions = {f"count({text})": text for text in texts}
    answers = inquiry.ask(questions, Times.at(at))
    return {questions[question]: bool(series) for question, series in answers.items()}


def _in_turn(texts: list[str], now: float) -> list[str]:
    """The selectors in another order each day: what did not fit into the budget tonight comes earlier tomorrow."""
    turn = int(now // DAY) * MOST_QUESTIONS % max(1, len(texts))
    return texts[turn:] + texts[:turn]


def _times(series: Sequence[MatrixSeries]) -> list[float]:
    return sorted({float(time) for one in series for time in one.times})
