"""The options of a channel of kind ``alertmanager``, as written in ``driftbot.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.prometheus_options import ServerOptions
from driftbot.guards.options import Span
from driftbot.notices.options import ChannelOptions

OUR_LABELS = frozenset(
    {"alertname", "fingerprint", "rule", "kind", "subject", "environment", "severity", "owner", "notice"}
)
"""Labels that say what an alert of ours is about; nothing of the estate takes their names."""

LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
_CONNECTION = frozenset(ServerOptions.model_fields) - {"url"}


class AlertmanagerChannelOptions(ChannelOptions, ServerOptions):
    """An Alertmanager, or all members of a cluster: findings are its alerts, waivers and snoozes its silences."""

    peers: Annotated[
        tuple[str, ...], Field(description="URLs of the cluster's other members; alerts are sent to each of them")
    ] = ()
    labels: dict[LabelName, str] = Field(
        default_factory=dict,
        description="further labels of every alert; they tell several driftbots at one Alertmanager apart",
    )
    subject_labels: Annotated[
        tuple[str, ...], Field(max_length=20, description="labels of the subject that its alert takes over")
    ] = ("namespace", "service", "team", "tier")
    lasts: Annotated[
        Span, Field(description="how long alerts go on firing after the next expected night if nobody sends them again")
    ] = Field(default=timedelta(hours=30), json_schema_extra={"default": "30h"})
    link: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s]+$", description="where an alert leads to; {fingerprint} is replaced by its own"
        ),
    ] = None

    @field_validator("peers")
    @classmethod
    def _plain_peers(cls, peers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cls._plain_url(peer) for peer in peers)

    @model_validator(mode="after")
    def _labels_are_not_ours(self) -> Self:
        if taken := sorted(OUR_LABELS & set(self.labels)):
            raise ValueError(f"the label {taken[0]} says what an alert is about; call it otherwise")
        return self

    def members(self) -> Iterator[AlertmanagerOptions]:
        """Each member of the cluster as a server, the first one first."""
        shared = {name: getattr(self, name) for name in _CONNECTION}
        for url in dict.fromkeys((self.url, *self.peers)):
            yield AlertmanagerOptions.model_construct(**{**shared, "url": url, "path": "", "cluster": ""})
