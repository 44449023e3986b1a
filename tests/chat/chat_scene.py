"""An estate with a plan, a Slack of its own, and the app between them: what a test of deciding in Slack needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread

import pytest
from slack_bolt import App

from driftbot.chat.app import THREADS, finish, slack_app
from driftbot.chat.http_request import answer_http
from driftbot.chat.outcome import Aftermath
from driftbot.config import Config, load_config
from driftbot.core.chat_decision import ChatDecision
from driftbot.core.digest import Entry, Offer, Standing
from driftbot.core.history import FindingLife
from driftbot.core.ladder import Level
from driftbot.core.plan import Plan
from driftbot.notifiers.slack.controls_shown import controls
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.sandbox.post import Json
from driftbot.sandbox.sandbox import Sandbox
from driftbot.store.store import Store
from tests.remedies.estate import Terms, planned_and_kept, scanned, write_estate
from tests.servers.slack import client_of

ANN, BEN, CLEO = "U0000000ANN", "U0000000BEN", "U0000000CLE"
"""Two who may approve, and one whom the configuration does not know."""
NAMES = {ANN: "Ann <ann@example.org>", BEN: "Ben <ben@example.org>"}
CHANNEL = "sre"
SLACK = """\
slack:
  token: {{env: BOT}}
  app_token: {{env: APP}}
  signing_secret: {{env: SECRET}}
  url: {url}
  people:
    {ann}: {{name: "Ann <ann@example.org>"}}
    {ben}: {{name: "Ben <ben@example.org>"}}
  approvers: [{ann}, {ben}]
  applying: {applying}
"""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ChatScene:
    """``afters`` are what the app wanted done, ``config`` what it was made with."""

    root: Path
    sandbox: Sandbox
    config: Config
    plan: Plan
    app: App
    afters: list[Aftermath] = field(default_factory=list)

    @property
    def workspace(self) -> SlackWorkspace:
        assert self.config.slack is not None
        return self.config.slack

    def lives(self) -> tuple[FindingLife, ...]:
        with self.store() as store:
            return store.lives()

    def store(self) -> Store:
        return Store.open(self.config.store_url)

    def audit(self) -> list[ChatDecision]:
        with self.store() as store:
            return list(store.chat_decisions())

    def posted(self, life: FindingLife, missing: int = 1) -> str:
        """The timestamp of a message about a finding, with its controls, and its remedy's button."""
        fingerprint = life.finding.fingerprint
        offered = next((one for one in self.plan.remedies if one.covers[0].fingerprint == fingerprint), None)
        offer = Offer(offered.digest, self.plan.digest, "raise", Level.APPROVE, "", (), missing) if offered else None
        blocks = controls(Entry(life, Standing.NEW, offer=offer), self.workspace)
        posted = client_of(self.sandbox).chat_postMessage(channel=CHANNEL, text="drift", blocks=list(blocks))
        return str(posted["ts"])

    def settle(self) -> None:
        """Wait until all that was asked for is decided; the app takes nothing more."""
        finish(self.app)

    def rest(self) -> None:
        """Wait until all that was asked for so far is decided; the app goes on taking what comes."""
        threads = self.app.listener_runner.listener_executor
        meeting = Barrier(THREADS + 1)
        for _ in range(THREADS):
            threads.submit(meeting.wait)
        meeting.wait()

    def whispers(self, user: str) -> list[str]:
        """What was said to that person alone."""
        return [one["text"] for one in self.sandbox.channel(CHANNEL).whispers if one["user"] == user]

    def asked(self, method: str) -> list[Json]:
        return [call.arguments for call in self.sandbox.log if call.method == method]


@contextmanager
def chat(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    applying: str = "at_once",
    more: str = "",
    signed: bool = True,
    jobs: tuple[str, ...] = ("invoice", "report"),
    **terms: object,
) -> Iterator[ChatScene]:
    """The estate on some terms, scanned and planned for; ``more`` is appended to the configuration's ``acting``."""
    write_estate(root, *jobs, terms=Terms(**{"level": "approve", **terms}))  # type: ignore[arg-type]
    with Sandbox() as sandbox:
        path = root / "driftbot.yaml"
        secrets = {"BOT": sandbox.token, "APP": sandbox.app_token, "SECRET": sandbox.signing_secret}
        for name, value in secrets.items():
            monkeypatch.setenv(name, value)
        slack = SLACK.format(url=sandbox.api_url, ann=ANN, ben=BEN, applying=applying)
        unsigned = slack.replace("  signing_secret: {env: SECRET}\n", "")
        path.write_text(path.read_text() + more + (slack if signed else unsigned))
        plan = planned_and_kept(scanned(root))
        config = load_config(path)
        afters: list[Aftermath] = []
        app = slack_app(config, config.store_url, now, afters.append)
        try:
            yield ChatScene(root, sandbox, config, plan, app, afters)
        finally:
            finish(app)


@contextmanager
def request_url(app: App) -> Iterator[str]:
    """The app behind HTTP, as a server mounts it."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = answer_http(app, body, dict(self.headers))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
