"""The options of a source of kind ``alertmanager``, as written in ``driftbot.yaml``."""

from __future__ import annotations

from pydantic import Field, model_validator

from driftbot.collectors.prometheus_options import Seconds, ServerOptions


class AlertmanagerOptions(ServerOptions):
    """An Alertmanager, or something that answers like one (Mimir, Cortex): its file, its API, or both."""

    path: str = Field("", description="its configuration file (YAML), relative to driftbot.yaml: the declared view")
    url: str = Field(
        "", description="as in a browser, with its path prefix: https://alertmanager.example.org; the effective view"
    )
    cluster: str = Field(
        "",
        description="name of this Alertmanager (or of its cluster) where an environment has several that route"
        " otherwise; sources of one cluster share it",
    )
    timeout: Seconds = Field(default=30.0, description="longest wait for an answer")

    @model_validator(mode="after")
    def _somewhere(self) -> AlertmanagerOptions:
        if not (self.path or self.url):
            raise ValueError("name its configuration file (`path`), its API (`url`), or both")
        return self
