"""One channel of Slack's, in which each message is written down before it is posted and after it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.notifier import DeliveryTools
from driftbot.notifiers.slack.chart_alt import chart_alt
from driftbot.notifiers.slack.client import Picture, SlackClient, Words
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.history import file_name, look, mark_of
from driftbot.notifiers.slack.ledger import Ledger
from driftbot.notifiers.slack.limits import ALT_TEXT
from driftbot.notifiers.slack.mrkdwn import escaped, plain
from driftbot.notifiers.slack.patience import PAUSES, Patience
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.wanted import Posting, Wanted, WantedChart
from driftbot.notifiers.slack.workspace import SlackWorkspace

_TITLE = 120
"""Characters of a picture's title (ours: a line)."""
_BEYOND_REACH = frozenset({FailureKind.GONE, FailureKind.FROZEN, FailureKind.REFUSED})
"""Failures after which nothing more can be done about a message."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where it is, and what stands there. ``simplified`` collects what Slack took without its blocks only.

    Methods raise ``SlackFailure``; what they had written down by then stays.
    """

    name: str
    place: str
    client: SlackClient
    ledger: Ledger
    patience: Patience
    tools: DeliveryTools
    workspace: SlackWorkspace | None
    simplified: list[str] = field(default_factory=list)

    def post(self, wanted: Wanted, thread: str) -> Message:
        """Post a message, once."""
        broadcast = wanted.posting is Posting.SEEN
        intended = self._intended(wanted.key, wanted.content, thread)
        mark = mark_of(intended)
        return self._once(
            intended,
            lambda: self._said(wanted, lambda words: self.client.post(self.place, words, mark, thread, broadcast)),
        )

    def upload(self, wanted: WantedChart, thread: str) -> Message:
        """Draw a finding's charts and show the picture in the thread, once."""
        intended = self._intended(wanted.key, wanted.content, thread)
        picture = _picture(wanted, file_name(intended), self.tools)
        return self._once(intended, lambda: self.client.upload(self.place, thread, picture))

    def edit(self, wanted: Wanted, message: Message) -> None:
        """Have a message say something else; under its new key, if it has one."""
        self.tools.boundary("slack.edit.begin")
        self._said(wanted, lambda words: self.client.edit(message.place, message.reference, words))
        self.tools.boundary("slack.edit.done")
        self.ledger.keep(replace(message, key=wanted.key, content=wanted.content, at=self.tools.clock()))
        if message.key != wanted.key:
            self.tools.boundary("slack.edit.renamed")
            self.ledger.drop(message.key)

    def retire(self, message: Message, said: Said) -> None:
        """Have a message say its last word, and forget it. One that cannot be edited is deleted, if it can be."""
        self.tools.boundary("slack.retire.begin")
        try:
            self.client.edit(message.place, message.reference, said.payload())
        except SlackFailure as failure:
            if not self._beyond_reach(message, failure):
                raise
            self.remove(message)
            return
        self.tools.boundary("slack.retire.done")
        self.ledger.drop(message.key)

    def remove(self, message: Message) -> None:
        """Delete a message. One that cannot be deleted is forgotten as it stands."""
        self._deleted(message)
        self.ledger.drop(message.key)

    def withdraw(self, message: Message) -> None:
        """Delete a message, and remember without a reference that it was told: it is not told again."""
        if message.reference:
            self._deleted(message)
            self.ledger.keep(replace(message, reference=""))

    def remove_pictures(self, charts: Sequence[Message]) -> None:
        """Delete the messages that show these pictures, all of one thread; Slack named only their files."""
        if not charts:
            return
        thread = charts[0].thread
        wanted = {file_name(one) for one in charts}
        for shown in tuple(self.client.messages(self.place, thread, float(thread))):
            if wanted & set(shown.files):
                self.client.delete(self.place, shown.reference)
        for one in charts:
            self.ledger.drop(one.key)

    def _once(self, intended: Message, call: Callable[[], str]) -> Message:
        """Make a call whose effect must not be had twice: while nobody knows, it is looked for first."""
        self.ledger.keep(intended)
        reference = self._reference(intended, call)
        self.tools.boundary("slack.post.done")
        sent = replace(intended, state=MessageState.SENT, reference=reference)
        self.ledger.keep(sent)
        self.tools.boundary("slack.post.kept")
        return sent

    def _reference(self, intended: Message, call: Callable[[], str]) -> str:
        unsure: SlackFailure | None = None
        for pause in PAUSES:
            self.tools.boundary("slack.post.intended")
            try:
                return call()
            except SlackFailure as failure:
                if failure.kind is not FailureKind.UNCERTAIN and unsure is None:
                    self.ledger.drop(intended.key)
                if failure.kind is not FailureKind.UNCERTAIN or not self.patience.allows(pause):
                    raise
                unsure = failure
            self.patience.sleep(pause)
            if found := look(self.client, self.ledger, intended):
                return found
        assert unsure is not None
        raise unsure

    def _deleted(self, message: Message) -> None:
        self.tools.boundary("slack.remove.begin")
        try:
            self.client.delete(message.place, message.reference)
        except SlackFailure as failure:
            if not self._beyond_reach(message, failure):
                raise
        self.tools.boundary("slack.remove.done")

    def _beyond_reach(self, message: Message, failure: SlackFailure) -> bool:
        """Whether nothing more can be done about it; a channel that was left may be closed for good."""
        left = message.place != self.place and failure.kind is FailureKind.CHANNEL
        return left or failure.kind in _BEYOND_REACH

    def _said(self, wanted: Wanted, say: Callable[[Words], Any]) -> Any:
        """Say it; where Slack does not take the blocks, the text alone."""
        try:
            return say(wanted.said.payload())
        except SlackFailure as failure:
            if failure.kind is not FailureKind.UNSAYABLE:
                raise
            self.simplified.append(f"{wanted.key} is told without its details: {failure.told}")
            return say({"text": str(wanted.said.text), "blocks": []})

    def _intended(self, key: str, content: str, thread: str) -> Message:
        return Message(self.name, key, self.place, content, self.tools.clock(), thread=thread)


def _picture(wanted: WantedChart, name: str, tools: DeliveryTools) -> Picture:
    finding = wanted.entry.finding
    title = plain(f"{finding.title}: {finding.subject}", _TITLE)
    content = tools.picture(wanted.entry, finding.charts)
    return Picture(name, title, str(escaped(chart_alt(wanted.entry), ALT_TEXT)), content)
