"""The sandbox: a server in a thread of its own, and what a test or a command does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from driftbot.core.failure import Failure
from driftbot.sandbox.acknowledgement import PATIENCE, Acknowledgement
from driftbot.sandbox.call import Call
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.channel_view import ChannelView, seen
from driftbot.sandbox.fault import fault_of
from driftbot.sandbox.gate import HOST
from driftbot.sandbox.loop_thread import LoopThread
from driftbot.sandbox.methods.chat import remove
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.secrets import new_secrets
from driftbot.sandbox.server import Server
from driftbot.sandbox.socket_mode import Farewell
from driftbot.sandbox.state_file import StateFile
from driftbot.sandbox.token import TokenKind
from driftbot.sandbox.whole_text import whole
from driftbot.sandbox.workspace import View, Workspace

CHANNELS = ("sre", "payments", "general")


def _now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """A Slack on a port of 127.0.0.1 while it is entered (``with Sandbox() as slack:``).

    ``clock`` gives the messages their timestamps; ``patience`` is how many seconds an app has to answer to a press;
    what was said is kept in ``state`` if that is named, with the channels and the secrets.

    Raises:
        Failure: the state file cannot be used.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        channels: Iterable[str] = CHANNELS,
        clock: Callable[[], datetime] = _now,
        rate_limits: bool = False,
        patience: float = PATIENCE,
        state: Path | None = None,
    ) -> None:
        self._port, self._state = port, StateFile(state) if state else None
        self._workspace, self._secrets = Workspace(clock), new_secrets()
        self._restore()
        self._workspace.add_channels(name for name in channels if self._workspace.named(name) is None)
        self.token, self.app_token = self._secrets.bot, self._secrets.app
        self.signing_secret = self._secrets.signing_secret
        self._server = Server.wired(self._workspace, self._secrets, rate_limits, patience)
        self._thread = LoopThread("slack-sandbox")

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen.

        Raises:
            Failure: the port cannot be had.
        """
        self._thread.start()
        try:
            self._thread.wait_for(self._server.listen(self._port))
        except OSError as error:
            self._thread.end()
            raise Failure(
                f"the sandbox cannot listen on {HOST}:{self._port}: {error.strerror}", "Name another port."
            ) from error

    def stop(self) -> None:
        """End all connections and the thread, and keep what was said; asking twice does no harm.

        Raises:
            Failure: the state file cannot be written.
        """
        if self._thread.running:
            self._thread.wait_for(self._server.leave())
            self._thread.end()
            self.save()

    def save(self) -> None:
        """Keep what was said so far, if a state file was named.

        Raises:
            Failure: it cannot be written.
        """
        if self._state is None:
            return
        write = partial(self._state.write, self._workspace, self._secrets)
        if self._thread.running:
            self._thread.call(write)
        else:
            write()

    @property
    def url(self) -> str:
        """Where the page is."""
        return self._workspace.base_url

    @property
    def api_url(self) -> str:
        """Where the Web API is: ``base_url`` of slack_sdk's clients."""
        return f"{self.url}/api/"

    @property
    def log(self) -> tuple[Call, ...]:
        """All calls so far, in order."""
        return self._thread.call(lambda: tuple(self._server.api.log))

    @property
    def changes(self) -> int:
        """How often something changed that the page would show."""
        return self._workspace.changes

    @property
    def people(self) -> Mapping[str, str]:
        """User ids by handle."""
        return {person.handle: person.id for person in self._workspace.people.values()}

    @property
    def connections(self) -> int:
        """How many Socket Mode connections there are."""
        return self._thread.call(lambda: len(self._server.socket.connections))

    @property
    def connections_ever(self) -> int:
        """How many Socket Mode connections there have been."""
        return self._thread.call(lambda: self._server.socket.greeted)

    def channel(self, name: str) -> ChannelView:
        """A channel by name or id, as it is now.

        Raises:
            KeyError: there is none.
        """
        return self._thread.call(lambda: seen(self._workspace, self._channel(name)))

    def add_channel(self, name: str, *, private: bool = False, member: bool = True) -> str:
        """A new channel; returns its id."""

        def add() -> str:
            channel = Channel(self._workspace.mint("C"), name, private=private, member=member)
            self._workspace.channels[channel.id] = channel
            self._workspace.changed()
            return channel.id

        return self._thread.call(add)

    def rename_channel(self, name: str, new: str) -> None:
        """Call a channel something else; its id stays."""
        self._change(name, lambda channel: setattr(channel, "name", new))

    def archive(self, name: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self._change(name, lambda channel: setattr(channel, "archived", archived))

    def invite(self, name: str, member: bool = True) -> None:
        """Put the bot into a channel, or out of it."""
        self._change(name, lambda channel: setattr(channel, "member", member))

    def delete_message(self, name: str, ts: str) -> None:
        """Delete a message, as a moderator does."""
        self._change(name, lambda channel: remove(channel, channel.posts[ts]))

    def write(self, user: str, name: str, text: str, thread_ts: str = "") -> str:
        """Let a person write; returns the message's timestamp."""

        def post() -> str:
            written = Post(self._workspace.now_ts(), user, whole(text), thread_ts=thread_ts)
            self._channel(name).posts[written.ts] = written
            self._workspace.changed()
            return written.ts

        return self._thread.call(post)

    def file_content(self, id_: str) -> bytes | None:
        """The bytes of an uploaded file."""
        return self._thread.call(lambda: self._workspace.uploads[id_].content)

    def token_with(self, scopes: Iterable[str]) -> str:
        """Another bot token, with these scopes only."""
        return self._thread.call(lambda: self._secrets.add(TokenKind.BOT, frozenset(scopes)).secret)

    def revoke(self, token: str, revoked: bool = True) -> None:
        """Revoke a token, or take that back."""
        self._thread.call(lambda: setattr(self._secrets.tokens[token], "revoked", revoked))

    def limit_rates(self, enforced: bool = True) -> None:
        """Enforce Slack's rate limits from now on, or no longer."""
        self._thread.call(lambda: setattr(self._server.api.limits, "enforced", enforced))

    def fail_next(self, method: str, kind: str, times: int = 1, *, retry_after: int = 1) -> None:
        """Let the next calls of a method (``*``: of any; ``upload``: of a file's bytes) go wrong.

        ``kind`` is a ``FaultKind`` or an error code of Slack's; several wait for their turns.
        """
        self._thread.call(lambda: self._server.api.faults.add(method, fault_of(kind, retry_after), times))

    def heal(self) -> None:
        """Forget the faults that still wait."""
        self._thread.call(self._server.api.faults.waiting.clear)

    def interact_by_http(self, url: str) -> None:
        """Tell the app about interaction at its request URL instead of by Socket Mode ("": by Socket Mode again)."""
        self._thread.call(lambda: setattr(self._server.hands, "request_url", url))

    def payload_of_press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Json:
        """The payload of a press, undelivered: to forge, to replay, to sign wrongly.

        Raises:
            NotThere: no such person, message or control.
        """
        return self._thread.call(
            lambda: self._server.hands.payload_of_press(user, self._channel(channel).id, ts, action_id, value)
        )

    def deliver(self, payload: Json) -> Acknowledgement:
        """Tell the app any payload."""
        return self._thread.wait_for(self._server.hands.deliver(payload))

    def press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Acknowledgement:
        """Let a person use a control: press a button, or choose the option with that value.

        Raises:
            NotThere: no such person, message or control.
        """
        return self._thread.wait_for(self._server.hands.press(user, self._channel(channel).id, ts, action_id, value))

    def views(self, user: str) -> tuple[View, ...]:
        """A person's open modals, the one on top last."""
        return self._thread.call(lambda: tuple(self._workspace.open_views(user)))

    def submit(self, user: str, view: str = "", *, force: bool = False, **values: Any) -> Acknowledgement:
        """Let a person fill in inputs by block id and submit a modal (the one on top unless named).

        Raises:
            NotThere: no such modal, or an input that has to be filled in is empty (unless ``force``).
        """
        return self._thread.wait_for(self._server.hands.submit(user, view, values, force))

    def close_view(self, user: str, view: str = "") -> Acknowledgement:
        """Let a person close a modal."""
        return self._thread.wait_for(self._server.hands.close(user, view))

    def say_farewell(self, reason: Farewell = Farewell.REFRESH) -> None:
        """Ask the app to renew its Socket Mode connections."""
        self._thread.wait_for(self._server.socket.say_farewell(reason))

    def drop_connections(self) -> None:
        """Break the Socket Mode connections without a word."""
        self._thread.call(self._server.socket.drop)

    def _restore(self) -> None:
        if self._state is None or (state := self._state.read()) is None:
            return
        self._workspace.channels, self._workspace.uploads = state.channels, state.uploads
        self._workspace.minted, self._workspace.last_ts = state.minted, state.last_ts
        self._secrets = state.secrets

    def _channel(self, name: str) -> Channel:
        if (channel := self._workspace.channels.get(name) or self._workspace.named(name)) is None:
            names = sorted(one.name for one in self._workspace.channels.values())
            raise KeyError(f"no channel {name}; there are {names}")
        return channel

    def _change(self, name: str, change: Callable[[Channel], None]) -> None:
        def done() -> None:
            change(self._channel(name))
            self._workspace.changed()

        self._thread.call(done)
