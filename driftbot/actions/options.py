"""What a person allows actions to reach: the ``acting.reach`` section of ``driftbot.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from driftbot.actions.alertmanager_silence_options import AlertmanagerSilenceOptions
from driftbot.actions.edit_file_options import EditFileOptions
from driftbot.actions.git_change_options import GitChangeOptions
from driftbot.actions.http_request_options import HttpRequestOptions
from driftbot.actions.prometheus_reload_options import PrometheusReloadOptions
from driftbot.actions.run_command_options import RunCommandOptions
from driftbot.actions.strict import Strict as Strict
from driftbot.forges.options import ForgeOptions


class ActionOptions(Strict):
    """Which repositories, forges, servers, hosts and commands actions may reach; what is not named is refused."""

    edit_file: Annotated[EditFileOptions, Field(description="files that may be changed")] = EditFileOptions()
    git_change: Annotated[GitChangeOptions, Field(description="repositories that branches may be pushed to")] = (
        GitChangeOptions()
    )
    forges: Annotated[
        Mapping[str, ForgeOptions], Field(description="forges for requests and issues, by the name they are called by")
    ] = {}
    prometheus_reload: Annotated[PrometheusReloadOptions, Field(description="servers that may be told to reload")] = (
        PrometheusReloadOptions()
    )
    alertmanager_silence: Annotated[AlertmanagerSilenceOptions, Field(description="where silences may be set")] = (
        AlertmanagerSilenceOptions()
    )
    http_request: Annotated[HttpRequestOptions, Field(description="servers that requests may be sent to")] = (
        HttpRequestOptions()
    )
    run_command: Annotated[RunCommandOptions, Field(description="programs that may be run")] = RunCommandOptions()
