"""The configuration: the only reader of ``driftbot.yaml``, with every error of the file at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from driftbot.collectors.collector import Collector, Options
from driftbot.config_file import RESERVED, TOLD_APART_BY, Acting, ConfigFile, PlaybookEntry, RuleEntry, config_model
from driftbot.core.coverage import AcceptedGap
from driftbot.core.fact import Origin
from driftbot.core.failure import Failure
from driftbot.core.rule import Problem
from driftbot.detectors.notice_budget import DEFAULT_BUDGET
from driftbot.documents.node import Node
from driftbot.documents.validation import nearest, problems_of
from driftbot.documents.yaml import read_yaml
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.notifier import Notifier, SharesSection
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.playbooks.file_changes import FileChanges
from driftbot.plugins import collectors, notifiers
from driftbot.serve_options import ServeOptions
from driftbot.shipped import playbooks_root, rules_root

FILE_NAME = "driftbot.yaml"


class ConfigError(Failure):
    """The configuration cannot be used; the message lists every problem with its place."""

    def __init__(self, problems: Sequence[Problem], next_step: str = "Correct these lines and run again.") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems), next_step)


@dataclass(frozen=True, slots=True)
class Channel:
    """One configured channel: its notifier and its options."""

    name: str
    notifier: Notifier
    options: ChannelOptions


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
    channels: tuple[Channel, ...] = ()
    slack: SlackWorkspace | None = None
    serve: ServeOptions = field(default_factory=ServeOptions)


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
        raise ConfigError(sorted(problems_of(error, node, config_model(), TOLD_APART_BY))) from None
    sources = tuple(_source(entry) for entry in file.sources)  # type: ignore[attr-defined]
    channels = tuple(_channel(entry, file) for entry in file.channels)  # type: ignore[attr-defined]
    _refuse_names(sources, node)
    _refuse_channels(channels, file, node)
    return replace(_config(file, sources, path), channels=channels)


def _channel(entry: Any, file: ConfigFile) -> Channel:
    notifier = notifiers()[entry.kind]
    if isinstance(notifier, SharesSection):
        notifier = notifier.with_section(_shared(notifier, file))
    return Channel(entry.name, notifier, entry)


def _shared(notifier: SharesSection, file: ConfigFile) -> Any:
    """What the section says that all channels of this kind share; None where it is not written."""
    return getattr(file, notifier.section, None)


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
    problems += _used_twice("source", names, node)
    if problems:
        raise ConfigError(problems)


def _refuse_channels(channels: Sequence[Channel], file: ConfigFile, node: Node) -> None:
    problems = list(_used_twice("channel", [channel.name for channel in channels], node))
    for index, channel in enumerate(channels):
        notifier = channel.notifier
        if isinstance(notifier, SharesSection) and _shared(notifier, file) is None:
            problems.append(
                Problem(
                    nearest(node, ["channels", index, "kind"]).origin,
                    f"a channel of kind {notifier.kind} needs what all channels of its kind share",
                    f"write a section {notifier.section}: beside channels:",
                )
            )
    if problems:
        raise ConfigError(problems)


def _used_twice(noun: str, names: Sequence[str], node: Node) -> Iterator[Problem]:
    """The second and later uses of a name in the list ``<noun>s``."""
    for index, name in enumerate(names):
        if name in names[:index]:
            place = nearest(node, [f"{noun}s", index, "name"]).origin
            yield Problem(place, f"the {noun} name {name!r} is used twice", f"give each {noun} its own")


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
        slack=file.slack,
        serve=file.serve,
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
