"""Liveness as facts about alerts: what each does not see any more, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from driftbot.collectors.prometheus_liveness_cause import Cause, Culprit
from driftbot.collectors.prometheus_liveness_estate import Watched, Watching, text_of
from driftbot.collectors.prometheus_liveness_event import waits_for_an_event
from driftbot.collectors.prometheus_liveness_past import COARSE, Fate, Past, told_of
from driftbot.collectors.prometheus_liveness_renamed import Renamed
from driftbot.core.fact import Value
from driftbot.promql.sight import Look, Lost, Outlook, best, looks, outlook

SELECTORS, RENAMED, RECORDING = "dead.selectors", "dead.renamed", "dead.recording"
LAST_SEEN, NEVER_SEEN = "dead.last_seen", "dead.never_seen"

_NOTHING_HELD_BACK = "; it stands after unless, so nothing is held back any more and the alert fires more"


@dataclass(frozen=True)
class Findings:
    """What the search found, by the text of a selector; ``kept`` is how far back the server can know, in words."""

    watching: Watching
    now: float
    pasts: Mapping[str, Past]
    causes: Mapping[str, Cause]
    renamed: Mapping[str, Renamed]
    kept: str

    def of(self, alert: Watched, at_home: bool) -> Iterator[tuple[str, Value]]:
        """The keys of an alert with their values; none where it is not known whether it still sees everything.

        ``at_home`` is false for alerts that this server has not loaded: where it has never seen anything that they
        read, they are another server's.
        """
        seen = outlook(alert.sight, self._outlook)
        read = {text_of(look) for look in looks(alert.sight)}
        never = self._never(read)
        if (seen.unsure and not seen.lost) or (read and never == read and not at_home):
            return
        lost = sorted(set(seen.lost))
        texts = sorted({text_of(one.look) for one in lost})
        yield SELECTORS, tuple(sorted({self._told(one) for one in lost}))
        yield RENAMED, tuple(sorted({str(self.renamed[text]) for text in texts if text in self.renamed}))
        yield RECORDING, tuple(sorted({told for one in lost for told in self._recording(one)}))
        yield NEVER_SEEN, tuple(sorted(never - set(texts)))
        since = [past.last_seen for text in texts if (past := self.pasts[text]).last_seen is not None]
        if since:
            yield LAST_SEEN, datetime.fromtimestamp(min(since), UTC)

    def _never(self, texts: Iterable[str]) -> set[str]:
        return {text for text in texts if (past := self.pasts.get(text)) and past.fate is Fate.NEVER}

    def _outlook(self, look: Look, through: tuple[str, ...] = ()) -> Outlook:
        """What is lost of one look: its own series, and what the recording rules that give them have lost."""
        own, metric = self._own(look, through), look.selector.metric
        rules = self.watching.recorders.get(metric, ())
        if look.fixed or not rules or metric in through:
            return own
        inputs = best([outlook(rule.sight, lambda each: self._outlook(each, (*through, metric))) for rule in rules])
        return Outlook((*own.lost, *inputs.lost), own.unsure or inputs.unsure)

    def _own(self, look: Look, through: tuple[str, ...]) -> Outlook:
        text = text_of(look)
        past = self.pasts.get(text)
        if look.fixed:
            return Outlook()
        if past is None:
            return Outlook(unsure=True)
        in_window = past.last_seen is not None and self.now - past.last_seen < max(COARSE, look.window)
        waits = waits_for_an_event(look.selector, self.causes.get(text)) and not self._stopped(look.selector.metric)
        gone = past.fate is Fate.GONE and not waits
        renamed = past.fate in {Fate.GONE, Fate.NEVER} and text in self.renamed
        missed = (gone or renamed) and not in_window
        return Outlook((Lost(look, through=through),)) if missed else Outlook()

    def _stopped(self, metric: str) -> bool:
        """Whether it is a recorded metric that no rule records any more, or only rules that cannot be evaluated."""
        rules = self.watching.recorders.get(metric, ())
        return all(rule.rule.value("health") == "err" for rule in rules) if rules else ":" in metric

    def _told(self, lost: Lost) -> str:
        text = text_of(lost.look)
        why, last = self.causes.get(text), self.pasts[text].last_seen
        reason = why.told(lost.look.selector) if why else "nothing matches it any more"
        through = f", read by the recording rule {' and then '.join(lost.through)}" if lost.through else ""
        return told_of(text, through, reason, last, self.kept) + (_NOTHING_HELD_BACK if lost.held_back else "")

    def _recording(self, lost: Lost) -> Iterator[str]:
        """Why a recorded metric is not there; nothing of one that no rule records, unless its name says otherwise."""
        metric, why = lost.look.selector.metric, self.causes.get(text_of(lost.look))
        rules = self.watching.recorders.get(metric, ())
        if not rules and ":" in metric and (why is None or why.culprit is Culprit.METRIC):
            yield f"{metric}: no rule that is known records it any more"
        for rule in rules:
            yield f"{metric}: its rule in group {rule.rule.value('rule.group') or 'without name'} {self._fault(rule)}"

    def _fault(self, rule: Watched) -> str:
        if rule.rule.value("health") == "err":
            return f"cannot be evaluated: {rule.rule.value('error') or 'the server gives no reason'}"
        inputs = outlook(rule.sight, self._outlook)
        if inputs.lost:
            return f"has lost what it reads: {', '.join(sorted({text_of(one.look) for one in inputs.lost}))}"
        return "is evaluated and gives no such series" if rule.rule.value("health") == "ok" else "gives no such series"
