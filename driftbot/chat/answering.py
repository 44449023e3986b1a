"""What the person sees who asked: forms and explanations as modals, all else as a sentence only they can read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_sdk import WebClient
from slack_sdk.models.views import View

from driftbot.chat.asked import Asked, form_metadata
from driftbot.chat.desk import Desk
from driftbot.chat.explaining import explained
from driftbot.chat.identity import Identity
from driftbot.chat.outcome import Outcome, refused
from driftbot.chat.wish import AskFor, Decided, Explain, Nothing, Unreadable
from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife
from driftbot.notifiers.slack.answer import failure_of
from driftbot.notifiers.slack.controls import Form
from driftbot.notifiers.slack.explanation_view import explanation_view
from driftbot.notifiers.slack.failure import SlackFailure
from driftbot.notifiers.slack.modals import snooze_form, waive_form
from driftbot.notifiers.slack.mrkdwn import escaped

log = logging.getLogger("driftbot.chat")

LONGEST = 2500
"""Characters of a sentence to a person (ours, below the 3,000 of a section)."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Does what was asked for and tells the person; nothing that it calls ever raises out of it."""

    desk: Desk
    identity: Identity
    web: WebClient
    clock: Callable[[], datetime]

    def answer(self, asked: Asked) -> None:
        """Decide, and say what came of it."""
        if told := self.audit(asked):
            self._say(asked, told)

    def audit(self, asked: Asked) -> str:
        """Decide; the sentence that came of it. A defect of ours is logged whole, and told as such."""
        try:
            return self._done(asked)
        except (Failure, SlackFailure) as failure:
            log.warning("not done: %s", failure)
            return f"nothing was decided: {failure}. {failure.next_step}".strip()
        except Exception as error:  # a thread of a pool would swallow it
            log.exception("a defect in driftbot itself")
            return f"nothing was decided, by a defect in driftbot itself: {type(error).__name__}"

    def _done(self, asked: Asked) -> str:
        if why := self.identity.stranger(asked):
            self._note_stranger(asked, why)
            return ""
        wish = asked.wish
        match wish:
            case Nothing():
                return ""
            case Unreadable():
                self._note_stranger(asked, wish.why)
                return f"nothing was done, because it was not understood: {wish.why}"
            case AskFor() | Explain():
                return self._shown(asked, wish)
            case _:
                return self._decided(asked, wish)

    def _note_stranger(self, asked: Asked, why: str) -> None:
        self.desk.note_stranger(self.desk.admitted(why, self.desk.person(asked).told))

    def _decided(self, asked: Asked, wish: Decided) -> str:
        return self._about(wish.fingerprint, self.desk.decide(asked, wish))

    def _about(self, fingerprint: str, outcome: Outcome) -> str:
        """What came of it, with what it was about: a person presses several buttons."""
        life = self.desk.life(fingerprint)
        return f"{life.finding.rule} about {life.finding.subject}: {outcome.told}" if life else outcome.told

    def _shown(self, asked: Asked, wish: AskFor | Explain) -> str:
        """Open what was asked for; what is refused is written down, and an explanation that was given."""
        outcome = self._view_opened(asked, wish)
        if isinstance(wish, Explain) or not outcome.accepted:
            self.desk.note(asked, outcome)
        return "" if outcome.accepted else self._about(wish.fingerprint, outcome)

    def _view_opened(self, asked: Asked, wish: AskFor | Explain) -> Outcome:
        if why := self.desk.refusal(asked):
            return refused(why)
        life = self.desk.life(wish.fingerprint)
        if life is None:
            return refused(f"there is no finding {wish.fingerprint} any more")
        if isinstance(wish, AskFor) and life.resolved:
            return refused(f"it was resolved on {life.resolved:%Y-%m-%d}: nothing is to be put aside")
        view = self._explanation(life) if isinstance(wish, Explain) else _form(wish, life, asked, self.clock())
        try:
            self.web.views_open(trigger_id=asked.trigger, view=view)
        except Exception as error:  # whatever the client makes of what Slack or a proxy answers is a failed call
            failure = failure_of("views.open", self.web.base_url, error)
            return refused(f"the window could not be opened, so press again: {failure}")
        return Outcome(True, "shown")

    def _explanation(self, life: FindingLife) -> View:
        with self.desk.opened() as store:
            outline = explained(self.desk.config, store, life, self.clock())
        return explanation_view(outline, life.finding.fingerprint)

    def _say(self, asked: Asked, told: str) -> None:
        if not asked.place.channel or not asked.user:
            return
        try:
            self.web.chat_postEphemeral(
                channel=asked.place.channel,
                user=asked.user,
                thread_ts=asked.place.thread or None,
                text=str(escaped(told, LONGEST)),
            )
        except Exception as error:  # as above; what was decided stands, and the audit has it
            log.warning("the person was not told: %s", failure_of("chat.postEphemeral", self.web.base_url, error))


def _form(wish: AskFor, life: FindingLife, asked: Asked, now: datetime) -> View:
    view = waive_form(life, now) if wish.form is Form.WAIVE else snooze_form(life, now)
    view.private_metadata = form_metadata(wish.fingerprint, asked.place)
    return view
