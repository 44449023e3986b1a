"""The sandbox: a server in a thread of its own, and what a test or a command does with it."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from driftbot.core.failure import Failure
from driftbot.sandbox.acknowledgement import Acknowledgement
from driftbot.sandbox.call import Call
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.fault import fault_of
from driftbot.sandbox.gate import HOST, only_loopback
from driftbot.sandbox.hands import Hands
from driftbot.sandbox.message_json import message_json
from driftbot.sandbox.methods.chat import remove
from driftbot.sandbox.methods.files import LARGEST
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.response_url import ResponseUrls
from driftbot.sandbox.socket_mode import Farewell, SocketMode
from driftbot.sandbox.token import APP_SCOPES, BOT_SCOPES, TokenKind, new_token
from driftbot.sandbox.web_api import WebApi
from driftbot.sandbox.workspace import View, Workspace

CHANNELS = ("sre", "payments", "general")
Result = TypeVar("Result")
_LONGEST_WAIT = 30.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as it is now: ``messages`` are those that it shows, oldest first."""

    id: str
    name: str
    messages: tuple[Json, ...]
    threads: Mapping[str, tuple[Json, ...]]
    whispers: tuple[Json, ...]

    def thread(self, ts: str) -> tuple[Json, ...]:
        """The replies to a message, oldest first, without the message itself."""
        return self.threads.get(ts, ())

    @property
    def everything(self) -> tuple[Json, ...]:
        """Messages and replies, each once, oldest first."""
        unique = {
            one["ts"]: one for one in (*self.messages, *(reply for all_ in self.threads.values() for reply in all_))
        }
        return tuple(unique[ts] for ts in sorted(unique))


