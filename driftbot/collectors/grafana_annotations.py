"""Grafana annotations: releases that a pipeline or a person marked on dashboards, found by their tags.

An annotation counts if it has all ``tags`` (``deploy``). What was released stands in further tags, as
``service:checkout`` or ``version=2.4.1``, or in its text by a regular expression::

    - name: grafana
      kind: grafana_annotations
      url: https://grafana.example.org
      bearer: {env: GRAFANA_TOKEN}
      tags: [deploy]
      text: 'Deployed (?P<service>\\S+) (?P<version>\\S+)'

The fields are those of a release log. The token needs no more than the permission ``annotations:read``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import re2
from pydantic import Field, field_validator, model_validator

from driftbot.collectors.collector import Collector, Context, Ledger
from driftbot.collectors.grafana_annotations_reading import AnnotationReader, read_annotations
from driftbot.collectors.grafana_annotations_server import AnnotationsServer, connect
from driftbot.collectors.prometheus_options import Seconds, ServerOptions
from driftbot.collectors.release_log_entry import FIELDS
from driftbot.core.demand import Demand
from driftbot.core.marker import MARKERS
from driftbot.core.snapshot import Reading


class GrafanaAnnotationsOptions(ServerOptions):
    """A Grafana, and how its annotations name what was released."""

    url: str = Field(description="as in a browser, with its path prefix: https://grafana.example.org")
    tags: tuple[str, ...] = Field(min_length=1, description="the tags that a release's annotation has, all of them")
    text: str = Field(
        "", description=f"regular expression whose named groups find fields in the text; fields are {', '.join(FIELDS)}"
    )
    fields: Mapping[str, str] = Field(
        default={}, description="what tags call a field, where it is not our name for it: {service: app}"
    )
    timeout: Seconds = Field(default=30.0, description="longest wait for an answer")

    @field_validator("text")
    @classmethod
    def _readable(cls, text: str) -> str:
        try:
            groups = set(re2.compile(text).groupindex)
        except re2.error as error:
            raise ValueError(f"{text!r} is no regular expression (RE2): {error}") from None
        unknown = sorted(groups - set(FIELDS))
        if text and (unknown or not groups):
            named = ", ".join(unknown) or "it has no named group"
            raise ValueError(f"{named}: write groups like (?P<service>...), named {', '.join(FIELDS)}")
        return text

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        unknown = sorted(set(self.fields) - set(FIELDS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no field of a release; known are {', '.join(FIELDS)}")
        return self


def _read(_options: GrafanaAnnotationsOptions, _context: Context) -> Reading:
    """Annotations are no configuration: they are read where rules ask for releases."""
    return Reading()


def measure(options: GrafanaAnnotationsOptions, context: Context, demand: Demand, ledger: Ledger) -> Reading:
    """The releases of the window that rules ask for; nothing where none asks."""
    if not demand.markers:
        return Reading()
    server = AnnotationsServer(connect(context.tape.session(context.source), options), options.url, options.timeout)
    reader = AnnotationReader(context, options.url, options.text, options.fields)
    known = ledger.held(context.environment, MARKERS, MARKERS, context.source)
    return read_annotations(server, reader, options.tags, demand.marked_for, known)


def _keys(_options: GrafanaAnnotationsOptions | None = None) -> tuple[()]:
    """Releases are no facts: rules speak of them through measures of series."""
    return ()


collector = Collector("grafana_annotations", GrafanaAnnotationsOptions, _keys, _read, measure)
