"""Silences that driftbot sets: how one is asked for, and how it is found again among all others. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from driftbot.actions.intent import Intent
from driftbot.alerts.matcher_syntax import read_matchers
from driftbot.core.harmless import harmless
from driftbot.promql.selector import Match

CREATOR = "driftbot"
LONGEST_COMMENT = 2_000
_MARK = re.compile(r"\[driftbot ([0-9a-f]{12}) ([0-9a-f]{16}) key ([0-9a-f]{1,64})\]")

Matching = tuple[str, str, bool, bool]
"""A matcher as the API names it: label, value, whether a regular expression, whether equal."""


class SilenceIntent(Intent):
    """A silence: which alerts, where, for how many seconds, and why."""

    source: str
    url: str
    matchers: tuple[str, ...]
    seconds: float
    comment: str
    fingerprint: str

    @property
    def step(self) -> str:
        """What tells this silence from others that are set for the same finding."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]

    @property
    def matching(self) -> frozenset[Matching]:
        """The matchers as the API names them."""
        return frozenset(
            (
                one.label,
                one.value,
                one.match in (Match.REGEX, Match.NOT_REGEX),
                one.match in (Match.EQUAL, Match.REGEX),
            )
            for text in self.matchers
            for one in read_matchers(text)
        )

    def body(self, key: str, now: datetime) -> dict[str, Any]:
        """What the API is sent (``postableSilence`` of Alertmanager's API v2)."""
        comment = harmless(self.comment, LONGEST_COMMENT)
        return {
            "matchers": [
                {"name": name, "value": value, "isRegex": regex, "isEqual": equal}
                for name, value, regex, equal in sorted(self.matching)
            ],
            "startsAt": _written(now),
            "endsAt": _written(now + timedelta(seconds=self.seconds)),
            "createdBy": CREATOR,
            "comment": f"{comment} [driftbot {self.fingerprint} {self.step} key {key}]",
        }


@dataclass(frozen=True, slots=True)
class OurSilence:
    """A silence whose comment says that driftbot set it, as it is now; ``key`` is that of the step that did."""

    id: str
    key: str
    step: str
    active: bool
    ends: datetime
    matching: frozenset[Matching]

    def is_of(self, intent: SilenceIntent) -> bool:
        """Whether it still says and mutes what the step had it say and mute."""
        return self.step == intent.step and self.matching == intent.matching


def our_silences(answer: Sequence[Any], known: str = "") -> tuple[OurSilence, ...]:
    """Those of a list of silences that driftbot set, the ones that end last first; what is odd is nobody's.

    One whose id is ``known`` to be ours counts although somebody wrote another comment.
    """
    found = (one for entry in answer if isinstance(entry, Mapping) for one in _ours(entry, known))
    return tuple(sorted(found, key=lambda one: (one.ends, one.id), reverse=True))


def _ours(entry: Mapping[str, Any], known: str) -> Iterator[OurSilence]:
    mark = _MARK.search(str(entry.get("comment") or ""))
    status = entry.get("status")
    try:
        ends = datetime.fromisoformat(str(entry.get("endsAt")))
    except ValueError:
        return
    id_ = str(entry.get("id"))
    if (mark is None and id_ != known) or not isinstance(status, Mapping) or ends.tzinfo is None:
        return
    matching = frozenset(_matching(one) for one in entry.get("matchers") or () if isinstance(one, Mapping))
    active = status.get("state") in ("active", "pending")
    _, step, key = mark.groups() if mark else ("", "", "")
    yield OurSilence(id_, key, step, active, ends, matching)


def _matching(entry: Mapping[str, Any]) -> Matching:
    equal = entry.get("isEqual") is not False
    return str(entry.get("name")), str(entry.get("value")), bool(entry.get("isRegex")), equal


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
