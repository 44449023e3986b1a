"""What every channel has in ``driftbot.yaml``: a name, what it is told of, and when it is quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from driftbot.core.rule import Severity
from driftbot.guards.options import Clock, Globs, Span, Strict, Weekday, Zone


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


class ChannelOptions(Strict):
    """What every channel has, whatever its kind."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="unique; shown in reports")]
    routes: Annotated[tuple[Route, ...], Field(description="told of findings that any of these routes takes")] = (
        Route(),
    )
    quiet: Annotated[QuietHours | None, Field(description="when nothing new is announced")] = None
    escalate_after: Annotated[
        Span | None, Field(description="how long drift may stand before its owner is asked in person; null: never")
    ] = Field(default=timedelta(days=7), json_schema_extra={"default": "7d"})
