"""Subjects: what a fact is about, and the identity it keeps from night to night."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

Labels = tuple[tuple[str, str], ...]
"""Labels sorted by name; a tuple so that subjects hash and compare cheaply."""


def labels_of(mapping: Mapping[str, str]) -> Labels:
    """The mapping as sorted labels."""
    return tuple(sorted(mapping.items()))


@dataclass(frozen=True, slots=True, order=True)
class SubjectId:
    """What makes a subject the same one tomorrow: kind, environment and name, never a value or a label."""

    kind: str
    environment: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.environment}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> SubjectId:
        """Read ``kind:environment/name`` as printed by ``str``.

        Raises:
            ValueError: the text has no kind or no environment.
        """
        kind, colon, rest = text.partition(":")
        environment, slash, name = rest.partition("/")
        if not (kind and colon and environment and slash and name):
            raise ValueError(
                f"{text!r} is not a subject; write kind:environment/name, e.g. workload:production/shop/cart"
            )
        return cls(kind, environment, name)


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a fact is about: a service, a workload, a job, an alert, a condition, a call, … (an open set).

    ``name`` is unique within kind and environment (a workload is ``namespace/name``). ``labels`` describe the subject
    (owner, tier, severity) and do not take part in equality.
    """

    kind: str
    environment: str
    name: str
    labels: Labels = field(default=(), compare=False)

    @property
    def id(self) -> SubjectId:
        """The identity alone, without labels."""
        return SubjectId(self.kind, self.environment, self.name)

    def label(self, name: str) -> str | None:
        """The label's value, or None where the subject does not carry it."""
        return next((value for key, value in self.labels if key == name), None)

    def with_labels(self, labels: Mapping[str, str]) -> Subject:
        """This subject with more labels; those it already has stay as they are."""
        merged = labels_of({**labels, **dict(self.labels)})
        return self if merged == self.labels else replace(self, labels=merged)

    def __str__(self) -> str:
        return str(self.id)


def distinct(subjects: Iterable[Subject]) -> Collection[Subject]:
    """The subjects, each object in memory once: dozens of facts share one, and comparing subjects costs far more."""
    return {id(subject): subject for subject in subjects}.values()
