"""The configuration: the only reader of ``driftbot.yaml``, with every error of the file at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Collector, Options
from driftbot.core.coverage import AcceptedGap
from driftbot.core.fact import Origin
from driftbot.core.failure import Failure
from driftbot.core.rule import Problem
from driftbot.detectors.notice_budget import DEFAULT_BUDGET
from driftbot.documents.node import Node
from driftbot.documents.validation import nearest, problems_of
from driftbot.documents.yaml import read_yaml
from driftbot.guards.options import GuardOptions
from driftbot.playbooks.file_changes import FileChanges
from driftbot.plugins import collectors
from driftbot.shipped import playbooks_root, rules_root

FILE_NAME = "driftbot.yaml"


class ConfigError(Failure):
    """The configuration cannot be used; the message lists every problem with its place."""

    def __init__(self, problems: Sequence[Problem], next_step: str = "Correct these lines and run again.") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems), next_step)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


RESERVED = frozenset({"rules", "approvals", "playbooks", "configuration"})
"""Names under which driftbot keeps its own files; a source of that name could not be told from them."""


class SourceEntry(_Strict):
    """What every source has: a name, a kind and the environment that it describes."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="unique; shown in reports")]
    environment: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = "default"


class RuleEntry(_Strict):
    """Which lessons are held: folders of rule files and rules that driftbot ships."""

    paths: Annotated[tuple[str, ...], Field(description="folders of rule files, relative to this file")] = ()
    shipped: Annotated[
        Literal["all", "none"] | tuple[str, ...], Field(description="the rules driftbot ships: all, none, or their ids")
    ] = "all"
    disable: Annotated[tuple[str, ...], Field(description="ids of rules that are not held")] = ()


class PlaybookEntry(_Strict):
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


class AcceptedGapEntry(_Strict):
    """A gap in coverage that somebody answers for until a date."""

    gap: Annotated[str, Field(description="as printed by scan: source:place")]
    owner: str
    reason: str
    expires: date


class Retention(_Strict):
    """How long history is kept in the store."""

    nights: Annotated[int, Field(ge=1, description="days of history to keep")] = 400


class Baselines(_Strict):
    """What drift, steps and differences from peers may cost."""

    false_notices_a_week: Annotated[
        float, Field(gt=0, le=1000, description="how many false notices a week all series together may cost")
    ] = DEFAULT_BUDGET


class ConfigFile(_Strict):
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


@dataclass(frozen=True, slots=True)
class Source:
    """One configured source: its collector, its options, and the environment that it describes."""

    name: str
    environment: str
    collector: Collector
    options: Options


@dataclass(frozen=True, slots=True)
class RuleRoot:
    """A folder of rule files; ``only`` names the rules taken from it (None: all)."""

    path: Path
    source: str
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration as the rest of driftbot uses it. ``root`` is the folder that paths are relative to."""

    path: Path
    root: Path
    store_url: str
    sources: tuple[Source, ...]
    rule_roots: tuple[RuleRoot, ...]
    disabled_rules: frozenset[str]
    accepted_gaps: tuple[AcceptedGap, ...]
    retention_nights: int
    false_notices_a_week: float = DEFAULT_BUDGET
    playbook_roots: tuple[Path, ...] = ()
    playbook_for: Mapping[str, str] = field(default_factory=dict)
    file_changes: FileChanges = FileChanges.FOLDER
    acting: Acting = field(default_factory=Acting)


def find_config(start: Path) -> Path:
    """The nearest ``driftbot.yaml`` at or above ``start``.

    Raises:
        Failure: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise Failure(
        f"there is no {FILE_NAME} in {start} or above it",
        "Run `driftbot init` to write one, name one with --config, or try `driftbot demo`.",
    )


def load_config(path: Path | None = None) -> Config:
    """Read the configuration; without a path the nearest one upwards.

    Raises:
        ConfigError: the file has problems, all of them listed.
        Failure: there is no such file, or it cannot be read.
    """
    found = path or find_config(Path.cwd())
    try:
        content = found.read_bytes()
    except OSError as error:
        raise Failure(
            f"{found} cannot be read: {error.strerror}", "Name another file with --config, or run `driftbot init`."
        ) from error
    return parse_config(content, found)


