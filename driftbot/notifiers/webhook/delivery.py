"""Posts to a webhook what is news since it accepted the last request; after a crash the same with the same key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from driftbot.core.digest import Digest
from driftbot.core.message import Message, MessageState
from driftbot.core.outbox_notice import NOTICE, OutboxNotice
from driftbot.notifiers.notifier import Delivered, DeliveryTools
from driftbot.notifiers.told import Told, summary
from driftbot.notifiers.webhook.changes import Page, body, identity, pages
from driftbot.notifiers.webhook.options import WebhookOptions
from driftbot.notifiers.webhook.request import Poster, posting

TOLD = "told"
"""The key of the message that remembers what the receiver has."""


def deliver(digest: Digest, options: WebhookOptions, tools: DeliveryTools) -> Delivered:
    """Post what is news, in as many requests as it takes.

    Raises:
        DeliveryFailed: a request is not accepted; those before it are remembered.
    """
    if digest.exit_code is None:
        # Nobody judged anything: nothing is news, and nothing is gone.
        return Delivered()
    memory = {message.key: message for message in tools.memory.messages()}
    told, problems = _remembered(memory.get(TOLD))
    notices = _waiting(digest, memory, tools)
    requests = _Requests.of(digest, options, told, notices)
    told = told.without_fixed(digest)
    posted = 0
    if requests.pages:
        with posting(options, tools) as poster:
            for page in requests.pages:
                if tools.clock() >= tools.deadline:
                    break
                told = _Post(digest, options, tools, poster, requests.summary).posted(page, told)
                posted += 1
    missed = requests.pages[posted:]
    left = requests.held + sum(len(page.entries) + len(page.gone) + len(page.notices) for page in missed)
    return Delivered(posted, 0, len(digest.entries) - requests.news, left, problems)


def _remembered(message: Message | None) -> tuple[Told, tuple[str, ...]]:
    try:
        return Told.read(message.reference if message else ""), ()
    except ValueError as error:
        return Told(), (f"what was told before is not known any more ({error}); everything is told again",)


def _waiting(digest: Digest, memory: dict[str, Message], tools: DeliveryTools) -> tuple[OutboxNotice, ...]:
    """The notices that were not accepted yet; of those that wait no more nothing is remembered."""
    waiting = {notice.message_key: notice for notice in digest.notices}
    for key in memory:
        if key.startswith(NOTICE) and key not in waiting:
            tools.memory.drop(key)
    sent = {key for key, message in memory.items() if message.state is MessageState.SENT}
    return tuple(notice for key, notice in waiting.items() if key not in sent or memory[key].at < notice.at)


@dataclass(frozen=True, slots=True)
class _Requests:
    """What is to be posted now, how many entries are news, and how much quiet hours hold back."""

    pages: tuple[Page, ...]
    summary: str
    news: int
    held: int

    @classmethod
    def of(cls, digest: Digest, options: WebhookOptions, told: Told, notices: tuple[OutboxNotice, ...]) -> _Requests:
        news, gone = told.news(digest), told.gone(digest)
        loud = tuple(entry for entry in news if not digest.holds_back(entry))
        whole = summary(digest, options.heartbeat)
        if digest.held_until is not None:
            held = len(news) - len(loud) + len(gone) + len(notices)
            return cls(pages(loud, (), (), options.largest) if loud else (), told.summary, len(news), held)
        cut = pages(news, gone, notices, options.largest)
        nothing = cut[0].empty and whole == told.summary
        untold = max(0, len(notices) - len(cut[0].notices))
        return cls(() if nothing else cut, whole, len(news), untold)


@dataclass(frozen=True, slots=True)
class _Post:
    """One request: on disk before, accepted, on disk after."""

    digest: Digest
    options: WebhookOptions
    tools: DeliveryTools
    poster: Poster
    summary: str

    def posted(self, page: Page, told: Told) -> Told:
        """What the receiver was told once it has the page.

        Raises:
            DeliveryFailed: it was not accepted.
        """
        content = body(self.digest, page, told.last)
        key = identity(content)
        self.tools.memory.keep(self._account(told.sending(page.entries, page.gone), MessageState.INTENDED))
        self.tools.boundary("webhook: intended")
        self.poster.post(content, key)
        self.tools.boundary("webhook: accepted")
        # Only the last request of several says that the digest as a whole was told.
        whole = self.summary if page.following == 0 else told.summary
        after = told.having_told(page.entries, page.gone, whole, key)
        notices = [self._accepted(notice, key) for notice in page.notices]
        # All or none: with only one of them written, what is in the other would come again under another key.
        self.tools.memory.keep_all([self._account(after, MessageState.SENT), *notices])
        return after

    def _account(self, told: Told, state: MessageState) -> Message:
        text = told.text()
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Message(self.options.name, TOLD, self.poster.address.place, digest, self.tools.clock(), state, text)

    def _accepted(self, notice: OutboxNotice, key: str) -> Message:
        return Message(
            channel=self.options.name,
            key=notice.message_key,
            place=self.poster.address.place,
            content=key,
            at=max(self.tools.clock(), notice.at),
            state=MessageState.SENT,
            reference=key,
        )
