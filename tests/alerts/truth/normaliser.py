"""The truth about tuned alerts: the net change of threshold and of ``for`` between two trees of rule files.

Read with plain PyYAML, paired by a careful identity of its own; nothing of the product is imported. Where the truth is
not sure who is who, it says so (``Pairing.crowds``) rather than guess.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import yaml

from tests.alerts.truth.thresholds import Reading, Threshold, Unreadable, read, seconds


class What(StrEnum):
    """What of an alert changed."""

    THRESHOLD = "threshold"
    HOLD = "for"


class Way(StrEnum):
    """Looser: fires for less, or later.

    Unsure: a band, an equality, behind ``unless``, compared with ``bool``, inside a function, or another side as well.
    """

    LOOSER = "looser"
    STRICTER = "stricter"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its file says; ``hold`` in seconds (absent: 0), ``reading`` None where the text is not readable."""

    path: str
    group: str
    name: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    expression: str
    hold: float
    reading: Reading | None = None
    only: bool = True
    """Whether no other alert of its group bears its name."""

    @property
    def text(self) -> str:
        """The expression, spaces and comments evened out."""
        return self.reading.text if self.reading else " ".join(self.expression.split())

    @property
    def shape(self) -> str:
        """The expression with the numbers compared with masked."""
        return self.reading.shape if self.reading else self.text

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        return self.reading.thresholds if self.reading else ()


@dataclass(frozen=True, slots=True)
class NetChange:
    """One change of one alert between two trees. ``measured``: which side's threshold (empty for ``for``).

    ``alone``: but for its thresholds the expression is what it was.
    """

    what: What
    before: Alert
    after: Alert
    old: float
    new: float
    way: Way
    measured: str = ""
    alone: bool = True


@dataclass(slots=True)
class Pairing:
    """Who is who in two trees. Crowds: one name in both trees, borne by more alerts here than there; none is paired."""

    pairs: list[tuple[Alert, Alert]] = field(default_factory=list)
    born: list[Alert] = field(default_factory=list)
    gone: list[Alert] = field(default_factory=list)
    crowds: list[tuple[tuple[Alert, ...], tuple[Alert, ...]]] = field(default_factory=list)


def alerts(files: Mapping[str, bytes | str]) -> tuple[Alert, ...]:
    """The alerts of a tree (path → content) in order of path and place. Files that are no YAML are passed over."""
    return tuple(alert for path in sorted(files) for alert in _alerts_of(path, files[path]))


@lru_cache(maxsize=10_000)
def _alerts_of(path: str, content: bytes | str) -> tuple[Alert, ...]:
    return tuple(_declared(path, content))


def _declared(path: str, content: bytes | str) -> Iterator[Alert]:
    try:
        documents = list(yaml.load_all(content, yaml.CSafeLoader))
    except yaml.YAMLError:
        return
    for document in documents:
        groups = document.get("groups") if isinstance(document, dict) else None
        for group in groups or ():
            rules = [rule for rule in group.get("rules") or () if "alert" in rule]
            names = Counter(str(rule["alert"]) for rule in rules)
            yield from (_alert(path, str(group["name"]), rule, names[str(rule["alert"])] == 1) for rule in rules)


