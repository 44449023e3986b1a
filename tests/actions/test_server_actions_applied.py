"""Whole runs over real servers: what does not help is undone and loaded back, and a process killed in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from driftbot.actions import alertmanager_silence, edit_file, http_request, prometheus_reload, run_command, verify
from driftbot.config import Config, load_config
from driftbot.core.ladder import Level
from driftbot.core.remedy import OnFailure, Remedy, Step
from driftbot.core.run import Run, RunState
from driftbot.remedies import effects
from driftbot.remedies.acting import acting
from driftbot.remedies.reach import tools_of
from driftbot.remedies.recovery import go_on, recover
from driftbot.remedies.runner import Runner
from driftbot.store.store import Store
from tests.actions.server_scene import declared, occasion, proposed
from tests.servers.fake import Reply, fake_server

RULES = """\
groups:
  - name: shop
    rules:
      - alert: HighErrors
        expr: sum(rate(errors_total[5m])) > 5  # per second
        for: 10m
"""
HELPS, HARMS = "count(nothing or vector(1)) < 2", "count(nothing or vector(1)) > 2"


class Killed(BaseException):
    """The process ended here: nothing after it happened."""


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """These servers are at nothing any more when they have answered: looking again needs no time."""
    monkeypatch.setattr(effects, "sleep", lambda _seconds: None)


def now() -> datetime:
    return datetime.now(UTC)


def never(_name: str) -> None:
    """A process that lives on."""


def configured(root: Path, reach: dict[str, object], **sources: dict[str, str]) -> Config:
    entries = [{"name": name, "environment": "production", **options} for name, options in sources.items()]
    (root / "driftbot.yaml").write_text(yaml.safe_dump({"sources": entries, "acting": {"reach": reach}}))
    return load_config(root / "driftbot.yaml")


@contextmanager
def process(config: Config, boundary: Callable[[str], None] = never) -> Iterator[tuple[Runner, Store]]:
    with Store.open(config.store_url) as store, acting(config, store, now, str, boundary) as runner:
        yield runner, store


def remedy_of(*steps: Step, number: int = 0) -> Remedy:
    """A remedy that differs, and has other keys, for each number."""
    covered = (occasion().covered,)
    return Remedy("restore", Level.PROPOSE, covered, steps, 1, timedelta(minutes=15, seconds=number), OnFailure.UNDO)


def states(run: Run) -> list[str]:
    return [step.state.value for step in run.steps]


def restored_threshold(config: Config, source: str, promql: str) -> tuple[Step, ...]:
    """The file's threshold set to 3, loaded, and a condition that has to hold for a second."""
    facts = declared(config.root)
    (part,) = {fact.subject for fact in facts if fact.key == "threshold"}
    own = [fact for fact in facts if fact.subject == part]
    tools = tools_of(config, now, str)
    edited = proposed(edit_file.action, {"set": "threshold", "to": "3"}, occasion(part, own), tools)
    after = occasion(part, own, [edited])
    reloaded = proposed(prometheus_reload.action, {"source": source, "within": 5}, after, tools)
    held = proposed(verify.action, {"source": source, "promql": promql, "for": "1s"}, after, tools)
    return edited, reloaded, held


def loaded(server) -> str:
    (group,) = server._ask("GET", "/api/v1/rules").json()["data"]["groups"]
    return str(group["rules"][0]["query"])


@pytest.fixture
def shop(prometheus_server):
    """A Prometheus whose folder is the estate's."""
    server = prometheus_server(rules={"shop.yml": RULES})
    source = {"kind": "prometheus", "url": server.url}
    rules = {"kind": "alert_files", "path": "rules"}
    return server, configured(
        server.directory, {"prometheus_reload": {"sources": ["live"]}}, **{"live": source, "alert-rules": rules}
    )


@pytest.mark.server
def test_a_fix_that_helps_is_loaded_and_stays(shop):
    server, config = shop
    with process(config) as (runner, store):
        run = runner.apply("f" * 64, remedy_of(*restored_threshold(config, "live", HELPS)), "ann")
        assert (run.state, states(run)) == (RunState.WAITING, ["done", "done", "pending"])
        assert loaded(server).endswith("> 3")
        time.sleep(2.5)
        (run,) = go_on(runner, store)
    assert (run.state, states(run)) == (RunState.VERIFYING, ["done"] * 3)


@pytest.mark.server
def test_a_fix_that_does_not_help_is_undone_and_loaded_back(shop):
    server, config = shop
    with process(config) as (runner, store):
        run = runner.apply("f" * 64, remedy_of(*restored_threshold(config, "live", HARMS)), "ann")
        assert loaded(server).endswith("> 3")
        time.sleep(2.5)
        (run,) = go_on(runner, store)
    assert run.state is RunState.UNDONE, run.told
    assert states(run)[:2] == ["undone", "undone"]
    assert "was violated" in run.told
    assert (server.directory / "rules" / "shop.yml").read_text() == RULES
    assert loaded(server).endswith("> 5")


@pytest.mark.server
def test_a_server_that_may_not_be_reloaded_leaves_the_file_as_it_was(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES}, without=["--web.enable-lifecycle"])
    live, rules = {"kind": "prometheus", "url": server.url}, {"kind": "alert_files", "path": "rules"}
    config = configured(
        server.directory, {"prometheus_reload": {"sources": ["live"]}}, **{"live": live, "alert-rules": rules}
    )
    with process(config) as (runner, _):
        run = runner.apply("f" * 64, remedy_of(*restored_threshold(config, "live", HELPS)), "ann")
    assert run.state.ended
    assert states(run)[0] == "undone"
    assert "--web.enable-lifecycle" in run.told
    assert (server.directory / "rules" / "shop.yml").read_text() == RULES