class Sandbox:
    """A Slack on a free port of 127.0.0.1 while it is entered (``with Sandbox() as slack:``).

    ``clock`` gives the messages their timestamps; ``patience`` is how many seconds an app has to answer.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        channels: Iterable[str] = CHANNELS,
        clock: Callable[[], datetime] = _now,
        rate_limits: bool = False,
        patience: float = 3.0,
    ) -> None:
        self._port = port
        self._workspace = Workspace(clock)
        self._workspace.add_channels(channels)
        bot, app = new_token(TokenKind.BOT, BOT_SCOPES), new_token(TokenKind.APP, APP_SCOPES)
        self.token, self.app_token = bot.secret, app.secret
        self.signing_secret = secrets.token_hex(16)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._api = WebApi(self._workspace, {bot.secret: bot, app.secret: app}, self._stopping)
        self._api.limits.enforced = rate_limits
        self._socket = SocketMode(self._workspace, patience)
        self._hands = Hands(self._workspace, self._socket, self.signing_secret, patience=patience)
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack-sandbox", daemon=True)

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
            self._await(self._listen())
        except OSError as error:
            self._end_thread()
            raise Failure(
                f"the sandbox cannot listen on {HOST}:{self._port}: {error.strerror}", "Name another port with --port."
            ) from error

    def stop(self) -> None:
        """End all connections and the thread; asking twice does no harm."""
        if self._thread.is_alive():
            self._await(self._leave())
            self._end_thread()

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
        return self._on_thread(lambda: tuple(self._api.log))

    @property
    def people(self) -> Mapping[str, str]:
        """User ids by handle."""
        return {person.handle: person.id for person in self._workspace.people.values()}

    @property
    def connections(self) -> int:
        """How many Socket Mode connections there are."""
        return self._on_thread(lambda: len(self._socket.connections))

    def channel(self, name: str) -> ChannelView:
        """A channel by name or id, as it is now.

        Raises:
            KeyError: there is none.
        """
        return self._on_thread(lambda: self._shown(self._channel(name)))

    def add_channel(self, name: str, *, private: bool = False, member: bool = True) -> str:
        """A new channel; returns its id."""

        def add() -> str:
            channel = Channel(self._workspace.mint("C"), name, private=private, member=member)
            self._workspace.channels[channel.id] = channel
            self._workspace.changed()
            return channel.id

        return self._on_thread(add)

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
            written = Post(self._workspace.now_ts(), user, text, thread_ts=thread_ts)
            self._channel(name).posts[written.ts] = written
            self._workspace.changed()
            return written.ts

        return self._on_thread(post)

    def file_content(self, id_: str) -> bytes | None:
        """The bytes of an uploaded file."""
        return self._on_thread(lambda: self._workspace.uploads[id_].content)

    def token_with(self, scopes: Iterable[str]) -> str:
        """Another bot token, with these scopes only."""

        def add() -> str:
            token = new_token(TokenKind.BOT, frozenset(scopes))
            self._api.tokens[token.secret] = token
            return token.secret

        return self._on_thread(add)

    def revoke(self, token: str, revoked: bool = True) -> None:
        """Revoke a token, or take that back."""
        self._on_thread(lambda: setattr(self._api.tokens[token], "revoked", revoked))

    def limit_rates(self, enforced: bool = True) -> None:
        """Enforce Slack's rate limits from now on, or no longer."""
        self._on_thread(lambda: setattr(self._api.limits, "enforced", enforced))

    def fail_next(self, method: str, kind: str, times: int = 1, *, retry_after: int = 1) -> None:
        """Let the next calls of a method (``*``: of any; ``upload``: of a file's bytes) go wrong.

        ``kind`` is a ``FaultKind`` or an error code of Slack's; several wait for their turns.
        """
        self._on_thread(lambda: self._api.faults.add(method, fault_of(kind, retry_after), times))

    def heal(self) -> None:
        """Forget the faults that still wait."""
        self._on_thread(self._api.faults.waiting.clear)

    def interact_by_http(self, url: str) -> None:
        """Tell the app about interaction at its request URL instead of by Socket Mode ("": by Socket Mode again)."""
        self._on_thread(lambda: setattr(self._hands, "request_url", url))

    def payload_of_press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Json:
        """The payload of a press, undelivered: to forge, to replay, to sign wrongly.

        Raises:
            NotThere: no such person, message or control.
        """
        return self._on_thread(
            lambda: self._hands.payload_of_press(user, self._channel(channel).id, ts, action_id, value)
        )

    def deliver(self, payload: Json) -> Acknowledgement:
        """Tell the app any payload."""
        return self._await(self._hands.deliver(payload))

    def press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Acknowledgement:
        """Let a person use a control: press a button, or choose the option with that value.

        Raises:
            NotThere: no such person, message or control.
        """
        place = self.channel(channel).id
        return self._await(self._hands.press(user, place, ts, action_id, value))

    def views(self, user: str) -> tuple[View, ...]:
        """A person's open modals, the one on top last."""
        return self._on_thread(lambda: tuple(self._workspace.open_views(user)))

    def submit(self, user: str, view: str = "", *, force: bool = False, **values: Any) -> Acknowledgement:
        """Let a person fill in inputs by block id and submit a modal (the one on top unless named).

        Raises:
            NotThere: no such modal, or an input that has to be filled in is empty (unless ``force``).
        """
        return self._await(self._hands.submit(user, view, values, force))

    def close_view(self, user: str, view: str = "") -> Acknowledgement:
        """Let a person close a modal."""
        return self._await(self._hands.close(user, view))

    def say_farewell(self, reason: Farewell = Farewell.REFRESH) -> None:
        """Ask the app to renew its Socket Mode connections."""
        self._await(self._socket.say_farewell(reason))

    def drop_connections(self) -> None:
        """Break the Socket Mode connections without a word."""
        self._on_thread(self._socket.drop)

    async def _listen(self) -> None:
        application = web.Application(middlewares=[only_loopback], client_max_size=LARGEST + 1024)
        application.add_routes(
            [*self._api.routes(), *ResponseUrls(self._workspace).routes(), web.get("/link/", self._socket.connected)]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._workspace.base_url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def _leave(self) -> None:
        self._stopping.set()
        await self._socket.say_farewell(Farewell.DISABLED)
        await self._runner.cleanup()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LONGEST_WAIT)
        self._loop.close()

    def _await(self, work: Awaitable[Result]) -> Result:
        async def done() -> Result:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(_LONGEST_WAIT)

    def _on_thread(self, work: Callable[[], Result]) -> Result:
        async def done() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(_LONGEST_WAIT)

    def _channel(self, name: str) -> Channel:
        if (channel := self._workspace.channels.get(name) or self._workspace.named(name)) is None:
            raise KeyError(
                f"no channel {name}; there are {sorted(one.name for one in self._workspace.channels.values())}"
            )
        return channel

    def _change(self, name: str, change: Callable[[Channel], None]) -> None:
        def done() -> None:
            change(self._channel(name))
            self._workspace.changed()

        self._on_thread(done)

    def _shown(self, channel: Channel) -> ChannelView:
        def shown(post: Post) -> Json:
            return {**message_json(self._workspace, channel, post, True), "edits": post.edits}

        roots = sorted({post.thread_ts for post in channel.posts.values() if post.thread_ts})
        whispers = tuple(
            {"ts": one.ts, "user": one.user, "text": one.text, "blocks": one.blocks, "thread_ts": one.thread_ts}
            for one in channel.whispers
        )
        return ChannelView(
            channel.id,
            channel.name,
            tuple(shown(post) for post in channel.shown()),
            {root: tuple(shown(post) for post in channel.thread(root)) for root in roots},
            whispers,
        )
