"""Sends a night's text to each of apprise's URLs; what one does not take is told to it with the next night's.

No such place can be read back, so a text that was on its way when the process ended may come twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from driftbot.core.digest import Digest
from driftbot.core.harmless import harmless
from driftbot.core.message import Message, MessageState
from driftbot.credential import CredentialMissing
from driftbot.notifiers.apprise.options import AppriseOptions
from driftbot.notifiers.apprise.service import captured, secrets_of, sent, service_of
from driftbot.notifiers.nightly_text import News, is_urgent, nightly_text
from driftbot.notifiers.notifier import Delivered, DeliveryFailed, DeliveryTools
from driftbot.notifiers.told import Told, summary


def deliver(digest: Digest, options: AppriseOptions, tools: DeliveryTools) -> Delivered:
    """Send what is news to every URL.

    Raises:
        DeliveryFailed: no URL can be used, or none took its text.
    """
    if digest.exit_code is None:
        # Nobody judged anything: nothing is news, and nothing is gone.
        return Delivered()
    lines = _lines(options)
    memory = {message.key: message for message in tools.memory.messages()}
    outcomes = [_Target(number, line, digest, options, tools).told(memory) for number, line in lines]
    for key in memory.keys() - {_key(url) for _, url in lines}:
        tools.memory.drop(key)
    problems = tuple(outcome.problem for outcome in outcomes if outcome.problem)
    if len(problems) == len(outcomes):
        raise DeliveryFailed("; ".join(problems), _advice(problems))
    return Delivered(
        posted=sum(outcome.sent for outcome in outcomes),
        unchanged=sum(not outcome.sent and not outcome.left and not outcome.problem for outcome in outcomes),
        left=sum(outcome.left for outcome in outcomes),
        problems=problems,
    )


_RECEIVER_FAILED = re.compile(r"\berror=5\d\d\b")
"""How apprise's services say that a receiver answered with a status of 500 to 599."""


def _advice(problems: Sequence[str]) -> str:
    if all(_RECEIVER_FAILED.search(problem) for problem in problems):
        return "Look at the receiver, which fails by itself; what is news comes with the next delivery."
    return "Check the URLs of this channel with `apprise -vv`."


def _lines(options: AppriseOptions) -> tuple[tuple[int, str], ...]:
    """The URLs with the lines on which they stand; blank lines and those that begin with # are none, and what stands
    twice is told once.

    Raises:
        DeliveryFailed: there is none.
    """
    try:
        text = options.urls.read()
    except CredentialMissing as error:
        raise DeliveryFailed(str(error), "Put the URLs there, one a line.") from None
    numbered = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    found = {line: number for number, line in reversed([*numbered]) if line and not line.startswith("#")}
    if not found:
        raise DeliveryFailed(f"the URLs of channel {options.name} are empty", "Put them there, one a line.")
    return tuple(sorted((number, line) for line, number in found.items()))


def _key(url: str) -> str:
    """Under which it is remembered what a URL was told, on whatever line it stands: eight hexadecimal digits tell a
    channel's URLs apart, and nothing of what is in them.
    """
    return f"told:{hashlib.sha256(url.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class _Outcome:
    sent: int = 0
    left: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Target:
    """One URL: the line on which it stands names it, for all of it is secret."""

    number: int
    url: str
    digest: Digest
    options: AppriseOptions
    tools: DeliveryTools

    def told(self, memory: dict[str, Message]) -> _Outcome:
        """What came of telling it what is news to it."""
        with captured() as log:
            service = service_of(self.url)
            if service is None:
                return self._failed("no service of apprise's takes this URL", "")
            place = str(service.service_name)
            told = self._remembered(memory.get(_key(self.url)))
            news, left = self._news(told)
            if news is None:
                return _Outcome(left=left)
            if self.tools.clock() >= self.tools.deadline:
                return self._failed("the time for this channel is over", place)
            text = nightly_text(self.digest, news, self.options.entries, self.options.longest)
            self._keep(
                told.sending(news.entries, told.gone(self.digest) if news.gone else ()), place, MessageState.INTENDED
            )
            self.tools.boundary("apprise: intended")
            taken = sent(service, text)
            self.tools.boundary("apprise: sent")
        if not taken:
            return self._failed("; ".join(log) or "it was not taken", place)
        self._keep(self._after(told, news), place, MessageState.SENT)
        return _Outcome(sent=1, left=left)

    def _news(self, told: Told) -> tuple[News | None, int]:
        """What to tell now (None: nothing), and how much of it quiet hours hold back."""
        entries, gone, notices = told.news(self.digest), told.gone(self.digest), told.waiting(self.digest)
        if self._is_quiet:
            loud = tuple(one for one in entries if not self.digest.holds_back(one) and is_urgent(one))
            return (News(loud) if loud else None), len(entries) - len(loud) + len(notices)
        if told.last == self._night and not notices and not any(map(is_urgent, entries)):
            # One text a night; what is not urgent comes with the next one.
            return None, 0
        silent = not (entries or gone or notices) and self._whole == told.summary
        return (None if silent else News(entries, len(gone), notices)), 0

    def _after(self, told: Told, news: News) -> Told:
        if self._is_quiet:
            return told.having_told(news.entries, (), told.summary, told.last)
        after = told.having_told(news.entries, told.gone(self.digest), self._whole, self._night)
        return after.with_notices(self.digest, news.notices)

    @property
    def _is_quiet(self) -> bool:
        return self.digest.held_until is not None

    @property
    def _night(self) -> str:
        return self.digest.night.isoformat()

    @property
    def _whole(self) -> str:
        return summary(self.digest, self.options.heartbeat)

    def _remembered(self, message: Message | None) -> Told:
        """What this place was told; nothing where it was never told anything, or the memory is damaged."""
        try:
            return Told.read(message.reference if message else "").without_fixed(self.digest)
        except ValueError:
            return Told()

    def _keep(self, told: Told, place: str, state: MessageState) -> None:
        text = told.text()
        content = hashlib.sha256(text.encode()).hexdigest()
        key, now = _key(self.url), self.tools.clock()
        self.tools.memory.keep(Message(self.options.name, key, place, content, now, state, text))

    def _failed(self, reason: str, place: str) -> _Outcome:
        named = f"line {self.number} of the URLs" + (f" ({harmless(place, 60)})" if place else "")
        return _Outcome(problem=f"{named}: {harmless(secrets_of(self.url).masked(reason))}")
