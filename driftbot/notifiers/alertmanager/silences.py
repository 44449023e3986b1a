"""Brings Alertmanager's silences to what waivers and snoozes ask for; only silences of this channel are ever ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from driftbot.actions.action import ActionFailed
from driftbot.actions.our_silence import OurSilence
from driftbot.actions.silence_call import SILENCE, lasting, ours, refusal, set_silence
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.core.message import Message, MessageState
from driftbot.notifiers.alertmanager.excuse import Excuse
from driftbot.notifiers.alertmanager.member import Member
from driftbot.notifiers.notifier import DeliveryTools

MOST_FAILED = 5
"""Silences that could not be set before no other is tried."""

ENDED = "ended"
"""What a silence's message refers to when a person ended it: it is not set again."""

PREFIX = "silence:"


@dataclass(slots=True)
class Silences:
    """The silences of one channel at the first member that answers.

    ``mark`` is what tells them from all others. ``unmuted`` are the findings whose silence could not be set.
    """

    channel: str
    mark: str
    memory: Mapping[str, Message]
    tools: DeliveryTools
    member: Member | None = None
    found: tuple[OurSilence, ...] = ()
    unmuted: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    set: int = 0
    ended: int = 0
    kept: int = 0

    def look(self, members: Sequence[Member]) -> None:
        """Read what stands, at the first member that tells."""
        for member in members:
            try:
                self.found = tuple(one for one in ours(member.call) if one.key == self.mark)
            except AnswerProblem as problem:
                self.problems.append(f"silences are not known: {problem}")
            else:
                self.member = member
                self.problems.clear()
                return

    def wish(self, wanted: Iterable[Excuse]) -> None:
        """Set each silence that is wanted and neither stands nor was ended by a person."""
        failed = 0
        for excuse in wanted:
            if self.member is None or failed >= MOST_FAILED or self.tools.clock() >= self.tools.deadline:
                self.unmuted.add(excuse.fingerprint)
            elif lasting(excuse.intent, self.found):
                self.kept += 1
                self._remember(excuse, MessageState.SENT)
            elif not self._was_ended(excuse):
                failed += not self._set(self.member, excuse)

    def let_go(self, wanted: Iterable[Excuse]) -> None:
        """End those that nobody wants any more, and forget what has ended."""
        steps = {excuse.intent.step for excuse in wanted}
        for key, message in self.memory.items():
            if key.startswith(PREFIX) and message.content not in {_content(step) for step in steps}:
                self.tools.memory.drop(key)
        for silence in self.found:
            if self.member is not None and silence.active and silence.step not in steps:
                self._end(self.member, silence)

    def _set(self, member: Member, excuse: Excuse) -> bool:
        self._remember(excuse, MessageState.INTENDED)
        self.tools.boundary("alertmanager: silence intended")
        try:
            body = excuse.intent.body(self.mark, excuse.since)
            set_silence(member.once, member.call, excuse.intent, body)
        except ActionFailed as failure:
            self.unmuted.add(excuse.fingerprint)
            self.problems.append(f"finding {excuse.fingerprint} is not muted: {failure.reason}; {failure.next_step}")
            return False
        self.tools.boundary("alertmanager: silence set")
        self._remember(excuse, MessageState.SENT)
        self.set += 1
        return True

    def _was_ended(self, excuse: Excuse) -> bool:
        """Whether it stood once, and a person ended it: then the alert is heard until the waiver says something else.

        Alertmanager forgets ended silences after days, so it is written down.
        """
        known = self.memory.get(excuse.key)
        if known is None or known.content != _content(excuse.intent.step) or known.state is not MessageState.SENT:
            return False
        if known.reference != ENDED and not any(one.step == excuse.intent.step for one in self.found):
            return False
        self._remember(excuse, MessageState.SENT, ENDED)
        self.kept += 1
        return True

    def _end(self, member: Member, silence: OurSilence) -> None:
        try:
            reply = member.once.send("DELETE", f"{SILENCE}/{silence.id}")
        except AnswerProblem as problem:
            self.problems.append(f"silence {silence.id} could not be ended: {problem}")
            return
        if reply.ok:
            self.ended += 1
        else:
            failure = refusal(reply)
            self.problems.append(
                f"silence {silence.id} could not be ended: {failure.reason}; {failure.next_step}".rstrip("; ")
            )

    def _remember(self, excuse: Excuse, state: MessageState, reference: str = "") -> None:
        place = self.member.url if self.member else ""
        content, now = _content(excuse.intent.step), self.tools.clock()
        message = Message(self.channel, excuse.key, place, content, now, state, reference)
        known = self.memory.get(excuse.key)
        if known is None or (known.content, known.state, known.reference) != (content, state, reference):
            self.tools.memory.keep(message)


def _content(step: str) -> str:
    return hashlib.sha256(step.encode()).hexdigest()
