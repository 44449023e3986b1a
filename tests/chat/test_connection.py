"""Socket Mode kept up: lost, renewed, refused at first, and what is said of it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftbot.chat import connection
from driftbot.chat.connection import connected
from driftbot.core.failure import Failure
from driftbot.notifiers.slack.controls import Control
from driftbot.sandbox.socket_mode import Farewell
from tests.chat.chat_scene import ANN, ChatScene, chat
from tests.chat.test_app import press, until


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatScene]:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(connection, "PING", 0.2)
    with chat(tmp_path, monkeypatch, jobs=("invoice",)) as scene:
        yield scene


def is_heard(at: ChatScene) -> None:
    """A press arrives and is decided."""
    before = len(at.audit())
    press(at, ANN, at.posted(at.lives()[0]), Control.NOT_USEFUL)
    until(lambda: len(at.audit()) > before)


@pytest.mark.parametrize("reason", [None, Farewell.REFRESH, Farewell.WARNING])
def test_a_connection_that_ends_is_made_again(at: ChatScene, reason: Farewell | None):
    with connected(at.app, at.workspace) as kept:
        until(lambda: kept.health().connected)
        first = kept.handler.client.session_id()
        if reason is None:
            at.sandbox.drop_connections()
        else:
            at.sandbox.say_farewell(reason)
        until(lambda: kept.handler.client.session_id() != first)
        # Whatever goes down the old connection while it is renewed is lost: Slack shows a warning, people press again.
        until(lambda: kept.health().connected and at.sandbox.connections == 1)
        is_heard(at)
    assert at.sandbox.connections == 0


def test_slack_that_is_not_there_at_first_is_tried_again(at: ChatScene):
    at.sandbox.fail_next("apps.connections.open", "internal_error", 3)
    with connected(at.app, at.workspace) as kept:
        until(lambda: "internal_error" in kept.health().told)
        assert not kept.health().connected
        until(lambda: kept.health().connected)
        assert kept.health().told == ""
        is_heard(at)


def test_a_revoked_token_is_said_and_stopping_does_not_wait(at: ChatScene):
    at.sandbox.revoke(at.sandbox.app_token)
    with connected(at.app, at.workspace) as kept:
        until(lambda: "the token was revoked" in kept.health().told)
        assert "xapp-" not in kept.health().told


def test_without_a_token_there_is_a_sentence(at: ChatScene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("APP")
    with pytest.raises(Failure, match="APP is not set"), connected(at.app, at.workspace):
        pass
    bare = at.workspace.model_copy(update={"app_token": None})
    with pytest.raises(Failure, match="Socket Mode needs the app's token"), connected(at.app, bare):
        pass
