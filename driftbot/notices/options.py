"""What every channel has in ``driftbot.yaml``: a name, what it is told of, and when it is quiet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from driftbot.core.rule import Severity
from driftbot.guards.options import Clock, Globs, Span, Strict, Weekday, WorkingHours, Zone
from driftbot.guards.working_hours import closes

_ANY_MOMENT = datetime(2026, 1, 5, tzinfo=UTC)


class Route(Strict):
    """What a channel is told of: findings for which everything that is said here holds."""

    owners: Annotated[Globs, Field(description="globs of owners or teams")] = ("*",)
    environments: Annotated[Globs, Field(description="globs of environments")] = ("*",)
    rules: Annotated[Globs, Field(description="globs of rule ids")] = ("*",)
    severity: Annotated[Severity, Field(description="the least severity that is told")] = Severity.LOW
    labels: dict[str, str] = Field(
        default_factory=dict, description="by label of the subject: a glob that its value has to match"
    )


class QuietHours(Strict):
    """When nothing new is announced; what stands already may be edited, which disturbs nobody."""

    zone: Annotated[Zone, Field(description="IANA time zone")] = "UTC"
    from_: Annotated[Clock, Field(alias="from", description="beginning, a time of day")]
    to: Annotated[Clock, Field(description="end; before the beginning it is the next day's")]
    days: Annotated[tuple[Weekday, ...], Field(description="days on which they begin; none: every day")] = ()
    except_severity: Annotated[
        Severity | None, Field(description="findings this severe or worse are announced all the same")
    ] = None

    @property
    def window(self) -> WorkingHours:
        """The hours as the clock on the wall has them."""
        return WorkingHours(days=self.days or tuple(Weekday), from_=self.from_, to=self.to, zone=self.zone)


def _listed(value: Any) -> Any:
    """One entry need not be written as a list."""
    return [value] if isinstance(value, dict | QuietHours) else value


ManyQuietHours = Annotated[
    tuple[QuietHours, ...], BeforeValidator(_listed, json_schema_input_type=QuietHours | tuple[QuietHours, ...])
]
"""Quiet hours that add up: those of nights and those of weekends."""


class ChannelOptions(Strict):
    """What every channel has, whatever its kind."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="unique; shown in reports")]
    routes: Annotated[tuple[Route, ...], Field(description="told of findings that any of these routes takes")] = (
        Route(),
    )
    quiet: Annotated[ManyQuietHours, Field(description="when nothing new is announced; several entries add up")] = ()
    escalate_after: Annotated[
        Span | None, Field(description="how long drift may stand before its owner is asked in person; null: never")
    ] = Field(default=timedelta(days=7), json_schema_extra={"default": "7d"})

    @field_validator("quiet")
    @classmethod
    def _ends(cls, quiet: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
        if quiet and closes([one.window for one in quiet], _ANY_MOMENT) is None:
            raise ValueError("these quiet hours never end, so nothing would ever be announced; leave a gap")
        return quiet
