"""A shop, its Slack and a clock of their own: nights and decisions of a simulated week, and what people would read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from driftbot.chat.app import finish, slack_app
from driftbot.chat.connection import connected
from driftbot.chat.outcome import Aftermath
from driftbot.config import Config, load_config
from driftbot.delivery.deliver import deliver
from driftbot.nightly import NightResult, run
from driftbot.sandbox.acknowledgement import Acknowledgement
from driftbot.sandbox.sandbox import Sandbox
from driftbot.scan import Request
from driftbot.store.store import Store
from driftbot.tape import LiveTape

ANN, BEN = "U0000000ANN", "U0000000BEN"
MONDAY = datetime(2026, 6, 1, 2, 30, tzinfo=UTC)

CONFIG = """\
rules: {{shipped: none, paths: [lessons]}}
sources:
  - {{name: manifests, kind: kubernetes_manifests, environment: production, path: deploy}}
playbooks: {{paths: [playbooks], shipped: false}}
acting:
  ladder: [{{rule: "*", level: approve}}]
  limits: {{few: 10}}
slack:
  token: {{env: WEEK_BOT_TOKEN}}
  app_token: {{env: WEEK_APP_TOKEN}}
  url: {url}
  people: {{{ann}: {{name: "Ann <ann@example.org>"}}, {ben}: {{name: "Ben <ben@example.org>"}}}}
  owners: {{finance: {ben}}}
  approvers: [{ann}]
  applying: tonight
channels:
  - {{name: sre, kind: slack, channel: "#sre", escalate_after: 5d}}
"""

LESSON = """\
id: deadline-an-hour
title: Jobs have an hour
reference: {url: "https://example.org/reviews/jobs", summary: A job killed at its deadline lost a day of invoices.}
why: A short deadline kills the job that is a little slower than usual.
severity: high
owner: finance
review_by: 2030-01-01
for_each: job
let: {deadline: self.timeout.deadline}
expect: deadline >= duration("1h")
message: "{deadline} is short"
recommend: {timeout.deadline: 2 * self.timeout.deadline}
numbers: {1h: ours, 2: ours}
playbook: double-deadline
cases:
  - {name: short, facts: {timeout.deadline: 30m}, verdict: drift}
  - {name: long, facts: {timeout.deadline: 2h}, verdict: ok}
  - {name: unread, verdict: unknown}
"""

PLAYBOOK = """\
id: double-deadline
summary: Double a job's deadline.
risk: A job that hangs is killed later.
parameters:
  deadline: {type: quantity, unit: seconds, meaning: The new deadline., recommended: timeout.deadline}
steps:
  - action: edit_file
    settings: {set: timeout.deadline, to: "{deadline}"}
limits: {attempts: 1, factor: 2}
approvals: 1
verify: {after: 1s}
cases:
  - {name: nothing recommended, subject: shop/billing, refused: recommend}
"""

JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {name}, namespace: shop}}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      activeDeadlineSeconds: {seconds}
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: {name}, image: registry.example.org/{name}:2}}]
"""


@dataclass
class Clock:
    """The week's time: each look at it takes ten milliseconds, so that what comes later is later."""

    at: datetime = MONDAY - timedelta(hours=1)
    lock: Lock = field(default_factory=Lock)

    def __call__(self) -> datetime:
        with self.lock:
            self.at += timedelta(milliseconds=10)
            return self.at

    def set(self, at: datetime) -> None:
        with self.lock:
            assert at >= self.at
            self.at = at


@dataclass
class Week:
    """``asked`` is what the chat wanted done after each decision."""

    root: Path
    slack: Sandbox
    clock: Clock
    config: Config
    asked: list[Aftermath] = field(default_factory=list)

    def job(self, name: str, minutes: float | str) -> None:
        """Somebody writes a job's deadline; text stands for what no number can be read from."""
        seconds = minutes if isinstance(minutes, str) else int(minutes * 60)
        place = self.root / "deploy" / f"{name}.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(job_manifest(name, seconds), "utf-8")

    def night(self, number: int) -> NightResult:
        """The night after so many days."""
        self.clock.set(MONDAY + timedelta(days=number))
        with Store.open(self.config.store_url) as store:
            request = Request(as_of=MONDAY + timedelta(days=number))
            return run(self.config, store, LiveTape(self.root), request, self.clock, lambda _: None)

    def morning(self, number: int) -> None:
        """Half past eight of that day."""
        self.clock.set(MONDAY + timedelta(days=number, hours=6))

    def tell(self) -> None:
        """What `driftbot serve` does after a decision."""
        with Store.open(self.config.store_url) as store:
            assert [one.failure for one in deliver(self.config, store, self.clock)] == [""]

    def entry(self, job: str) -> dict[str, Any]:
        """The message about a job's finding."""
        return message_of(self.slack, job)

    def press(self, user: str, job: str, action: str, value: str = "") -> Acknowledgement:
        """Somebody uses a control of a job's message; waits until it is decided."""
        message = self.entry(job)
        before = len(self.audit())
        known = value or controls_of(message, action)
        answer = self.slack.press(user, "sre", message["ts"], action, known)
        self.wait(before)
        return answer

    def fill_in(self, user: str, job: str, action: str, **values: str) -> None:
        """Somebody opens the form behind a control and submits it; waits until it is decided."""
        before, message = len(self.audit()), self.entry(job)
        self.slack.press(user, "sre", message["ts"], action, controls_of(message, action))
        until(lambda: bool(self.slack.views(user)), "a form is open")
        self.slack.submit(user, **values)
        self.wait(before)

    def wait(self, before: int) -> None:
        """Until something more than that was decided."""
        until(lambda: len(self.audit()) > before, "something is decided")

    def audit(self) -> list[str]:
        """Everything that was asked for, one a line."""
        with Store.open(self.config.store_url) as store:
            return [
                f"{one.verb} by {one.by}: {'done' if one.accepted else 'refused'}: {one.told}"
                for one in store.chat_decisions()
            ]

    def transcript(self) -> str:
        """The channel as people read it now: each message with its controls, its replies indented below it."""
        seen = self.slack.channel("sre")
        lines: list[str] = []
        for message in seen.messages:
            if message.get("thread_ts", message["ts"]) == message["ts"]:
                lines += _shown(message, "")
                for reply in seen.thread(message["ts"]):
                    lines += _shown(reply, "    ")
        return "\n".join(lines)