class KilledAt:
    """Ends the process at one of its boundaries, counted from 0; ``names`` are those that it came by."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if self.left == 0:
            raise Killed
        self.left -= 1


def killed_everywhere(config: Config, step: Step) -> Iterator[tuple[list[str], Run | None]]:
    """A run of the step that is killed at each of its boundaries in turn, and what the next process makes of it."""
    for at in range(100):
        boundary = KilledAt(at)
        Path(config.store_url.removeprefix("sqlite:///")).unlink(missing_ok=True)
        try:
            with process(config, boundary) as (runner, _):
                runner.apply("f" * 64, remedy_of(step, number=at), "ann")
        except Killed:
            with process(config) as (runner, store):
                recover(runner, store)
                yield boundary.names, next(iter(store.runs()), None)
        else:
            assert at > 5
            return
    raise AssertionError("it never ended")


def test_a_request_that_is_read_back_is_made_once_wherever_the_process_ends(tmp_path):
    made: list[str] = []

    def answer(request):
        if request.method == "POST":
            made.append(request.headers["Idempotency-Key"])
        return Reply(200, {"state": "restarted" if made else "running"})

    with fake_server(answer) as server:
        host = {"name": "deploy", "url": server.url}
        config = configured(tmp_path, {"http_request": {"hosts": [host]}})
        check = {"path": "/job", "at": "$.state", "equals": "restarted"}
        settings = {"host": "deploy", "path": "/job", "check": check}
        step = proposed(http_request.action, settings, occasion(), tools_of(config, now, str))
        for names, run in killed_everywhere(config, step):
            assert len(made) == (run is not None), names
            assert run is None or run.state is RunState.VERIFYING, run.told
            made.clear()


def test_a_request_that_nothing_reads_back_is_never_made_twice_and_uncertain(tmp_path):
    made: list[str] = []

    def answer(request):
        made.append(request.headers["Idempotency-Key"])
        return Reply(200)

    with fake_server(answer) as server:
        config = configured(tmp_path, {"http_request": {"hosts": [{"name": "deploy", "url": server.url}]}})
        step = proposed(http_request.action, {"host": "deploy", "path": "/job"}, occasion(), tools_of(config, now, str))
        found = set()
        for names, run in killed_everywhere(config, step):
            assert len(made) <= 1, names
            if run is not None:
                found.add((run.state, len(made)))
            made.clear()
    assert found == {(RunState.VERIFYING, 1), (RunState.UNCERTAIN, 0), (RunState.UNCERTAIN, 1)}


@pytest.mark.parametrize("checked", [True, False])
def test_a_command_is_run_once_wherever_the_process_ends(tmp_path, checked):
    program, check = tmp_path / "program", tmp_path / "check"
    program.write_text('#!/bin/sh\necho "$DRIFTBOT_KEY" >> done\n')
    check.write_text("#!/bin/sh\ntest -e done\n")
    for path in (program, check):
        path.chmod(0o755)
    # The shell finds `test` built in: there is no PATH.
    allowed = [{"program": str(path)} for path in (program, check)]
    config = configured(tmp_path, {"run_command": {"commands": allowed}})
    settings = {"argv": [str(program)], **({"check": {"argv": [str(check)]}} if checked else {})}
    step = proposed(run_command.action, settings, occasion(), tools_of(config, now, str))
    found = set()
    for names, run in killed_everywhere(config, step):
        keys = (tmp_path / "done").read_text().split() if (tmp_path / "done").exists() else []
        (tmp_path / "done").unlink(missing_ok=True)
        assert len(keys) <= 1, names
        if run is not None:
            found.add((run.state, len(keys)))
    uncertain = set() if checked else {(RunState.UNCERTAIN, 0), (RunState.UNCERTAIN, 1)}
    assert found == {(RunState.VERIFYING, 1), *uncertain}


@pytest.mark.server
def test_a_silence_is_set_once_wherever_the_process_ends(alertmanager_server, tmp_path):
    server = alertmanager_server("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    source = {"kind": "alertmanager", "url": server.url}
    config = configured(tmp_path, {"alertmanager_silence": {"sources": ["alerts"]}}, alerts=source)
    settings = {"source": "alerts", "matchers": ['alertname="HighErrors"'], "comment": "a fix"}
    step = proposed(alertmanager_silence.action, settings, occasion(), tools_of(config, now, str))
    for names, run in killed_everywhere(config, step):
        active = [one for one in server._ask("GET", "/api/v2/silences").json() if one["status"]["state"] == "active"]
        assert len(active) == (run is not None), names
        assert run is None or run.state is RunState.VERIFYING, run.told
        for one in active:
            server.expire(one["id"])


def test_nothing_of_a_secret_is_in_the_journal(tmp_path, monkeypatch):
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2hunter2")
    with fake_server(lambda request: Reply(500, json.dumps(dict(request.headers)))) as server:
        host = {"name": "deploy", "url": server.url, "bearer": {"env": "DEPLOY_TOKEN"}}
        config = configured(tmp_path, {"http_request": {"hosts": [host]}})
        step = proposed(http_request.action, {"host": "deploy", "path": "/job"}, occasion(), tools_of(config, now, str))
        with process(config) as (runner, _):
            run = runner.apply("f" * 64, remedy_of(step), "ann")
    assert run.state is RunState.UNCERTAIN
    assert "REDACTED" in run.told
    written = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert not any(b"hunter2" in content for content in written)