def _alert(path: str, group: str, rule: Mapping[str, object], only: bool) -> Alert:
    labels = rule.get("labels")
    named = {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
    expression = str(rule["expr"])
    try:
        reading = read(expression)
    except Unreadable:
        reading = None
    hold = seconds(str(rule.get("for") or "0"))
    severity = named.pop("severity", "")
    pairs = tuple(sorted(named.items()))
    return Alert(path, group, str(rule["alert"]), severity, pairs, expression, hold, reading, only)


Key = Callable[[Alert], Hashable]
_STAGES: tuple[Key, ...] = (
    lambda one: (one.path, one.group, one.name, one.severity, one.labels, one.text, one.hold),
    lambda one: (one.path, one.group, one.name, one.severity, one.labels, one.text),
    lambda one: (one.path, one.group, one.name, one.severity, one.text),
    lambda one: (one.path, one.group, one.name, one.severity, one.labels, one.shape),
    lambda one: (one.path, one.group, one.name, one.severity, one.shape),
    lambda one: (one.path, one.group, one.name, one.text),
    lambda one: (one.group, one.name, one.severity, one.text, one.hold),
    lambda one: (one.name, one.severity, one.text, one.hold),
    lambda one: (one.group, one.name, one.severity, one.text),
    lambda one: (one.name, one.severity, one.text),
    lambda one: (one.path, one.group, one.severity, one.text),
    lambda one: (one.path, one.group, one.text),
    lambda one: (one.name, one.text),
    lambda one: (one.name, one.severity, one.shape),
    lambda one: (one.path, one.group, one.name, one.severity),
    lambda one: (one.path, one.group, one.severity, one.shape),
    lambda one: (one.path, one.group, one.name, one.shape),
    lambda one: (one.path, one.group, one.name, one.hold),
    lambda one: (one.path, one.group, one.name) if one.only else None,
    lambda one: (one.group, one.name, one.severity),
    lambda one: (one.name, one.severity),
)
"""Who is who, surest first: as it stood, its numbers changed, moved, renamed, rewritten."""


def _in_place(one: Alert) -> Hashable:
    return one.path, one.group, one.name, one.severity


def paired(before: Sequence[Alert], after: Sequence[Alert]) -> Pairing:
    """Who of the first tree is who of the second.

    At each stage those pair of whom both trees have one; identical ones (copies) pair in order. What several could be
    is left for a later stage. At last those of one name in one group pair by their place, if they are as many as they
    were; if not they are a crowd, and nobody's truth.
    """
    pairing, old, new = Pairing(), list(before), list(after)
    for stage in _STAGES:
        ours, theirs = _by(old, stage), _by(new, stage)
        for key in [key for key in ours if key in theirs and key is not None]:
            if len(ours[key]) == len(theirs[key]) == 1 or _copies(ours[key], theirs[key]):
                pairing.pairs.extend(zip(ours[key], theirs[key], strict=False))
        old, new = _left(pairing, old), _left(pairing, new)
    ours, theirs = _by(old, _in_place), _by(new, _in_place)
    for key in [key for key in ours if len(ours[key]) == len(theirs.get(key, ()))]:
        pairing.pairs.extend(zip(ours[key], theirs[key], strict=True))
    old, new = _left(pairing, old), _left(pairing, new)
    crowded = _by(old, _STAGES[-1]).keys() & _by(new, _STAGES[-1]).keys()
    for key in sorted(crowded, key=str):
        pairing.crowds.append((tuple(_by(old, _STAGES[-1])[key]), tuple(_by(new, _STAGES[-1])[key])))
    pairing.gone = [one for one in old if _STAGES[-1](one) not in crowded]
    pairing.born = [one for one in new if _STAGES[-1](one) not in crowded]
    return pairing


def _left(pairing: Pairing, found: Iterable[Alert]) -> list[Alert]:
    done = {id(one) for pair in pairing.pairs for one in pair}
    return [one for one in found if id(one) not in done]


def _by(found: Iterable[Alert], key: Key) -> dict[Hashable, list[Alert]]:
    grouped: dict[Hashable, list[Alert]] = defaultdict(list)
    for one in found:
        grouped[key(one)].append(one)
    return grouped


def _copies(ours: Sequence[Alert], theirs: Sequence[Alert]) -> bool:
    """Whether it does not matter who is who: each is the other's copy in all that counts here."""
    return len({(one.text, one.hold) for one in (*ours, *theirs)}) == 1


def net_changes(pairing: Pairing) -> list[NetChange]:
    """The changes of threshold and of ``for`` of all pairs."""
    return [change for before, after in pairing.pairs for change in changes_of(before, after)]


def changes_of(before: Alert, after: Alert) -> Iterator[NetChange]:
    """The changes of one alert.

    Thresholds are compared where both texts compare the same way the same number of times, in order (``>`` and ``>=``
    are one way), or do so outside of functions, or have a single one; else those whose measured side stands once in
    both, compared the same way. The rest is a rewritten expression, not a tuned one.
    """
    if before.hold != after.hold:
        way = Way.LOOSER if after.hold > before.hold else Way.STRICTER
        yield NetChange(What.HOLD, before, after, before.hold, after.hold, way)
    alone = before.shape == after.shape
    for old, new in _aligned(before.thresholds, after.thresholds):
        if old.number != new.number:
            way = _way(old, new, before, after)
            yield NetChange(What.THRESHOLD, before, after, old.number, new.number, way, old.measured, alone)


def _aligned(before: Sequence[Threshold], after: Sequence[Threshold]) -> Iterable[tuple[Threshold, Threshold]]:
    outside = [one for one in before if not one.nested], [one for one in after if not one.nested]
    for old, new in ((before, after), outside):
        if _ways(old) == _ways(new) or len(old) == len(new) == 1:
            return zip(old, new, strict=True)
    sides = Counter(map(_side, before)), Counter(map(_side, after))
    sure = [side for side in sides[0] if sides[0][side] == sides[1][side] == 1]
    return [
        (next(one for one in before if _side(one) == side), next(one for one in after if _side(one) == side))
        for side in sure
    ]


def _ways(found: Iterable[Threshold]) -> list[str]:
    return [one.sign[0] for one in found]


def _side(one: Threshold) -> tuple[str, str]:
    return one.measured, one.sign[0]


def _way(old: Threshold, new: Threshold, before: Alert, after: Alert) -> Way:
    if old.sign[0] not in "<>" or old.inverted or old.boolean or _banded(old, before) or _banded(new, after):
        return Way.UNSURE
    if (old.measured, old.sign[0]) != (new.measured, new.sign[0]) or old.nested:
        return Way.UNSURE
    return Way.LOOSER if (new.number > old.number) == (old.sign[0] == ">") else Way.STRICTER


def _banded(one: Threshold, alert: Alert) -> bool:
    """Whether the same side is held against another number as well."""
    return sum(other.measured == one.measured for other in alert.thresholds) > 1
