"""The app that Slack's requests go to, over Socket Mode or HTTP: slack_bolt's, with our own reception in front."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt import App, BoltResponse

from driftbot.chat.answering import Answering
from driftbot.chat.desk import Desk
from driftbot.chat.identity import Identity, app_of
from driftbot.chat.outcome import Aftermath
from driftbot.chat.reception import Reception
from driftbot.chat.verification import Verification
from driftbot.config import Config
from driftbot.core.failure import Failure
from driftbot.credential import Credential, CredentialMissing
from driftbot.notifiers.slack.client import slack_client
from driftbot.notifiers.slack.failure import SlackFailure
from driftbot.notifiers.slack.patience import Patience

log = logging.getLogger("driftbot.chat")

THREADS = 4
"""Requests that are worked on at the same time (ours); decisions among them are made one after another."""
TIMEOUT = 10
"""Seconds that one call of Slack may take (ours)."""
LONGEST_WAIT = 5.0
"""Seconds that somebody is kept waiting because Slack asks to (ours); a form has to be open within three."""


@dataclass(frozen=True, slots=True)
class Briefly(Patience):
    """Waits for Slack, but never long: a person is there."""

    def allows(self, seconds: float) -> bool:
        """Whether so short a wait is worth it."""
        return seconds <= LONGEST_WAIT


def slack_app(config: Config, store_url: str, clock: Callable[[], datetime], after: Callable[[Aftermath], None]) -> App:
    """The app, ready for ``dispatch``; ``finish`` ends it. Slack is asked nothing before the first request.

    ``after`` is called from threads of the app, once for each decision that leaves something to do.

    Raises:
        Failure: there is no section ``slack``, or one of its secrets is not where it says.
    """
    workspace = config.slack
    if workspace is None:
        raise Failure("there is no Slack to decide in", "Write a section slack: into driftbot.yaml.")
    secret, app_token = _read(workspace.signing_secret, "signing_secret"), _read(workspace.app_token, "app_token")
    patience = Briefly(clock, time.sleep, datetime.max.replace(tzinfo=UTC))
    try:
        web = slack_client(workspace, patience, TIMEOUT).web
    except SlackFailure as failure:
        raise Failure(failure.told, failure.next_step) from None
    desk = Desk(config, workspace, store_url, clock, after)
    answering = Answering(desk, Identity(web, app_of(app_token)), web, clock)
    threads = ThreadPoolExecutor(THREADS, "driftbot-chat")
    app = App(
        name="driftbot",
        logger=log,
        client=web,
        signing_secret=secret,
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        before_authorize=Reception(Verification(secret, clock), answering, threads, clock),
        listener_executor=threads,
    )
    app.error(_not_answered)
    return app


def finish(app: App) -> None:
    """Wait until everything that was asked for is done; nothing more is taken."""
    app.listener_runner.listener_executor.shutdown(wait=True)


def _not_answered(error: Exception) -> BoltResponse:
    """A request that was not answered: one line of the log; Slack shows the person a warning."""
    log.error("a request was not answered: %s: %s", type(error).__name__, error)
    return BoltResponse(status=500, body="")


def _read(credential: Credential | None, name: str) -> str:
    try:
        return credential.read() if credential else ""
    except CredentialMissing as error:
        place = f"slack.{name}"
        raise Failure(f"the secret of {place} is missing: {error}", f"See {place} in driftbot.yaml.") from None