def parse_config(content: bytes, path: Path) -> Config:
    """Understand the bytes of a configuration file that stands (or would stand) at ``path``.

    Raises:
        ConfigError: the file has problems, all of them listed.
    """
    documents = read_yaml(content, "configuration", str(path))
    if documents.problems:
        raise ConfigError(documents.problems)
    node = documents.nodes[0] if documents.nodes else None
    plain = node.plain() if node else None
    if node is None or not isinstance(plain, dict):
        raise ConfigError([Problem(Origin("configuration", str(path), 1), "the file holds no settings")])
    try:
        file = config_model().model_validate(plain, context={"root": path.resolve().parent})
    except ValidationError as error:
        raise ConfigError(sorted(problems_of(error, node, config_model(), collectors()))) from None
    sources = tuple(_source(entry) for entry in file.sources)  # type: ignore[attr-defined]
    _refuse_names(sources, node)
    return _config(file, sources, path)


@cache
def config_model() -> type[ConfigFile]:
    """The model of the whole file: a source entry has the options of its kind. Also the source of the JSON Schema."""
    entries = [_entry_model(collector) for collector in collectors().values()]
    union = Annotated[reduce(or_, entries), Field(discriminator="kind")] if len(entries) > 1 else entries[0]
    return create_model("DriftbotYaml", __base__=ConfigFile, sources=(tuple[union, ...], ()))  # type: ignore[valid-type]


def _entry_model(collector: Collector) -> type[BaseModel]:
    name = "".join(part.title() for part in collector.kind.split("_")) + "Source"
    kind: Any = Literal[collector.kind]
    return create_model(name, __base__=(SourceEntry, collector.options), kind=(kind, ...))


def _source(entry: Any) -> Source:
    return Source(entry.name, entry.environment, collectors()[entry.kind], entry)


def _refuse_names(sources: Sequence[Source], node: Node) -> None:
    names = [source.name for source in sources]
    problems = [
        Problem(
            nearest(node, ["sources", index, "name"]).origin,
            f"the source name {name!r} is driftbot's own",
            "call it otherwise",
        )
        for index, name in enumerate(names)
        if name in RESERVED
    ]
    problems += [
        Problem(
            nearest(node, ["sources", index, "name"]).origin,
            f"the source name {name!r} is used twice",
            "give each source its own",
        )
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    if problems:
        raise ConfigError(problems)


def _config(file: ConfigFile, sources: tuple[Source, ...], path: Path) -> Config:
    root = path.resolve().parent
    return Config(
        path=path,
        root=root,
        store_url=file.store if "://" in file.store else f"sqlite:///{root / file.store}",
        sources=sources,
        rule_roots=tuple(_rule_roots(file.rules, root)),
        disabled_rules=frozenset(file.rules.disable),
        accepted_gaps=tuple(
            AcceptedGap(entry.gap, entry.owner, entry.reason, datetime.combine(entry.expires, time(), UTC))
            for entry in file.accepted_gaps
        ),
        retention_nights=file.retention.nights,
        false_notices_a_week=file.baselines.false_notices_a_week,
        playbook_roots=tuple(_playbook_roots(file.playbooks, root)),
        playbook_for=file.playbooks.for_rules,
        file_changes=file.playbooks.changes,
        acting=file.acting,
    )


def _rule_roots(rules: RuleEntry, root: Path) -> Iterator[RuleRoot]:
    if rules.shipped != "none":
        only = None if rules.shipped == "all" else frozenset(rules.shipped)
        yield RuleRoot(rules_root(), "shipped rules", only)
    for path in rules.paths:
        yield RuleRoot(root / path, path)


def _playbook_roots(playbooks: PlaybookEntry, root: Path) -> Iterator[Path]:
    if playbooks.shipped:
        yield playbooks_root()
    yield from (root / path for path in playbooks.paths)
