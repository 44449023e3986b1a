"""Reading signals: files of the package and a user's entries, all errors at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from driftbot.core.key import KEY_NAME
from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity
from driftbot.core.subject import labels_of
from driftbot.promql.expression import NotPromQL, parse
from driftbot.signals.release import ReleaseSignal
from driftbot.signals.signal import PLACEHOLDER, Aggregation, Signal


def _seconds(value: Any) -> Any:
    try:
        return parse_quantity(value, Unit.SECONDS).value
    except NotAQuantity as error:
        raise ValueError(str(error)) from None


def _check_pattern(pattern: str) -> None:
    if not PLACEHOLDER.findall(pattern):
        raise ValueError(f"subject {pattern!r} names no label of the answer; write it like {{namespace}}/{{pod}}")


def _check_query(query: str) -> None:
    try:
        parse(query)
    except NotPromQL as error:
        raise ValueError(f"query is not PromQL: {' '.join(str(error).split())}") from None


SignalName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*$", description="unique; a shipped one is replaced"),
]
SubjectKind = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="kind of subject: workload, job, service, …")
]


class SignalEntry(BaseModel):
    """A signal as people write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: SignalName
    kind: SubjectKind
    key: Annotated[str, Field(pattern=f"^{KEY_NAME.pattern}$", description="the key's name in rules")]
    unit: Annotated[Unit, Field(description="unit of the query's values")]
    meaning: Annotated[str, Field(min_length=10, description="what the value says, in one sentence")]
    query: Annotated[str, Field(min_length=1, description="PromQL that measures it")]
    subject: Annotated[str, Field(description="name of the subject by labels of the answer: {namespace}/{workload}")]
    identity: Annotated[str, Field(description="why the subject stays the same when other labels change")] = ""
    labels: Annotated[dict[str, str], Field(description="labels of the subject by labels of the answer")] = {}
    step: Annotated[
        float,
        BeforeValidator(_seconds, json_schema_input_type=float | str),
        Field(gt=0, description="distance of samples"),
    ] = 300.0
    aggregation: Annotated[Aggregation, Field(description="for several series of one subject")] = Aggregation.MAX

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _check_pattern(self.subject)
        _check_query(self.query)
        return self

    def signal(self) -> Signal:
        """The entry as the rest of driftbot uses it."""
        return Signal(
            name=self.name,
            kind=self.kind,
            key=self.key,
            unit=self.unit,
            meaning=" ".join(self.meaning.split()),
            query=" ".join(self.query.split()),
            subject=self.subject,
            identity=" ".join(self.identity.split()),
            labels=labels_of(self.labels),
            step=self.step,
            aggregation=self.aggregation,
        )


class ReleaseEntry(BaseModel):
    """A release signal as people write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: SignalName
    kind: SubjectKind
    meaning: Annotated[str, Field(min_length=10, description="what runs in that version, in one sentence")]
    query: Annotated[str, Field(min_length=1, description="PromQL that counts what runs, a series each version")]
    subject: Annotated[str, Field(description="name of the subject by labels of the answer: {namespace}/{workload}")]
    version: Annotated[str, Field(description="the version by labels of the answer: {image}")]
    part: Annotated[str, Field(description="of what the versions follow each other: {container}")] = ""
    labels: Annotated[dict[str, str], Field(description="labels of the subject by labels of the answer")] = {}
    step: Annotated[
        float,
        BeforeValidator(_seconds, json_schema_input_type=float | str),
        Field(ge=60, description="how finely it is asked; a release is told so late at most"),
    ] = 3600.0

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for pattern in (self.subject, self.version):
            _check_pattern(pattern)
        _check_query(self.query)
        return self

    def release(self) -> ReleaseSignal:
        """The entry as the rest of driftbot uses it."""
        return ReleaseSignal(
            name=self.name,
            kind=self.kind,
            meaning=" ".join(self.meaning.split()),
            query=" ".join(self.query.split()),
            subject=self.subject,
            version=self.version,
            part=self.part,
            labels=labels_of(self.labels),
            step=self.step,
        )


class SignalFile(BaseModel):
    """A file of signals of one exporter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exporter: str
    about: str
    url: str
    signals: tuple[SignalEntry, ...] = ()
    releases: tuple[ReleaseEntry, ...] = ()


