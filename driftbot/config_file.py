"""The shape of ``driftbot.yaml``: its sections, and the entries whose shape depends on what is installed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Collector
from driftbot.detectors.notice_budget import DEFAULT_BUDGET
from driftbot.guards.options import GuardOptions
from driftbot.notifiers.notifier import Notifier
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.playbooks.file_changes import FileChanges
from driftbot.plugins import collectors, notifiers
from driftbot.serve_options import ServeOptions


class Section(BaseModel):
    """A part of the file; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


RESERVED = frozenset({"rules", "approvals", "playbooks", "configuration"})
"""Names under which driftbot keeps its own files; a source of that name could not be told from them."""


TOLD_APART_BY = "kind"
"""The setting that says which settings an entry of sources or channels has."""


class SourceEntry(Section):
    """What every source has: a name, a kind and the environment that it describes."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="unique; shown in reports")]
    environment: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = "default"


class RuleEntry(Section):
    """Which lessons are held: folders of rule files and rules that driftbot ships."""

    paths: Annotated[tuple[str, ...], Field(description="folders of rule files, relative to this file")] = ()
    shipped: Annotated[
        Literal["all", "none"] | tuple[str, ...], Field(description="the rules driftbot ships: all, none, or their ids")
    ] = "all"
    disable: Annotated[tuple[str, ...], Field(description="ids of rules that are not held")] = ()


class PlaybookEntry(Section):
    """Which playbooks there are: folders of playbook files and those that driftbot ships."""

    paths: Annotated[tuple[str, ...], Field(description="folders of playbook files, relative to this file")] = ()
    shipped: Annotated[bool, Field(description="whether the playbooks driftbot ships are there, too")] = True
    for_rules: Annotated[
        dict[str, str], Field(description="by the id of a rule: the playbook for it, instead of the one that it names")
    ] = {}
    changes: Annotated[
        FileChanges,
        Field(
            description="how the step `change_files` changes files: folder (where they were read), branch (pushed to"
            " the remote), request (a branch, and a request to merge it)"
        ),
    ] = FileChanges.FOLDER


class Acting(GuardOptions):
    """How far driftbot may go beyond telling. Nothing here: it only tells."""

    reach: Annotated[ActionOptions, Field(description="what actions may reach; what is not named is refused")] = (
        ActionOptions()
    )


class AcceptedGapEntry(Section):
    """A gap in coverage that somebody answers for until a date."""

    gap: Annotated[str, Field(description="as printed by scan: source:place")]
    owner: str
    reason: str
    expires: date


class Retention(Section):
    """How long history is kept in the store."""

    nights: Annotated[int, Field(ge=1, description="days of history to keep")] = 400


class Baselines(Section):
    """What drift, steps and differences from peers may cost."""

    false_notices_a_week: Annotated[
        float, Field(gt=0, le=1000, description="how many false notices a week all series together may cost")
    ] = DEFAULT_BUDGET


class ConfigFile(Section):
    """``driftbot.yaml`` but for its sources, whose shape depends on the collectors that are installed."""

    store: Annotated[str, Field(description="a file relative to this one, or a sqlite:/// or postgresql:// URL")] = (
        "driftbot.db"
    )
    rules: RuleEntry = RuleEntry()
    accepted_gaps: tuple[AcceptedGapEntry, ...] = ()
    retention: Retention = Retention()
    baselines: Baselines = Baselines()
    playbooks: PlaybookEntry = PlaybookEntry()
    acting: Acting = Acting()
    slack: Annotated[SlackWorkspace | None, Field(description="the Slack workspace of all channels of kind slack")] = (
        None
    )
    serve: ServeOptions = ServeOptions()


@cache
def config_model() -> type[ConfigFile]:
    """The model of the whole file: a source entry has the options of its kind. Also the source of the JSON Schema."""
    sources = _any_of([_entry_model(collector) for collector in collectors().values()])
    channels = _any_of([_channel_model(notifier) for notifier in notifiers().values()])
    return create_model(
        "DriftbotYaml",
        __base__=ConfigFile,
        sources=(tuple[sources, ...], ()),  # type: ignore[valid-type]
        channels=(tuple[channels, ...], ()),  # type: ignore[valid-type]
    )


def _any_of(models: Sequence[type[BaseModel]]) -> Any:
    """A model told apart by its ``kind``."""
    return Annotated[reduce(or_, models), Field(discriminator=TOLD_APART_BY)] if len(models) > 1 else models[0]


def _channel_model(notifier: Notifier) -> type[BaseModel]:
    name = "".join(part.title() for part in notifier.kind.split("_")) + "Channel"
    kind: Any = Literal[notifier.kind]
    return create_model(name, __base__=notifier.options, kind=(kind, ...))


def _entry_model(collector: Collector) -> type[BaseModel]:
    name = "".join(part.title() for part in collector.kind.split("_")) + "Source"
    kind: Any = Literal[collector.kind]
    return create_model(name, __base__=(SourceEntry, collector.options), kind=(kind, ...))
