"""Brings one channel to what a digest says, step by step, and starts a new thread where the old one is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime

from driftbot.core.digest import Digest
from driftbot.core.message import Message, MessageState
from driftbot.notifiers.notifier import Delivered
from driftbot.notifiers.slack import farewell
from driftbot.notifiers.slack.channel import Channel
from driftbot.notifiers.slack.difference import Act, Step, difference
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.ledger import Ledger
from driftbot.notifiers.slack.message_keys import CHART, DIGEST, ESCALATION, FINDING, PLACE, fingerprint_of, key_left
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.wanted import Posting, Wanted, WantedChart, awaiting, returned, wanted
from driftbot.notifiers.slack.workspace import SlackWorkspace

CALLS = frozenset({Act.POST, Act.EDIT, Act.UPLOAD, Act.RETIRE, Act.REMOVE})
"""What needs Slack."""
_POSTED = frozenset({Act.POST, Act.UPLOAD})
_EDITED = frozenset({Act.EDIT, Act.RETIRE, Act.REMOVE})
_THREADS = 3
"""Threads that are begun at most in one delivery, where somebody deletes them meanwhile (ours)."""
_STRANGE = 3
"""Messages in a row that Slack refuses for reasons unknown, after which the channel is given up (ours)."""
_SINGLE = frozenset({FailureKind.REFUSED, FailureKind.UNSAYABLE, FailureKind.GONE, FailureKind.FROZEN})
"""What may be wrong with one message while the channel works."""


class ThreadLost(Exception):
    """The digest, in whose thread all else is, is not there any more, or cannot be edited."""


def steps_of(
    digest: Digest, options: SlackOptions, workspace: SlackWorkspace | None, ledger: Ledger, now: datetime
) -> tuple[Step, ...]:
    """All that is to be done, kept or held back."""
    told = {entry.fingerprint for entry in digest.entries}
    back, waiting = returned(digest, ledger.sent, now), awaiting(digest, ledger.sent, now)
    known = {key: message for key, message in ledger.sent.items() if key not in back}
    steps = difference(tuple(wanted(digest, options, workspace, known)), known, told)
    retired = (Step(Act.RETIRE, None, back[key]) for key in sorted(back))
    return (*retired, *(replace(step, act=Act.HOLD) if _edits(step, waiting) else step for step in steps))


def _edits(step: Step, keys: Container[str]) -> bool:
    return step.act is Act.EDIT and step.wanted is not None and step.wanted.key in keys


@dataclass(slots=True)
class Reconciliation:
    """One channel on its way to what the digest says, and what it came to so far."""

    digest: Digest
    options: SlackOptions
    channel: Channel
    done: Counter[Act] = field(default_factory=Counter)
    left: int = 0
    problems: list[str] = field(default_factory=list)
    strange: int = 0
    threaded: bool = False
    charts: bool = True

    def run(self) -> Delivered:
        """Do what is to be done while there is time.

        Raises:
            SlackFailure: nothing more can be told.
        """
        for _ in range(_THREADS):
            try:
                self.channel.ledger.turn_to(self.channel.place)
                self._reconcile()
                self._say_where_it_goes_on()
                return self._delivered()
            except ThreadLost:
                self._forget_thread()
        told = f"the digest was deleted {_THREADS} times while it was written"
        raise SlackFailure(FailureKind.GONE, "message_not_found", told, "Deliver again with `driftbot deliver`.")

    def _reconcile(self) -> None:
        tools, ledger = self.channel.tools, self.channel.ledger
        self.left, self.threaded = 0, False
        waiting = False
        for step in steps_of(self.digest, self.options, self.channel.workspace, ledger, tools.clock()):
            waiting = waiting or (step.act in CALLS and self.channel.patience.ended)
            if step.act is Act.HOLD or (waiting and step.act in CALLS):
                self.left += 1
                continue
            try:
                self._perform(step)
            except SlackFailure as failure:
                if failure.kind is FailureKind.LIMITED:
                    waiting = True
                    self.left += 1
                else:
                    self._tolerate(step, failure)

    def _perform(self, step: Step) -> None:
        match step:
            case Step(Act.POST, Wanted() as one):
                self._post(one)
            case Step(Act.UPLOAD, WantedChart() as one):
                if not self.charts:
                    return
                self.channel.upload(one, self._thread())
            case Step(Act.EDIT, Wanted() as one, Message() as message):
                self._edit(one, message)
            case Step(Act.RETIRE, None, Message() as message):
                self.channel.retire(message, self._last_word(message))
            case Step(Act.REMOVE, None, Message() as message):
                self.channel.remove(message)
            case Step(Act.FORGET, None, Message() as message):
                self.channel.ledger.drop(message.key)
        self.done[step.act] += 1
        self.strange = 0 if step.act in CALLS else self.strange

    def _post(self, one: Wanted) -> None:
        if one.key == DIGEST:
            self.channel.post(one, "")
            self.threaded = True
            return
        try:
            self.channel.post(one, self._thread())
        except SlackFailure as failure:
            if failure.kind is FailureKind.GONE:
                raise ThreadLost from failure
            raise

    def _edit(self, one: Wanted, message: Message) -> None:
        try:
            self.channel.edit(one, message)
            self.threaded = self.threaded or one.key == DIGEST
        except SlackFailure as failure:
            if failure.kind not in {FailureKind.GONE, FailureKind.FROZEN}:
                raise
            if one.key == DIGEST:
                raise ThreadLost from failure
            if one.key.startswith(ESCALATION):
                self.channel.withdraw(message)
                return
            self.channel.remove(message)
            if one.posting in {Posting.QUIETLY, Posting.SEEN}:
                self._post(one)

    def _thread(self) -> str:
        """The digest's timestamp, once it is sure that it stands: Slack would take answers to what is gone."""
        digest = self.channel.ledger.sent.get(DIGEST)
        if digest is None:
            raise ThreadLost
        if not self.threaded and not self.channel.client.stands(digest.place, digest.reference):
            raise ThreadLost
        self.threaded = True
        return digest.reference

    def _tolerate(self, step: Step, failure: SlackFailure) -> None:
        """Go on after what concerns one message only."""
        chart = step.act is Act.UPLOAD
        digest = isinstance(step.wanted, Wanted) and step.wanted.key == DIGEST
        self.strange += failure.kind is FailureKind.REFUSED
        single = failure.kind in _SINGLE and not digest and self.strange < _STRANGE
        if not chart and not single:
            raise failure
        self.charts = self.charts and not chart
        about = "no charts are shown" if chart else f"{_key(step)} is not told"
        self.problems.append(f"{about}: {failure.told} {failure.next_step}")

    def _say_where_it_goes_on(self) -> None:
        """Say it in the channels that were told before, once this one has its digest; the old digests say it last."""
        ledger, place = self.channel.ledger, self.channel.place
        if DIGEST not in ledger.sent:
            return
        for message in sorted(ledger.left.values(), key=lambda one: (key_left(one.key) == DIGEST, one.key)):
            if not key_left(message.key).startswith((DIGEST, FINDING)):
                ledger.drop(message.key)
            elif not self._retired(message, farewell.moved(place)):
                return

    def _retired(self, message: Message, said: Said) -> bool:
        """Whether there was time for it."""
        if self.channel.patience.ended:
            return False
        try:
            self.channel.retire(message, said)
        except SlackFailure as failure:
            if failure.kind is not FailureKind.LIMITED:
                raise
            return False
        return True

    def _forget_thread(self) -> None:
        """Take away what is left of a thread whose digest is gone, so that nothing is told twice; the digest last.

        Whoever was asked by an escalation is not asked again.
        """
        ledger = self.channel.ledger
        self.channel.remove_pictures([one for one in ledger.messages.values() if one.key.startswith(CHART)])
        for message in sorted(ledger.messages.values(), key=lambda one: (one.key == DIGEST, one.key)):
            if message.key.startswith(ESCALATION) and message.state is MessageState.SENT:
                self.channel.withdraw(message)
            elif message.key != PLACE:
                self.channel.remove(message)

    def _last_word(self, message: Message) -> Said:
        fingerprint = fingerprint_of(message.key)
        if returned(self.digest, {message.key: message}, self.channel.tools.clock()):
            return farewell.told_anew(fingerprint)
        told = any(entry.fingerprint == fingerprint for entry in self.digest.entries)
        return farewell.listed(fingerprint) if told else farewell.ended(fingerprint)

    def _delivered(self) -> Delivered:
        posted = sum(self.done[act] for act in _POSTED)
        edited = sum(self.done[act] for act in _EDITED)
        problems = tuple(dict.fromkeys([*self.problems, *self.channel.simplified]))
        return Delivered(posted, edited, self.done[Act.KEEP], self.left, problems)


def _key(step: Step) -> str:
    about = step.wanted or step.message
    return about.key if about is not None else ""
