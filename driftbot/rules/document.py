"""The rule file as a pydantic model: the source of its checks and of the JSON Schema that editors read."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from driftbot.core.fact import Provenance
from driftbot.core.marker import Cause
from driftbot.core.rule import NumberSource, Severity

SCHEMA_ID = "urn:driftbot:schema:rule"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Scalar = str | int | float | bool | list[str]
Facts = dict[str, Scalar]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Incident(_Part):
    """The incident a rule was learned from."""

    id: Text = Field(description="The review's own name for the incident.")
    date: date
    url: AnyHttpUrl
    summary: Text = Field(description="One sentence in our own words: what happened.")


class Reference(_Part):
    """A vendor's or a book's page that a rule follows."""

    url: AnyHttpUrl
    summary: Text = Field(description="One sentence in our own words: what the page says.")


class CaseVerdict(StrEnum):
    """What a case expects of its rule."""

    OK = "ok"
    DRIFT = "drift"
    UNKNOWN = "unknown"


class SeriesShape(_Part):
    """A series for a case: a straight line (``from``, ``to``), a constant (``level``) or given ``values``.

    A line or a constant may carry what real series have: growth, steps, a daily season and noise. All parts multiply,
    and equal shapes give equal series.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    over: Text = Field(
        default="30d", description="How far back it reaches, e.g. 90d; with `values` their number counts."
    )
    every: Text = Field(default="1h", description="Distance of the samples.")
    start: str | float | None = Field(default=None, alias="from")
    end: str | float | None = Field(default=None, alias="to")
    level: str | float | None = None
    values: list[str | float] | None = None
    ago: Text = Field(default="0s", description="How long before the case's time the last sample lies.")
    growth: str | float | None = Field(default=None, description="Growth a day, e.g. 0.5%, as a part of the level.")
    per_release: str | float | None = Field(default=None, description="Growth at each of the case's releases.")
    since: Text | None = Field(default=None, description="How long ago that growth began; else it always was.")
    steps: dict[Text, str | float] = Field(
        default_factory=dict, description="Changes for good: how long ago, and by what part, e.g. {20d: 15%}."
    )
    season: str | float | None = Field(default=None, description="By what part it swings over each day.")
    noise: str | float | None = Field(default=None, description="Scale of heavy-tailed noise (Student t3), e.g. 4%.")
    seed: int = Field(default=1, ge=0, description="Another seed, another noise.")

    @property
    def lively(self) -> bool:
        """Whether it is more than a line, a constant or given values."""
        return bool(self.steps) or any((self.growth, self.per_release, self.season, self.noise))

    @model_validator(mode="after")
    def _one_shape(self) -> SeriesShape:
        line = self.start is not None and self.end is not None
        if (self.start is None) != (self.end is None):
            raise ValueError("a line has both `from` and `to`")
        if [line, self.level is not None, self.values is not None].count(True) != 1:
            raise ValueError("give one of `from` and `to`, `level`, or `values`")
        if self.values is not None and self.lively:
            raise ValueError("given `values` are taken as they are: no growth, steps, season or noise")
        if self.since is not None and self.growth is None and self.per_release is None:
            raise ValueError("`since` is when `growth` or `per_release` began, and there is none")
        return self


class Rhythm(_Part):
    """Releases at equal distances: the newest ``ago`` before the case's time, back to ``over``."""

    every: Text
    over: Text = "90d"
    ago: Text = "1d"


class MarkerCase(_Part):
    """A change of the subject that somebody noted down."""

    ago: Text = Field(description="How long before the case's time.")
    name: Text = Field(description="A version, or what changed: timeout.request 1s → 300ms.")
    cause: Cause = Cause.SETTING


class PeerCase(_Part):
    """Other subjects of the same kind beside the judged one, each with its own noise."""

    labels: dict[str, str] = Field(default_factory=dict)
    series: dict[str, SeriesShape] = Field(default_factory=dict)
    count: int = Field(default=1, ge=1, le=500, description="How many of them.")


class CallCase(_Part):
    """One call of the service graph, for rules about paths."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    caller: Text = Field(alias="from")
    callee: Text = Field(alias="to")
    facts: Facts = Field(default_factory=dict)


class CaseDocument(_Part):
    """One example of the rule: what is known about a subject, and the verdict it gets.

    A key without a value was not read; ``absent`` lists those that somebody looked for and did not find.
    """

    name: Text
    labels: dict[str, str] = Field(default_factory=dict)
    facts: Facts = Field(default_factory=dict, description="Declared values.")
    effective: Facts = Field(default_factory=dict)
    observed: Facts = Field(default_factory=dict)
    approved: Facts = Field(default_factory=dict)
    provenance: dict[str, Provenance] = Field(default_factory=dict, description="Where not written explicitly.")
    absent: list[str] = Field(default_factory=list, description="Keys and series known not to be there.")
    series: dict[str, SeriesShape] = Field(default_factory=dict)
    releases: list[Text] | Rhythm = Field(
        default_factory=list, description="How long ago the subject was released: [3d, 10d], or {every: 7d}."
    )
    markers: list[MarkerCase] = Field(default_factory=list, description="Other changes beside the series.")
    peers: list[PeerCase] = Field(default_factory=list, description="Subjects that the judged one is held against.")
    calls: list[CallCase] = Field(default_factory=list, description="The service graph, for rules about paths.")
    path: str | None = Field(default=None, description="The path judged (a->b->c); without it the worst of all.")
    as_of: str | None = Field(default=None, description="The time that counts as now, with time zone.")
    verdict: CaseVerdict | None = None
    selected: bool = Field(default=True, description="false: `where` leaves this subject out.")

    @model_validator(mode="after")
    def _expects_one_thing(self) -> CaseDocument:
        if self.selected and self.verdict is None:
            raise ValueError("a case says its `verdict`, or `selected: false`")
        if not self.selected and self.verdict is not None:
            raise ValueError("a subject that is not selected gets no verdict")
        return self


class RuleDocument(_Part):
    """One lesson: its story, its expectation and its cases in one file, ``rules/<area>/<id>.yaml``."""

    id: Identifier = Field(description="The file's name without `.yaml`.")
    title: Text
    incident: Incident | None = None
    reference: Reference | None = None
    why: Text
    numbers: dict[str, NumberSource] = Field(
        default_factory=dict, description="Each number: `review` (it stands there) or `ours` (a proposal)."
    )
    severity: Severity
    owner: Text
    review_by: date | None = Field(default=None, description="When somebody looks whether the rule still holds.")
    for_each: Text = Field(description="The kind of subject that is judged.")
    where: str | None = Field(default=None, description="Which of them; all without it.")
    let: dict[str, str] = Field(default_factory=dict)
    expect: str = Field(description="What is healthy.")
    message: Text = Field(description="What a person is told; {name} takes a value.")
    recommend: dict[str, str] = Field(default_factory=dict)
    playbook: str | None = None
    cases: list[CaseDocument] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> RuleDocument:
        if (self.incident is None) == (self.reference is None):
            raise ValueError("a rule has exactly one of `incident` and `reference`")
        return self


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of rule files."""
    schema = RuleDocument.model_json_schema(by_alias=True)
    one_of = [{"required": ["incident"]}, {"required": ["reference"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema, "oneOf": one_of}
