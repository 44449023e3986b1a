"""Slack's Web API as this channel uses it: one method a thing it does, every failure of one kind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from driftbot.credential import CredentialMissing
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.slack.answer import failure_of
from driftbot.notifiers.slack.controls import EVENT_TYPE
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.patience import Patience, handlers
from driftbot.notifiers.slack.web_address import keeps_secret
from driftbot.notifiers.slack.workspace import SlackWorkspace

PAGE = 200
"""Messages of one answer (Slack recommends no more)."""
CHANNELS = 999
"""Channels of one answer: the most that Slack gives, because it may be asked for few answers a minute."""
MOST_PAGES = 50
"""Pages that are read at most when something is looked for (ours)."""

_SILENT = logging.getLogger("driftbot.notifiers.slack.client")
_SILENT.addHandler(logging.NullHandler())
_SILENT.setLevel(logging.CRITICAL)
_SILENT.propagate = False


Words = dict[str, Any]
"""A message's text and blocks, as the Web API takes them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """By which a message is known again: channel and key of ours, and the intent that it was posted with."""

    channel: str
    key: str
    intent: str

    @property
    def metadata(self) -> dict[str, Any]:
        """As Slack keeps it with the message; edits leave it as it is."""
        payload = {"channel": self.channel, "key": self.key, "intent": self.intent}
        return {"event_type": EVENT_TYPE, "event_payload": payload}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a thread: ``name`` is its file's, by which it is known again; ``told`` says what it shows."""

    name: str
    title: str
    told: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A message that stands in Slack: the mark that its metadata carry, and its files' names.

    ``hidden`` says that it has metadata of ours and Slack does not show what they carry.
    """

    reference: str
    mark: Mark | None = None
    files: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SlackClient:
    """One workspace. Every method may raise ``SlackFailure``."""

    web: WebClient

    def post(self, place: str, words: Words, mark: Mark, thread: str = "", broadcast: bool = False) -> str:
        """Post a message, into a thread where one is named; its timestamp. Twice is two messages."""
        answer = self._asked(
            "chat.postMessage",
            lambda: self.web.chat_postMessage(
                channel=place,
                thread_ts=thread or None,
                reply_broadcast=True if thread and broadcast else None,
                metadata=mark.metadata,
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
                **words,
            ),
        )
        return _text(answer, "ts", "chat.postMessage", self)

    def edit(self, place: str, reference: str, words: Words) -> None:
        """Say something else in a message."""
        self._asked(
            "chat.update",
            lambda: self.web.chat_update(channel=place, ts=reference, link_names=False, **words),
        )

    def delete(self, place: str, reference: str) -> None:
        """Delete a message of ours; none is as good."""
        try:
            self._asked("chat.delete", lambda: self.web.chat_delete(channel=place, ts=reference))
        except SlackFailure as failure:
            if failure.kind is not FailureKind.GONE:
                raise

    def stands(self, place: str, reference: str) -> bool:
        """Whether a message is there and can be answered in its thread."""
        try:
            answer = self._asked(
                "conversations.replies",
                lambda: self.web.conversations_replies(channel=place, ts=reference, limit=1),
            )
        except SlackFailure as failure:
            if failure.kind is FailureKind.GONE:
                return False
            raise
        first: dict[str, Any] = next(iter(answer.get("messages") or ()), {})
        return first.get("ts") == reference and first.get("subtype") != "tombstone"

    def messages(self, place: str, thread: str, since: float) -> Iterator[Found]:
        """Our messages of a channel, or of a thread where one is named, from a time on (Unix seconds).

        A thread that is gone holds none.
        """
        app, user = self._own()
        try:
            for page in self._pages(place, thread, since):
                yield from (_found(one) for one in page if app == one.get("bot_id") or user == one.get("user"))
        except SlackFailure as failure:
            if failure.kind is not FailureKind.GONE:
                raise

    def upload(self, place: str, thread: str, picture: Picture) -> str:
        """Show a picture in a thread; its file's id. Twice is two.

        The text alternative is the message's own: with ``alt_txt`` Slack takes the file and silently does not show it
        (https://github.com/slackapi/python-slack-sdk/issues/1818).
        """
        answer = self._asked(
            "files_upload_v2",
            lambda: self.web.files_upload_v2(
                channel=place,
                thread_ts=thread,
                filename=picture.name,
                title=picture.title,
                initial_comment=picture.told,
                file=picture.content,
            ),
        )
        files: list[dict[str, Any]] = answer.get("files") or [{}]
        return str(files[0].get("id", ""))

    def channel_named(self, name: str) -> str | None:
        """The id of the channel with that name, among those that the app can see; archived ones are not looked at."""
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self._channels(cursor)
            for channel in answer.get("channels") or ():
                if channel.get("name") == name or channel.get("name_normalized") == name:
                    return str(channel["id"])
            if not (cursor := _next(answer)):
                return None
        return None

    def _channels(self, cursor: str) -> SlackResponse:
        return self._asked(
            "conversations.list",
            lambda: self.web.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=CHANNELS, cursor=cursor or None
            ),
        )

    def _own(self) -> tuple[str, str]:
        answer = self._asked("auth.test", lambda: self.web.auth_test())
        return str(answer.get("bot_id")), str(answer.get("user_id"))

    def _pages(self, place: str, thread: str, since: float) -> Iterator[list[dict[str, Any]]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            limits = {"oldest": f"{since:.6f}", "inclusive": True, "limit": PAGE, "cursor": cursor or None}
            answer = self._page(place, thread, limits)
            yield answer.get("messages") or []
            if not (cursor := _next(answer)):
                return

    def _page(self, place: str, thread: str, limits: dict[str, Any]) -> SlackResponse:
        if thread:
            return self._asked(
                "conversations.replies",
                lambda: self.web.conversations_replies(channel=place, ts=thread, include_all_metadata=True, **limits),
            )
        return self._asked(
            "conversations.history",
            lambda: self.web.conversations_history(channel=place, include_all_metadata=True, **limits),
        )

    def _asked(self, method: str, call: Callable[[], SlackResponse]) -> SlackResponse:
        try:
            return call()
        except DeliveryFailed:  # waiting was broken off: the process is to stop
            raise
        except Exception as error:  # whatever the client makes of what Slack or a proxy answers is a failed call
            raise failure_of(method, self.web.base_url, error) from error


def slack_client(workspace: SlackWorkspace, patience: Patience, timeout: float) -> SlackClient:
    """A client of the workspace; the token is read now, so that it can rotate. ``timeout`` is in seconds.

    Raises:
        SlackFailure: there is no token, or it would travel unencrypted.
    """
    if not keeps_secret(workspace.url):
        raise SlackFailure(
            FailureKind.ACCESS,
            "unencrypted",
            f"the token is not sent to {workspace.url}, where anybody on the way could read it",
            "Give slack.url an https address.",
        )
    try:
        token = workspace.token.read()
    except CredentialMissing as error:
        told = f"there is no token for Slack: {error}"
        raise SlackFailure(FailureKind.ACCESS, "no_token", told, "See slack.token in driftbot.yaml.") from None
    web = WebClient(token, workspace.url, logger=_SILENT, retry_handlers=handlers(patience))
    web.timeout = timeout  # type: ignore[assignment] # urllib takes fractions, too
    return SlackClient(web)


def _next(answer: SlackResponse) -> str:
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")


def _found(message: dict[str, Any]) -> Found:
    metadata = message.get("metadata") or {}
    ours = metadata.get("event_type") == EVENT_TYPE
    payload = metadata.get("event_payload") or {} if ours else {}
    mark = Mark(*(str(payload.get(name, "")) for name in ("channel", "key", "intent"))) if payload.get("key") else None
    files = tuple(str(one.get("name", "")) for one in message.get("files") or () if isinstance(one, dict))
    return Found(str(message.get("ts", "")), mark, files, ours and mark is None)


def _text(answer: SlackResponse, name: str, method: str, client: SlackClient) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise failure_of(method, client.web.base_url, ValueError(f"the answer has no {name}"))
    return value
