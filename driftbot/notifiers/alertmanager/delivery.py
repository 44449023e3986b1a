"""Brings an Alertmanager to what a digest says: everything that fires is sent again, what is gone is resolved.

Sending is idempotent there: an alert is its labels, and whom it notifies how often is Alertmanager's own affair.
Silences come before the alerts that they mute, and end after those that they no longer have to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from driftbot.core.digest import Digest
from driftbot.core.message import Message, MessageState
from driftbot.core.outbox_notice import NOTICE
from driftbot.notifiers.alertmanager.alert import Alert, AlertBook
from driftbot.notifiers.alertmanager.excuse import excuses, mark
from driftbot.notifiers.alertmanager.member import BATCH, Member, members
from driftbot.notifiers.alertmanager.options import AlertmanagerChannelOptions
from driftbot.notifiers.alertmanager.silences import Silences
from driftbot.notifiers.notifier import Delivered, DeliveryFailed, DeliveryTools

MOST_TOLD = 20
"""Problems that are told one by one; the others are counted."""

_ALERT = "alert:"


def deliver(digest: Digest, options: AlertmanagerChannelOptions, tools: DeliveryTools) -> Delivered:
    """Bring every member of the cluster to what the digest says.

    Raises:
        DeliveryFailed: no member took anything.
    """
    memory = {message.key: message for message in tools.memory.messages()}
    if digest.exit_code is None:
        # Nobody judged anything: what was sent is neither confirmed nor resolved.
        return Delivered(unchanged=len(memory))
    left = (tools.deadline - tools.clock()).total_seconds()
    with members(tuple(options.members()), left) as cluster:
        return _Delivery(digest, options, tools, memory, cluster).delivered()


@dataclass(slots=True)
class _Delivery:
    """One delivery and what came of it so far."""

    digest: Digest
    options: AlertmanagerChannelOptions
    tools: DeliveryTools
    memory: dict[str, Message]
    cluster: Sequence[Member]
    posted: int = 0
    edited: int = 0
    unchanged: int = 0
    left: int = 0
    problems: list[str] = field(default_factory=list)

    def delivered(self) -> Delivered:
        wanted = excuses(self.digest, self.options)
        silences = Silences(self.options.name, mark(self.options), self.memory, self.tools)
        silences.look(self.cluster)
        silences.wish(wanted)
        standing = tuple(AlertBook(self.digest, self.options, dict(self._began())).standing())
        self._fire([alert for alert in standing if self._may_fire(alert, silences.unmuted)])
        self._fire([alert for alert in self._notices() if self._may_fire(alert, silences.unmuted)])
        self._resolve({alert.key for alert in standing})
        silences.let_go(wanted)
        self._refuse_nothing_taken()
        return self._outcome(silences)

    def _began(self) -> Iterator[tuple[str, datetime]]:
        for key, message in tuple(self.memory.items()):
            if key.startswith(_ALERT) and (alert := self._remembered(message)):
                yield key, alert.starts

    def _remembered(self, message: Message) -> Alert | None:
        try:
            return Alert.remembered(message.key, message.reference, self.digest.now, self.digest.night)
        except ValueError as error:
            self.problems.append(f"{error}; it ends by itself")
            self.tools.memory.drop(message.key)
            del self.memory[message.key]
            return None

    def _may_fire(self, alert: Alert, unmuted: set[str]) -> bool:
        """Whether it is known already, or may begin now: not in quiet hours, nor while it would be heard unmuted."""
        if alert.key in self.memory:
            return True
        free = self.digest.held_until is None if alert.entry is None else self._is_announced(alert, unmuted)
        self.left += not free
        return free

    def _is_announced(self, alert: Alert, unmuted: set[str]) -> bool:
        assert alert.entry is not None
        return alert.entry.fingerprint not in unmuted and not self.digest.holds_back(alert.entry)

    def _notices(self) -> Iterator[Alert]:
        """What waits to be told once and was not; what waits no more is forgotten."""
        book = AlertBook(self.digest, self.options)
        waiting = {alert.key: (alert, notice.at) for notice in self.digest.notices for alert in [book.notice(notice)]}
        for key in [key for key in self.memory if key.startswith(NOTICE) and key not in waiting]:
            self.tools.memory.drop(key)
            del self.memory[key]
        for key, (alert, at) in sorted(waiting.items(), key=lambda one: one[0]):
            known = self.memory.get(key)
            if known is not None and known.state is MessageState.SENT and known.at >= at:
                self.unchanged += 1
            else:
                yield alert

    def _fire(self, alerts: Sequence[Alert]) -> None:
        for batch in self._batches(alerts):
            new = [alert for alert in batch if alert.key not in self.memory]
            self.tools.memory.keep_all([self._message(alert, MessageState.INTENDED) for alert in new])
            refused = self._sent(batch)
            if self._taken():
                self._take_down([alert for alert in batch if alert.key not in refused])

    def _take_down(self, alerts: Sequence[Alert]) -> None:
        """Count what was taken, and remember what is new or says something else."""
        changed = [alert for alert in alerts if self._is_news(alert)]
        self.unchanged += len(alerts) - len(changed)
        messages = [self._message(alert, MessageState.SENT) for alert in changed]
        self.tools.memory.keep_all(messages)
        self.memory.update((message.key, message) for message in messages)

    def _is_news(self, alert: Alert) -> bool:
        known = self.memory.get(alert.key)
        if known is None or known.state is MessageState.INTENDED:
            self.posted += 1
            return True
        self.edited += known.content != alert.content
        return known.content != alert.content

    def _resolve(self, standing: set[str]) -> None:
        """End what was sent and stands no more; it is forgotten once every member knows."""
        gone = [message for key, message in self.memory.items() if key.startswith(_ALERT) and key not in standing]
        if self.digest.held_until is not None:
            self.left += len(gone)
            return
        ended = [alert for message in gone if (alert := self._remembered(message))]
        for batch in self._batches(ended):
            refused = self._sent(batch)
            if all(member.trouble is None for member in self.cluster):
                known = [alert.key for alert in batch if alert.key not in refused]
                self.tools.memory.drop_all(known)
                self.edited += len(known)
            else:
                self.left += len(batch)

    def _batches(self, alerts: Sequence[Alert]) -> Iterator[Sequence[Alert]]:
        """Batches until the time is over or no member takes any."""
        for start in range(0, len(alerts), BATCH):
            if self.tools.clock() >= self.tools.deadline or not self._taken():
                self.left += len(alerts) - start
                return
            yield alerts[start : start + BATCH]

    def _sent(self, batch: Sequence[Alert]) -> set[str]:
        """Send a batch to every member; the keys of those that one of them refused."""
        self.tools.boundary("alertmanager: intended")
        refused = [one for member in self.cluster for one in member.send(batch)]
        self.tools.boundary("alertmanager: sent")
        self.problems += (f"{one.alert.key} is refused: {one.reason}" for one in refused)
        return {one.alert.key for one in refused}

    def _taken(self) -> bool:
        return any(member.trouble is None for member in self.cluster)

    def _message(self, alert: Alert, state: MessageState) -> Message:
        now, place = self.tools.clock(), self.options.url
        return Message(self.options.name, alert.key, place, alert.content, now, state, alert.reference)

    def _refuse_nothing_taken(self) -> None:
        troubles = [member.trouble for member in self.cluster if member.trouble is not None]
        if len(troubles) == len(self.cluster):
            reason = "; ".join(f"{trouble.url} {trouble.came}" for trouble in troubles)
            raise DeliveryFailed(reason, f"{troubles[0].next_step}; the next delivery sends what stands then")
        self.problems += (str(trouble) for trouble in troubles)

    def _outcome(self, silences: Silences) -> Delivered:
        return Delivered(
            posted=self.posted + silences.set,
            edited=self.edited + silences.ended,
            unchanged=self.unchanged + silences.kept,
            left=self.left,
            problems=_bounded((*self.problems, *silences.problems)),
        )


def _bounded(problems: Iterable[str]) -> tuple[str, ...]:
    told = tuple(dict.fromkeys(problems))
    more = len(told) - MOST_TOLD
    return (*told[:MOST_TOLD], f"and {more:,} more") if more > 0 else told
