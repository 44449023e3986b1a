"""How far driftbot may go: the ladder and the limits of the ``acting`` section of ``driftbot.yaml``."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from driftbot.core.ladder import Level
from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.playbooks.limits import Bound

_LONGEST = 100 * 365 * 86400
"""Seconds."""


class Strict(BaseModel):
    """Options refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _span(value: Any) -> Any:
    if not isinstance(value, str | int):
        return value
    seconds = parse_quantity(value, Unit.SECONDS).value
    if not 0 <= seconds <= _LONGEST:
        raise ValueError("write a duration between 0s and 100y")
    return timedelta(seconds=seconds)


def _span_told(span: timedelta) -> str:
    return str(Quantity(span.total_seconds(), Unit.SECONDS))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no time zone is called that; write one like Europe/Berlin, or UTC") from None
    return name


def _clock(value: Any) -> Any:
    """A time of day. YAML 1.1 reads a bare ``17:00`` as the number 1020, sixty to the hour; ``24:00`` ends a day."""
    if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= 24 * 60:
        return time(value // 60 % 24, value % 60)
    if isinstance(value, str | time) and value != "24:00":
        return value
    if value == "24:00":
        return time()
    raise ValueError("write a time of day like 09:30")


Span = Annotated[
    timedelta,
    BeforeValidator(_span, json_schema_input_type=str),
    PlainSerializer(_span_told, return_type=str, when_used="json"),
]
"""A duration: ``30m``, ``1d``."""
Zone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone."""
Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=str)]
"""A time of day, without a zone."""
Globs = Annotated[tuple[str, ...], Field(min_length=1)]


def _lasting(text: str, about: str) -> Any:
    """A field with a duration as its default, which schema and reference show as people write it."""
    return Field(default=_span(text), description=about, json_schema_extra={"default": text})


class Rung(Strict):
    """One entry of the ladder: which rules and playbooks, in which environments, may go how far."""

    rule: Annotated[str, Field(description="glob of rule ids")] = "*"
    playbook: Annotated[str, Field(description="glob of playbook ids")] = "*"
    environment: Annotated[str, Field(description="glob of environments")] = "*"
    level: Level


class Limit(Strict):
    """How many subjects may change together: a number, and a share of all there are; each of them holds."""

    most: Annotated[int | None, Field(ge=0, description="this many subjects")] = None
    share: Annotated[float | None, Field(gt=0, le=1, description="this share of them, but see `few`")] = None


class ChangeLimits(Strict):
    """How many subjects may change within a time. Over any of these nothing at all is applied."""

    within: Span = _lasting("1d", "changes of this time are counted together")
    few: Annotated[int, Field(ge=0, description="so many may change whatever share they are")] = 3
    run: Annotated[Limit, Field(description="of everything together")] = Limit(most=20, share=0.1)
    rule: Annotated[Limit, Field(description="of what one rule judges")] = Limit(most=10, share=0.1)
    owner: Annotated[Limit, Field(description="of what one owner has")] = Limit(most=10, share=0.25)
    environment: Annotated[Limit, Field(description="of one environment")] = Limit(most=10, share=0.1)


class StepLimits(Strict):
    """How far one number may be moved; a playbook may say less, never more."""

    factor: Annotated[float, Field(gt=1, description="to at most this many times, at least this part")] = 2.0
    within: Span = _lasting("7d", "changes of one setting within this time count as one")
    bounds: dict[str, Bound] = Field(
        default_factory=dict, description="by key: the least and the most that it may be set to, whatever is asked"
    )


class Freeze(Strict):
    """A time in which nothing is changed."""

    from_: Annotated[datetime, Field(alias="from", description="its beginning; in `zone` where it names no offset")]
    to: Annotated[datetime, Field(description="its end, from which on things may be changed again")]
    zone: Annotated[Zone, Field(description="IANA time zone")] = "UTC"
    reason: Annotated[str, Field(min_length=1, description="why; it is shown with what is held back")]
    environments: Annotated[Globs, Field(description="globs of environments")] = ("*",)

    @property
    def begins(self) -> datetime:
        """The moment it begins."""
        return _placed(self.from_, self.zone)

    @property
    def ends(self) -> datetime:
        """The moment it is over."""
        return _placed(self.to, self.zone)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Freeze:
        if self.ends <= self.begins:
            raise ValueError("the freeze ends before it begins")
        return self


class Weekday(StrEnum):
    """The days of a week, in the order of ``datetime.weekday``."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


_WORKDAYS = tuple(Weekday)[:5]


class WorkingHours(Strict):
    """Hours in which things may be changed; past midnight where ``to`` is not after ``from``.

    Several entries about one environment add up. Nothing is held back in an environment that none of them names.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, description="the days on which they begin")] = _WORKDAYS
    from_: Annotated[Clock, Field(alias="from", description="local time at which they begin")]
    to: Annotated[Clock, Field(description="local time at which they end")]
    zone: Annotated[Zone, Field(description="IANA time zone")]
    environments: Annotated[Globs, Field(description="globs of environments")] = ("*",)


class FactLimits(Strict):
    """When a source tells so little that nothing which rests on it is changed."""

    share: Annotated[float, Field(ge=0, le=1, description="less than this share of the usual number of facts")] = 0.8
    nights: Annotated[int, Field(ge=1, description="usual is the median of this many last nights")] = 7


class GuardOptions(Strict):
    """The ladder and the limits. The first entry of ``ladder`` that matches decides; none means observe."""

    ladder: tuple[Rung, ...] = ()
    approvers: Annotated[tuple[str, ...], Field(description="who may approve; empty: whoever runs driftbot")] = ()
    stop_file: Annotated[
        str, Field(min_length=1, description="while this file is there nothing is changed; relative to driftbot.yaml")
    ] = "driftbot.stop"
    limits: ChangeLimits = ChangeLimits()
    steps: StepLimits = StepLimits()
    freezes: Annotated[tuple[Freeze, ...], Field(description="times in which nothing is changed")] = ()
    hours: Annotated[tuple[WorkingHours, ...], Field(description="hours outside which nothing is changed")] = ()
    cooldown: Span = _lasting("1d", "between two changes of one subject; twice as long after each that did not help")
    rest: Span = _lasting("1h", "how long a playbook rests after one of its runs failed")
    attempts: Annotated[
        int, Field(ge=1, description="changes for one finding that did not help, before a person looks")
    ] = 2
    failures: Annotated[
        int, Field(ge=1, description="failed runs of a playbook after which it proposes where it was auto")
    ] = 3
    remember: Span = _lasting("30d", "how long failures, and values that somebody changed back, count")
    facts: FactLimits = FactLimits()


def _placed(moment: datetime, zone: str) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