# libyaml is not in every build of PyYAML.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadSignals(ValueError):
    """Signals that cannot be used; the message lists every problem, one a line."""


@cache
def shipped() -> tuple[Signal, ...]:
    """The signals of the package, in the order of files and entries: of two that measure one subject the first holds.

    Raises:
        BadSignals: a file has problems, all of them listed.
    """
    return _shipped()[0]


@cache
def shipped_releases() -> tuple[ReleaseSignal, ...]:
    """The release signals of the package, in the order of files and entries.

    Raises:
        BadSignals: a file has problems, all of them listed.
    """
    return _shipped()[1]


@cache
def _shipped() -> tuple[tuple[Signal, ...], tuple[ReleaseSignal, ...]]:
    folder = files("driftbot.signals") / "exporters"
    texts = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return read_signals(texts)


def read_signals(texts: Iterable[tuple[str, str]]) -> tuple[tuple[Signal, ...], tuple[ReleaseSignal, ...]]:
    """The signals and release signals of files given as name and text.

    Raises:
        BadSignals: something is wrong; every problem of every file is listed.
    """
    problems: list[str] = []
    signals: list[Signal] = []
    releases: list[ReleaseSignal] = []
    for name, text in texts:
        try:
            file = SignalFile.model_validate(yaml.load(text, Loader=_LOADER))
        except yaml.YAMLError as error:
            problems.append(f"{name}: {' '.join(str(error).split())}")
        except ValidationError as error:
            problems += [f"{name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        else:
            signals += [entry.signal() for entry in file.signals]
            releases += [entry.release() for entry in file.releases]
    problems += _clashes(signals)
    problems += _named_twice(signals, releases)
    if problems:
        raise BadSignals("\n".join(sorted(problems)))
    return tuple(signals), tuple(releases)


def _clashes(signals: Iterable[Signal]) -> Iterator[str]:
    units: dict[tuple[str, str], Signal] = {}
    for signal in signals:
        first = units.setdefault((signal.kind, signal.key), signal)
        if first.unit != signal.unit:
            yield (
                f"{signal.name}: {signal.key} of a {signal.kind} is in {signal.unit},"
                f" but {first.name} measures it in {first.unit}"
            )


def _named_twice(signals: Iterable[Signal], releases: Iterable[ReleaseSignal]) -> Iterator[str]:
    times = Counter([*(signal.name for signal in signals), *(release.name for release in releases)])
    yield from (f"{name}: two signals have this name" for name, count in sorted(times.items()) if count > 1)


@dataclass(frozen=True, slots=True)
class SignalBook:
    """The signals of one source: the shipped ones without those left out, and the user's before them."""

    signals: tuple[Signal, ...]
    releases: tuple[ReleaseSignal, ...] = ()

    @classmethod
    def of(
        cls, entries: Iterable[SignalEntry], without: Iterable[str] = (), releases: Iterable[ReleaseEntry] = ()
    ) -> SignalBook:
        """A user's signals replace shipped ones of the same name and come first.

        Raises:
            BadSignals: two signals contradict each other, or ``without`` names none.
        """
        own = tuple(entry.signal() for entry in entries)
        own_releases = tuple(entry.release() for entry in releases)
        known = {signal.name for signal in shipped()} | {release.name for release in shipped_releases()}
        unknown = sorted(set(without) - known)
        if unknown:
            raise BadSignals(f"`without` names no shipped signal: {', '.join(unknown)}")
        dropped = {*without, *(signal.name for signal in own), *(release.name for release in own_releases)}
        signals = (*own, *(signal for signal in shipped() if signal.name not in dropped))
        told = (*own_releases, *(signal for signal in shipped_releases() if signal.name not in dropped))
        if problems := [*_named_twice(signals, told), *_clashes(signals)]:
            raise BadSignals("\n".join(problems))
        return cls(signals, told)

    def measuring(self, kind: str, key: str) -> tuple[Signal, ...]:
        """All signals of a key, the preferred first."""
        return tuple(signal for signal in self.signals if (signal.kind, signal.key) == (kind, key))
