"""A real estate in a clone with a real remote, scanned and planned by driftbot, that can be put back."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from driftbot.config import Config, load_config
from driftbot.remedies.reach import planned, tools_of
from driftbot.remedies.world import outlook
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape
from tests.campaigns.crash.outside import PROGRAMS, Deployer, write_programs
from tests.campaigns.crash.planted import Way
from tests.campaigns.crash.records import forget_runs
from tests.forges.bench import Bench, token_of
from tests.git_repository import GitRepository
from tests.repository.scene import run
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.process import start

BASE = "main"
FRESH, APPLIED = "fresh", "applied"
_HOOK = '#!/bin/sh\ntest "$1" = committed && cat >> pushes\nexit 0\n'
_PAGER = ".pager"
_IGNORED = "/driftbot.db*\n"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class World:
    """Everything that a remedy can change. ``digests`` are those of the remedies, by playbook."""

    folder: Path
    way: Way
    deployer: Deployer
    forge: Bench
    pager: AlertmanagerServer | None = None
    store: str = "driftbot.db"
    digests: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def estate(self) -> Path:
        return self.folder / "estate"

    @property
    def remote(self) -> Path:
        return self.folder / "up.git"

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    @property
    def store_url(self) -> str:
        return self.store if "://" in self.store else f"sqlite:///{self.estate / self.store}"

    @property
    def config(self) -> Path:
        return self.estate / "driftbot.yaml"

    def plant(self) -> None:
        """Write everything, push it, scan it and keep the plan."""
        self.folder.mkdir(parents=True)
        self.deployer.done = []
        vars(self.forge.state).update(vars(type(self.forge.state)()))
        write_programs(self.programs)
        self._token.write_text(token_of(self.forge.kind))
        run(self.folder, "init", "-q", "--bare", "-b", BASE, str(self.remote))
        hook = self.remote / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        clone = GitRepository(self.estate)
        files: dict[str, str | None] = {".gitignore": _IGNORED, "driftbot.yaml": yaml.safe_dump(self._configuration())}
        for case in self.way.cases.values():
            files |= {case.path: case.before, f"rules/{case.playbook}.yaml": case.rule}
            if case.written:
                files[f"playbooks/{case.playbook}.yaml"] = case.written
        (self.estate / "playbooks").mkdir(exist_ok=True)
        clone.commit("The shop", files)
        clone.git("remote", "add", "origin", str(self.remote))
        clone.git("push", "-q", "origin", BASE)
        self._plan(load_config(self.config))

    def keep(self, name: str) -> None:
        """Remember the world as it is."""
        shutil.copytree(self.folder, self._copy(name), symlinks=True)
        if self.pager is not None:
            with _asleep(self.pager) as data:
                shutil.copytree(data, self._copy(f"{name}{_PAGER}"))
        self._kept[name] = copy.deepcopy((self.deployer.done, vars(self.forge.state)))

    def restore(self, name: str) -> None:
        """The world as it was when it was kept."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._copy(name), self.folder, symlinks=True)
        self.deployer.done, state = copy.deepcopy(self._kept[name])
        vars(self.forge.state).update(state)
        if "://" in self.store:
            assert name == FRESH, "what was done is only kept with the files"
            forget_runs(self.store)
        if self.pager is not None:
            with _asleep(self.pager) as data:
                shutil.rmtree(data)
                shutil.copytree(self._copy(f"{name}{_PAGER}"), data)

    def silences(self) -> list[dict[str, Any]]:
        """All silences, those that ended included."""
        return [] if self.pager is None else list(self.pager._ask("GET", "/api/v2/silences").json())

    @property
    def _token(self) -> Path:
        return self.folder / "token"

    def _copy(self, name: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{name}")

    def _plan(self, config: Config) -> None:
        with Store.open(config.store_url) as store:
            scan(config, store, LiveTape(self.estate), Request(now()), now, lambda _: None)
            plan = planned(outlook(config, store, now()).world, tools_of(config, now, str))
            store.keep_plan(plan)
        self.digests = {one.playbook: one.digest for one in plan.remedies}
        left = [(held.playbook, [hold.reason for hold in held.holds]) for held in plan.held]
        assert set(self.digests) == set(self.way.cases), left

    def _configuration(self) -> Mapping[str, Any]:
        limits = {name: {"most": 1000} for name in ("run", "rule", "owner", "environment")}
        kinds = {"jobs": "kubernetes_manifests", "deploy": "kubernetes_manifests", "alerts": "alert_files"}
        here = {case.path.partition("/")[0] for case in self.way.cases.values()}
        sources = [
            {"name": name, "kind": kind, "environment": "production", "path": name}
            for name, kind in kinds.items()
            if name in here
        ]
        programs = [{"program": str(self.programs / name), "arguments": [".*"]} for name in PROGRAMS]
        forge = self.forge.options(token={"file": str(self._token)})
        reach: dict[str, Any] = {
            "git_change": {"repositories": [{"forge": "forge"}]},
            "forges": {"forge": forge.model_dump(mode="json", exclude_none=True)},
            "http_request": {"hosts": [{"name": "deployer", "url": self.deployer.url}]},
            "run_command": {"commands": programs},
        }
        if self.pager is not None:
            sources.append(
                {"name": "pager", "kind": "alertmanager", "environment": "production", "url": self.pager.url}
            )
            reach["alertmanager_silence"] = {"sources": ["pager"]}
        return {
            "store": self.store,
            "sources": sources,
            "rules": {"paths": ["rules"], "shipped": "none"},
            "playbooks": {"paths": ["playbooks"], "changes": self.way.name},
            "acting": {"ladder": [{"level": "propose"}], "limits": limits, "reach": reach},
        }


@contextmanager
def _asleep(pager: AlertmanagerServer) -> Iterator[Path]:
    """The data of an Alertmanager while it does not run; it keeps its silences when it ends, and starts again after."""
    pager.process.terminate()
    pager.process.wait(timeout=30)
    yield pager.directory / "data"
    again = start(AlertmanagerServer, list(pager.process.args), pager.url, pager.directory, "/-/ready")  # type: ignore[arg-type]
    pager.process = again.process
