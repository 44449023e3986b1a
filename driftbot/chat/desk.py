"""Where wishes are decided, one after another: reads the store, decides, and writes decision and effect together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from driftbot.chat.approving import approved
from driftbot.chat.asked import Asked
from driftbot.chat.audit import Strangers, decision, strange
from driftbot.chat.circumstances import approval_scene
from driftbot.chat.outcome import Aftermath, Outcome, refused
from driftbot.chat.person import Person, person_of, refusal
from driftbot.chat.putting_aside import found_not_useful, snoozed, waived
from driftbot.chat.waiver_filing import NotFiled, filed
from driftbot.chat.wish import Approve, Decided, NotUsefulToMe, SnoozeBy, SnoozeUntil, Waive, about, verb_of
from driftbot.config import Config
from driftbot.core.chat_decision import ChatDecision
from driftbot.core.excuse import Waiver
from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.store.access import Access
from driftbot.store.store import Store

log = logging.getLogger("driftbot.chat")

_REPLAYED = "this very request was answered before; a replay does nothing"


@dataclass(frozen=True)
class Desk:
    """Decides what people ask for; safe to be used from several threads.

    The store is opened for each wish, so that nothing is held while nobody asks. ``after`` is told what is to be done
    after a decision; what it raises is not the person's trouble.
    """

    config: Config
    workspace: SlackWorkspace
    store_url: str
    clock: Callable[[], datetime]
    after: Callable[[Aftermath], None]
    strangers: Strangers = field(default_factory=Strangers)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def person(self, asked: Asked) -> Person:
        """Who asks."""
        return person_of(asked.user, self.workspace)

    def refusal(self, asked: Asked) -> str:
        """Why that person may not ask for that; empty where they may."""
        approvers = self.config.acting.approvers
        return refusal(verb_of(asked.wish), self.person(asked), self.workspace, approvers)

    def decide(self, asked: Asked, wish: Decided) -> Outcome:
        """Grant a wish or refuse it, and write down which.

        Raises:
            Failure: the store cannot be read or written; nothing was decided.
        """
        with self._one_at_a_time, self.opened() as store:
            if not asked.request:
                return self._strange(store, asked, "the request has no id, so that a replay of it would look the same")
            if store.chat_request_known(asked.request):
                return self._strange(store, asked, _REPLAYED)
            outcome = self._written(store, asked, self._outcome(store, asked, wish))
            if outcome is None:
                return self._strange(store, asked, _REPLAYED)
        self._tell(outcome)
        return outcome

    def note(self, asked: Asked, outcome: Outcome) -> None:
        """Write down what was asked for where nothing changes by it.

        Raises:
            Failure: the store cannot be written.
        """
        with self._one_at_a_time, self.opened() as store:
            if not store.add_chat_decision(decision(asked, self.person(asked), outcome, self.clock())):
                self._strange(store, asked, _REPLAYED)

    def admitted(self, told: str, by: str) -> ChatDecision | None:
        """A request of which nobody knows whose it is, as ``note_stranger`` is to write it down.

        None where there were too many lately; the store is not asked, so that nobody can keep it busy by sending more.
        """
        return self.strangers.admitted(strange(told, by, self.clock()))

    def note_stranger(self, entry: ChatDecision | None) -> None:
        """Write down what was admitted, if it was; a store that cannot be written is only logged."""
        if entry is None:
            return
        try:
            with self._one_at_a_time, self.opened() as store:
                store.add_chat_decision(entry)
        except Failure as failure:
            log.error("a refused request could not be written down: %s (%s)", failure, entry.told)

    def life(self, fingerprint: str) -> FindingLife | None:
        """What is known of a finding.

        Raises:
            Failure: the store cannot be read.
        """
        with self.opened() as store:
            return store.life(fingerprint)

    def opened(self) -> Store:
        """The store, to be closed by whoever asked.

        Raises:
            Failure: it cannot be opened.
        """
        return Store.open(self.store_url, Access.WRITE)

    def _outcome(self, store: Store, asked: Asked, wish: Decided) -> Outcome:
        if why := self.refusal(asked):
            return refused(why)
        life = store.life(wish.fingerprint)
        if life is None:
            return refused(f"there is no finding {wish.fingerprint} any more")
        person, now = self.person(asked), self.clock()
        match wish:
            case Approve():
                scene = approval_scene(self.config, store, life, self.workspace.applying, now)
                return approved(wish, person, scene)
            case SnoozeBy() | SnoozeUntil():
                return snoozed(wish, life, person, now)
            case Waive():
                return waived(wish, life, person, now)
            case NotUsefulToMe():
                return found_not_useful(wish, life, person, now, store.not_useful())

    def _written(self, store: Store, asked: Asked, outcome: Outcome) -> Outcome | None:
        """The outcome as it was written down with its effect; None where the same request was there."""
        if not isinstance(outcome.effect, Waiver):
            written = decision(asked, self.person(asked), outcome, self.clock())
            return outcome if store.decide_in_chat(written, outcome.effect) else None
        try:
            with filed(self.config.root, store, outcome.effect) as where:
                told = replace(outcome, told=f"{outcome.told}; {where}")
                written = decision(asked, self.person(asked), told, self.clock())
                return told if store.decide_in_chat(written, told.effect) else None
        except NotFiled as failure:
            return self._written(store, asked, refused(f"not waived: {failure}. {failure.next_step}".strip()))

    def _strange(self, store: Store, asked: Asked, told: str) -> Outcome:
        by, wish = self.person(asked).told, asked.wish
        admitted = self.strangers.admitted(strange(told, by, self.clock(), verb_of(wish), about(wish)))
        if admitted is not None:
            store.add_chat_decision(admitted)
        return refused(told)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.aftermath is None:
            return
        try:
            self.after(outcome.aftermath)
        except Exception:  # what comes after is somebody else's: the decision stands whatever becomes of it
            log.exception("what was to be done after a decision failed")
