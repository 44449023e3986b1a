"""Reading signals: files of the package and a user's entries, all errors at once."""

from __future__ import annotations

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
from driftbot.signals.signal import PLACEHOLDER, Aggregation, Signal


def _seconds(value: Any) -> Any:
    try:
        return parse_quantity(value, Unit.SECONDS).value
    except NotAQuantity as error:
        raise ValueError(str(error)) from None


class SignalEntry(BaseModel):
    """A signal as people write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*$", description="unique; a shipped one is replaced"
        ),
    ]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="kind of subject: workload, job, service, …")]
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
        if not PLACEHOLDER.findall(self.subject):
            raise ValueError(
                f"subject {self.subject!r} names no label of the answer; write it like {{namespace}}/{{pod}}"
            )
        try:
            parse(self.query)
        except NotPromQL as error:
            raise ValueError(f"query is not PromQL: {' '.join(str(error).split())}") from None
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


class SignalFile(BaseModel):
    """A file of signals of one exporter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exporter: str
    about: str
    url: str
    signals: tuple[SignalEntry, ...]


class BadSignals(ValueError):
    """Signals that cannot be used; the message lists every problem, one a line."""


@cache
def shipped() -> tuple[Signal, ...]:
    """The signals of the package, in the order of files and entries: of two that measure one subject the first holds.

    Raises:
        BadSignals: a file has problems, all of them listed.
    """
    folder = files("driftbot.signals") / "exporters"
    texts = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return read_signals(texts)


def read_signals(texts: Iterable[tuple[str, str]]) -> tuple[Signal, ...]:
    """The signals of files given as name and text.

    Raises:
        BadSignals: something is wrong; every problem of every file is listed.
    """
    problems: list[str] = []
    signals: list[Signal] = []
    for name, text in texts:
        try:
            file = SignalFile.model_validate(yaml.safe_load(text))
        except yaml.YAMLError as error:
            problems.append(f"{name}: {' '.join(str(error).split())}")
        except ValidationError as error:
            problems += [f"{name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        else:
            signals += [entry.signal() for entry in file.signals]
    problems += _clashes(signals)
    if problems:
        raise BadSignals("\n".join(sorted(problems)))
    return tuple(signals)


def _clashes(signals: Iterable[Signal]) -> Iterator[str]:
    names: set[str] = set()
    units: dict[tuple[str, str], Signal] = {}
    for signal in signals:
        if signal.name in names:
            yield f"{signal.name}: two signals have this name"
        names.add(signal.name)
        first = units.setdefault((signal.kind, signal.key), signal)
        if first.unit != signal.unit:
            yield (
                f"{signal.name}: {signal.key} of a {signal.kind} is in {signal.unit},"
                f" but {first.name} measures it in {first.unit}"
            )


@dataclass(frozen=True, slots=True)
class SignalBook:
    """The signals of one source: the shipped ones without those left out, and the user's before them."""

    signals: tuple[Signal, ...]

    @classmethod
    def of(cls, entries: Iterable[SignalEntry], without: Iterable[str] = ()) -> SignalBook:
        """A user's signals replace shipped ones of the same name and come first.

        Raises:
            BadSignals: two signals contradict each other, or ``without`` names none.
        """
        own = tuple(entry.signal() for entry in entries)
        unknown = sorted(set(without) - {signal.name for signal in shipped()})
        if unknown:
            raise BadSignals(f"`without` names no shipped signal: {', '.join(unknown)}")
        dropped = {*without, *(signal.name for signal in own)}
        signals = (*own, *(signal for signal in shipped() if signal.name not in dropped))
        if problems := list(_clashes(signals)):
            raise BadSignals("\n".join(problems))
        return cls(signals)

    def measuring(self, kind: str, key: str) -> tuple[Signal, ...]:
        """All signals of a key, the preferred first."""
        return tuple(signal for signal in self.signals if (signal.kind, signal.key) == (kind, key))