def _key(message: dict[str, Any]) -> str:
    return str(message.get("metadata", {}).get("event_payload", {}).get("key", ""))


def message_of(slack: Sandbox, job: str) -> dict[str, Any]:
    """The message about a job's finding."""
    told = [one for one in slack.channel("sre").everything if _key(one).startswith(("finding:", "fixed:"))]
    found = [one for one in told if f"shop/{job}" in one["text"]]
    assert len(found) == 1, [one["text"] for one in told]
    return found[0]


def job_manifest(name: str, seconds: float | str) -> str:
    """A job with that deadline; text stands for what no number can be read from."""
    return JOB.format(name=name, seconds=seconds)


def until(so: Callable[[], bool], what: str) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 20
    while not so():
        assert time.monotonic() < deadline, f"not within twenty seconds: {what}"
        time.sleep(0.02)


def controls_of(message: dict[str, Any], action: str) -> str:
    """The value that a control of a message carries."""
    found = [one.get("value", "") for one in _elements(message) if one.get("action_id") == action]
    assert found, f"no {action} in {message['text']}"
    return str(found[0])


def has_control(message: dict[str, Any], action: str) -> bool:
    """Whether a message offers it."""
    return any(one.get("action_id") == action for one in _elements(message))


def _elements(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in message.get("blocks", ()):
        yield from block.get("elements", ())
        if "accessory" in block:
            yield block["accessory"]


def _shown(message: dict[str, Any], indent: str) -> Iterator[str]:
    edits = f" (edited {message['edits']}×)" if message["edits"] else ""
    also = " [also in the channel]" if message.get("subtype") == "thread_broadcast" else ""
    yield f"{indent}--{edits}{also}"
    texts = [text for block in message.get("blocks", ()) for text in _texts(block)] or [message["text"]]
    for line in "\n".join(texts).split("\n"):
        yield f"{indent}{line}".rstrip()
    for file in message.get("files", ()):
        yield f"{indent}<file {file.get('title', '')}: {file.get('alt_txt', '')}>"


def _texts(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header" | "section":
            if "text" in block:
                yield block["text"]["text"]
            yield from (one["text"] for one in block.get("fields", ()))
        case "context":
            yield from (one["text"] for one in block["elements"])
        case "actions":
            yield "  ".join(f"[{_label(one)}]" for one in block["elements"])
        case "divider":
            yield "----"
        case other:
            raise AssertionError(f"the transcript does not know blocks of type {other}")


def _label(element: dict[str, Any]) -> str:
    return str((element.get("text") or element.get("placeholder") or {"text": element["type"]})["text"])


_UNSTABLE = re.compile(r"\b[0-9a-f]{40,64}\b")


def stable(transcript: str) -> str:
    """The transcript without what no two runs share."""
    return _UNSTABLE.sub("<digest>", transcript)


@contextmanager
def week(root: Path) -> Iterator[Week]:
    """A shop beside a Slack of its own, with Socket Mode connected; the environment holds its tokens meanwhile."""
    clock = Clock()
    with Sandbox(clock=clock) as slack:
        os.environ.update(WEEK_BOT_TOKEN=slack.token, WEEK_APP_TOKEN=slack.app_token)
        for name, text in {
            "driftbot.yaml": CONFIG.format(url=slack.api_url, ann=ANN, ben=BEN),
            "lessons/batch/deadline-an-hour.yaml": LESSON,
            "playbooks/double-deadline.yaml": PLAYBOOK,
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        scene = Week(root, slack, clock, load_config(root / "driftbot.yaml"))
        app = slack_app(scene.config, scene.config.store_url, clock, scene.asked.append)
        assert scene.config.slack is not None
        try:
            with connected(app, scene.config.slack) as connection:
                until(lambda: connection.health().connected, "Slack is connected")
                yield scene
        finally:
            finish(app)
            del os.environ["WEEK_BOT_TOKEN"], os.environ["WEEK_APP_TOKEN"]
