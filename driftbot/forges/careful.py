"""A forge that nothing is done twice on: found first, created once, edited in place, closed with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from driftbot.forges.client import Client, Text
from driftbot.forges.creation import Twice, create_once
from driftbot.forges.failure import ForgeFailure
from driftbot.forges.forge import Posting
from driftbot.forges.label import fitted_label
from driftbot.forges.mark import Mark, read_mark, with_mark
from driftbot.forges.markdown import defused, fitted, plain_line
from driftbot.forges.patience import Patience, passing
from driftbot.forges.standing import Decision, about_notice, about_request, foremost
from driftbot.forges.thread import Act, Draft, Notice, Request, State, Thread

T = TypeVar("T")
Kind = TypeVar("Kind", bound=Thread)

NOTICE_LABEL = "driftbot"
"""On every notice, so that all of them can be listed: searching lags behind what was created."""

_MARK_ROOM = 300


@dataclass
class CarefulForge:
    """A forge over a vendor's client. One per run: it remembers which notices it has seen."""

    client: Client
    patience: Patience = field(default_factory=Patience)
    _notices: dict[int, Notice] = field(default_factory=dict)
    _seen_until: datetime | None = None

    @property
    def repository(self) -> str:
        """Its address in a browser."""
        return self.client.repository

    def find_request(self, branch: str) -> Request | None:
        """The request from a branch that counts, None where there never was one."""
        return self._with_closer(foremost(self._read(lambda: self.client.requests_from(branch))))

    def open_request(self, branch: str, base: str, draft: Draft, reviewers: Sequence[str] = ()) -> Posting[Request]:
        """One request from ``branch`` into ``base``: created, edited, or left as it stands."""
        standing = self.find_request(branch)
        decision, told = about_request(standing, draft)
        if standing is not None and decision is Decision.LEAVE:
            return Posting(standing, Act.LEFT, (told,))
        if standing is not None and decision is Decision.EDIT:
            posting = self.edit_request(standing, draft)
            return replace(posting, remarks=(*posting.remarks, *self._asked_once(posting.thread, reviewers)))
        text = self._text(draft)

        def created() -> Request | None:
            found = self.find_request(branch)
            return found if found and (standing is None or found.number != standing.number) else None

        request = create_once(
            lambda: self.client.create_request(branch, base, text), created, Twice.REFUSED, self.patience
        )
        decision, told = about_request(request, draft)
        if decision is Decision.LEAVE:
            return Posting(request, Act.LEFT, (told,))
        remarks = (*self._labelled(request, text), *self._asked(request, reviewers))
        return Posting(request, Act.CREATED, remarks)

    def edit_request(self, request: Request, draft: Draft) -> Posting[Request]:
        """Title, body and missing labels of an open request of ours."""
        return self._edited(request, draft, self.client.update_request)

    def close_request(self, request: Request, comment: str) -> Posting[Request]:
        """Close an open request of ours, with a comment that says why."""
        return self._closed(request, comment, self.client.update_request)

    def find_notice(self, fingerprint: str) -> Notice | None:
        """The notice with this fingerprint that counts, None where there never was one."""
        changed = self._read(lambda: self.client.notices(NOTICE_LABEL, self._seen_until))
        for notice in changed:
            self._notices[notice.number] = notice
            self._seen_until = max(self._seen_until or notice.updated, notice.updated)
        return self._with_closer(foremost(one for one in self._notices.values() if _is_about(one, fingerprint)))

    def open_notice(self, draft: Draft) -> Posting[Notice]:
        """One notice for a fingerprint: created, edited, reopened, or left as it stands."""
        draft = replace(draft, labels=(NOTICE_LABEL, *draft.labels))
        standing = self.find_notice(draft.mark.fingerprint)
        decision, told = about_notice(standing)
        if standing is not None and decision is Decision.LEAVE:
            return Posting(standing, Act.LEFT, (told,))
        if standing is not None:
            return self.edit_notice(standing, draft)
        text = self._text(draft)
        notice = create_once(
            lambda: self.client.create_notice(text),
            lambda: self.find_notice(draft.mark.fingerprint),
            Twice.CREATED,
            self.patience,
        )
        self._notices[notice.number] = notice
        return Posting(notice, Act.CREATED, tuple(self._labelled(notice, text)))

    def edit_notice(self, notice: Notice, draft: Draft) -> Posting[Notice]:
        """Title, body and missing labels of a notice of ours, which is opened where we had closed it."""
        draft = replace(draft, labels=(NOTICE_LABEL, *draft.labels))
        return self._kept(self._edited(notice, draft, self.client.update_notice))

    def close_notice(self, notice: Notice, comment: str) -> Posting[Notice]:
        """Close an open notice of ours, with a comment that says why."""
        return self._kept(self._closed(notice, comment, self.client.update_notice))

    def _edited(
        self, thread: Kind, draft: Draft, update: Callable[[int, str, str, State | None], Kind]
    ) -> Posting[Kind]:
        text = self._text(draft)
        state = State.OPEN if thread.state is State.CLOSED else None
        same = thread.mark == draft.mark and thread.title == text.title
        number, act = thread.number, Act.UNCHANGED
        if state or not same:
            act = Act.REOPENED if state else Act.EDITED
            thread = self._read(lambda: update(number, text.title, text.body, state))
        remarks = self._labelled(thread, text)
        return Posting(thread, act, tuple(remarks))

    def _closed(
        self, thread: Kind, comment: str, update: Callable[[int, str, str, State | None], Kind]
    ) -> Posting[Kind]:
        mark = thread.mark
        if thread.state is not State.OPEN:
            return Posting(thread, Act.UNCHANGED)
        if mark is None:
            return Posting(thread, Act.LEFT, (f"{thread.url} was not written by driftbot and stays open",))
        self._commented(thread, comment, mark)
        body = with_mark(thread.body, replace(mark, ended=True))
        closed = self._read(lambda: update(thread.number, thread.title, body, State.CLOSED))
        return Posting(closed, Act.CLOSED)

    def _commented(self, thread: Thread, comment: str, mark: Mark) -> None:
        """Add the comment, unless it stands there from a run that ended before it could close."""
        body = with_mark(fitted(defused(comment), self.client.limits.body - _MARK_ROOM), mark)

        def stands() -> bool | None:
            return any(read_mark(one) == mark for one in self.client.comments(thread)) or None

        def add() -> bool:
            self.client.comment(thread, body)
            return True

        if not self._read(stands):
            create_once(add, stands, Twice.CREATED, self.patience)

    def _text(self, draft: Draft) -> Text:
        limits = self.client.limits
        body = fitted(defused(draft.body), limits.body - _MARK_ROOM)
        labels = tuple(dict.fromkeys(fitted_label(label, limits.label) for label in draft.labels))
        return Text(plain_line(draft.title, limits.title), with_mark(body, draft.mark), tuple(filter(None, labels)))

    def _labelled(self, thread: Thread, text: Text) -> Sequence[str]:
        there = {label.casefold() for label in thread.labels}
        missing = [label for label in text.labels if label.casefold() not in there]
        return self._additional(
            "the labels were not set", lambda: self.client.label(thread, missing) if missing else ()
        )

    def _asked(self, request: Request, reviewers: Sequence[str]) -> Sequence[str]:
        if not reviewers:
            return ()
        return self._additional("nobody was asked for a review", lambda: self.client.ask_reviewers(request, reviewers))

    def _asked_once(self, request: Request, reviewers: Sequence[str]) -> Sequence[str]:
        """Ask where nobody was asked: an earlier run may have ended before it could. Whom people chose stays."""
        if not reviewers:
            return ()
        told = "nobody was asked for a review"
        return self._additional(
            told, lambda: () if self.client.reviewers_of(request) else self.client.ask_reviewers(request, reviewers)
        )

    def _with_closer(self, thread: Kind | None) -> Kind | None:
        if thread is None or thread.state is not State.CLOSED or thread.closed_by_us or thread.closed_by:
            return thread
        return self._read(lambda: self.client.closer_of(thread))

    def _additional(self, told: str, call: Callable[[], Sequence[str]]) -> Sequence[str]:
        """What comes after the thing itself: where it fails, the thing stands all the same, and that is said."""
        try:
            return self._read(call)
        except ForgeFailure as failure:
            return (f"{told}: {failure.sentence}; {failure.next_step}",)

    def _read(self, call: Callable[[], T]) -> T:
        """A read, or what has the same effect twice as once."""
        return self.patience.repeat(call, passing)

    def _kept(self, posting: Posting[Notice]) -> Posting[Notice]:
        self._notices[posting.thread.number] = posting.thread
        return posting


def _is_about(thread: Thread, fingerprint: str) -> bool:
    return thread.mark is not None and thread.mark.fingerprint == fingerprint
