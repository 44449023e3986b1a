"""Alerts as Alertmanager's API v2 takes them: made of a digest, with labels that stay the same from night to night.

An alert *is* its labels: with other ones it is another alert, and the former has to be resolved. So nothing that moves
is a label, and what was sent is remembered with its labels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from driftbot.core.canonical import canonical
from driftbot.core.digest import Digest, Entry, Offer, Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Finding
from driftbot.core.history import Life
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.subject import Labels, labels_of
from driftbot.notifiers.alertmanager.options import OUR_LABELS, AlertmanagerChannelOptions
from driftbot.notifiers.plain_text import plain

LONGEST_LABEL = 200
"""Characters of a label's value (ours: what a list of alerts can show)."""
LONGEST_ANNOTATION = 1_000
MOST_BLIND = 20
"""Lines about what could not be read in one alert; the others are counted."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much a resolution lies in the past: an end that is still to come by Alertmanager's clock would be no end."""

_NO_NAME = re.compile(r"[^a-zA-Z0-9_]")


class AlertName(StrEnum):
    """``alertname``: a finding that drifts, its owner asked because nobody mended it, a night that could not read
    what it had to, and something else to be told once.
    """

    DRIFT = "DriftbotDrift"
    ESCALATION = "DriftbotEscalation"
    BLIND = "DriftbotBlind"
    NOTICE = "DriftbotNotice"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. ``entry`` is what it is about, None where it is no finding's."""

    key: str
    labels: Labels
    starts: datetime
    ends: datetime
    annotations: Labels = ()
    link: str = ""
    entry: Entry | None = field(default=None, compare=False)

    @property
    def content(self) -> str:
        """SHA-256 of all that people see of it: everything but its end, which moves on night by night."""
        seen = (self.labels, self.starts.isoformat(), self.annotations, self.link)
        return hashlib.sha256(canonical(seen).encode()).hexdigest()

    @property
    def reference(self) -> str:
        """What Alertmanager calls it: its labels, and when it began."""
        return canonical({"labels": dict(self.labels), "starts": self.starts.isoformat()})

    @classmethod
    def remembered(cls, key: str, reference: str, now: datetime, night: datetime) -> Self:
        """The end of an alert that was sent: resolved by the night that did not find it any more.

        Raises:
            ValueError: the reference is none.
        """
        try:
            kept = json.loads(reference)
            labels, starts = labels_of(kept["labels"]), datetime.fromisoformat(kept["starts"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the reference of {key} is damaged: {error!r}") from None
        return cls(key, labels, starts, max(starts, min(night, now - CLOCKS_DIFFER)))

    def body(self) -> dict[str, Any]:
        """What the API is sent (``postableAlert``)."""
        written: dict[str, Any] = {
            "labels": dict(self.labels),
            "startsAt": _written(self.starts),
            "endsAt": _written(self.ends),
            "annotations": dict(self.annotations),
        }
        return {**written, "generatorURL": self.link} if self.link else written


@dataclass(frozen=True, slots=True)
class AlertBook:
    """Makes the alerts of one digest. ``began`` is since when an alert of that key fires, as far as is remembered."""

    digest: Digest
    options: AlertmanagerChannelOptions
    began: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def ends(self) -> datetime:
        """When they end by themselves: well after the next night, so that one late or missed night resolves nothing."""
        now = self.digest.now
        return max(now, self.digest.next_night or now + timedelta(days=1)) + self.options.lasts

    def standing(self) -> Iterator[Alert]:
        """The alerts that fire as long as what they are about stands, sorted by key."""
        found = [alert for entry in self.digest.entries if fires(entry) for alert in self._of_entry(entry)]
        if self.digest.exit_code is ExitCode.BLIND:
            found.append(self._blind())
        yield from sorted(found, key=lambda alert: alert.key)

    def notice(self, notice: OutboxNotice) -> Alert:
        """What is told once: an alert that nobody sends again and that ends by itself."""
        about = next((one for one in self.digest.entries if one.fingerprint == notice.fingerprint), None)
        labels = self._labels(
            AlertName.NOTICE,
            {"fingerprint": notice.fingerprint, **(self._about(about) if about else {}), "notice": notice.kind},
        )
        annotations = _annotations(summary=notice.title, description=notice.body)
        key, now = notice.message_key, self.digest.now
        return Alert(key, labels, now, self.ends, annotations, self._link(notice.fingerprint), about)

    def _of_entry(self, entry: Entry) -> Iterator[Alert]:
        labels = self._labels(AlertName.DRIFT, self._about(entry))
        told = _told(entry)
        yield self._alert(entry.fingerprint, labels, self._since(entry), told, entry)
        if entry.escalated:
            more = {**dict(told), "summary": f"Not mended in time: {dict(told)['summary']}"}
            labels = self._labels(AlertName.ESCALATION, self._about(entry))
            yield self._alert(entry.fingerprint, labels, entry.escalated, labels_of(more), entry)

    def _blind(self) -> Alert:
        lines = self.digest.blind
        left = len(lines) - MOST_BLIND
        shown = [plain(line) for line in lines[:MOST_BLIND]] + ([f"and {left:,} more"] if left > 0 else [])
        annotations = labels_of(
            {
                "summary": f"driftbot could not read {len(lines):,} things that its rules need",
                "description": "\n".join(shown) or "see what `driftbot scan` says",
            }
        )
        labels = self._labels(AlertName.BLIND, {"severity": "high"})
        return self._alert("blind", labels, self.digest.night, annotations, None)

    def _alert(self, about: str, labels: Labels, since: datetime, told: Labels, entry: Entry | None) -> Alert:
        key = f"alert:{about}:{hashlib.sha256(canonical(labels).encode()).hexdigest()[:8]}"
        starts = min(self.began.get(key, since), self.digest.now)
        return Alert(key, labels, starts, self.ends, told, self._link(about) if entry else "", entry)

    def _since(self, entry: Entry) -> datetime:
        """When it began; of what came back that is remembered alone."""
        return entry.life.first_seen if entry.life.times_opened <= 1 else self.digest.night

    def _about(self, entry: Entry) -> dict[str, str]:
        subject = entry.finding.subject
        carried = {_name(name): subject.label(name) or "" for name in self.options.subject_labels}
        ours = {
            "fingerprint": entry.fingerprint,
            "rule": entry.finding.rule,
            "kind": subject.kind,
            "subject": subject.name,
            "environment": subject.environment,
            "severity": entry.finding.severity.value,
            "owner": entry.owner,
        }
        return {**{name: value for name, value in carried.items() if name not in OUR_LABELS}, **ours}

    def _labels(self, name: AlertName, about: Mapping[str, str]) -> Labels:
        labels = {**about, **self.options.labels, "alertname": name.value}
        # A label without a value is none in Alertmanager's eyes.
        return labels_of({key: shown for key, value in labels.items() if (shown := plain(value, LONGEST_LABEL))})

    def _link(self, fingerprint: str) -> str:
        return (self.options.link or "").replace("{fingerprint}", fingerprint)


def fires(entry: Entry) -> bool:
    """Whether it is an alert: drift, put aside or not, also while it cannot be judged; never what nobody judged yet."""
    return entry.standing is not Standing.FIXED and entry.life.life is not Life.UNREAD


def _told(entry: Entry) -> Labels:
    finding, rule, offer = entry.finding, entry.rule, entry.offer
    return _annotations(
        summary=f"{finding.title or finding.rule}: {finding.subject}",
        description=_description(finding),
        observed=finding.observed,
        expected=finding.expected,
        unread="; ".join(finding.reasons) if entry.standing is Standing.UNREAD else "",
        why=rule.why if rule else "",
        lesson=rule.lesson.summary if rule else "",
        incident=rule.lesson.incident if rule else "",
        incident_url=rule.lesson.url if rule else "",
        remedy=_remedy(offer) if offer else "",
        explain=f"driftbot explain {entry.fingerprint}",
    )


def _remedy(offer: Offer) -> str:
    """What would be done, and that it is held back where it is: an alert has no button that would say so."""
    told = f"{offer.told} (playbook {offer.playbook})"
    return f"{told}; held back: {'; '.join(offer.held)}" if offer.held else told


def _description(finding: Finding) -> str:
    compared = (("observed", finding.observed), ("expected", finding.expected))
    return "; ".join(part for part in (finding.message, *(f"{word} {text}" for word, text in compared if text)) if part)


def _annotations(**texts: str) -> Labels:
    return labels_of({name: shown for name, text in texts.items() if (shown := plain(text, LONGEST_ANNOTATION))})


def _name(label: str) -> str:
    """A label's name as Alertmanager takes it: ``app.kubernetes.io/name`` becomes ``app_kubernetes_io_name``."""
    plain = _NO_NAME.sub("_", label)[:LONGEST_LABEL] or "_"
    return f"_{plain}" if plain[0].isdigit() else plain


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
