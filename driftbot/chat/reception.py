"""The reception: verifies and reads a request, answers Slack at once, and leaves the work to a thread of ours."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from driftbot.chat.answering import Answering
from driftbot.chat.asked import Asked, read_asked
from driftbot.chat.outcome import Fault
from driftbot.chat.putting_aside import faults
from driftbot.chat.verification import Verification
from driftbot.core.chat_decision import ChatDecision
from driftbot.core.harmless import harmless

log = logging.getLogger("driftbot.chat")

NOT_SIGNED = "nobody (not signed)"
"""Whom the audit names for a request that Slack did not sign."""


@dataclass(frozen=True)
class Reception(Middleware):
    """Answers everything that arrives, so that no other middleware or listener of slack_bolt's is ever asked.

    Slack wants an answer within three seconds, and a night that is being written may keep a decision waiting longer:
    here nothing is asked of the store or of Slack. What is wrong with a form is said in the answer, at its fields.
    """

    verification: Verification
    answering: Answering
    threads: Executor
    clock: Callable[[], datetime]

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:
        """Answer, and have the work done."""
        del resp, next
        if why := self.verification.refusal(req):
            # Anybody can send these: what is not written down takes no place in a queue either.
            if entry := self.answering.desk.admitted(why, NOT_SIGNED):
                self._have_done(self.answering.desk.note_stranger, entry)
            return BoltResponse(status=401, body="this request is not signed by Slack")
        asked = read_asked(req.body)
        # Who may not send a form at all is told so, and not what is wrong with it.
        wrong = () if self.answering.desk.refusal(asked) else faults(asked.wish, self.clock())
        self._have_done(self.answering.audit if wrong else self.answering.answer, asked)
        return _corrections(wrong) if wrong else BoltResponse(status=200, body="")

    def _have_done(self, work: Callable[..., object], *arguments: Asked | ChatDecision) -> None:
        try:
            self.threads.submit(work, *arguments).add_done_callback(_logged)
        except RuntimeError:
            log.warning("driftbot is stopping: a request was not answered; whoever asked may ask again")


def _logged(done: Future[object]) -> None:
    """A thread of a pool keeps what it raises to itself."""
    if error := done.exception():
        log.error("a defect in driftbot itself", exc_info=error)


def _corrections(wrong: Sequence[Fault]) -> BoltResponse:
    told = {fault.field.value: harmless(fault.told, 300) for fault in wrong}
    body: dict[str, Any] = {"response_action": "errors", "errors": told}
    return BoltResponse(status=200, body=json.dumps(body), headers={"content-type": ["application/json"]})
