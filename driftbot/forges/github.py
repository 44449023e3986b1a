"""GitHub, on github.com and on Enterprise servers, through PyGithub.

The API is REST, https://docs.github.com/en/rest?apiVersion=2022-11-28. Requests and notices are listed and never
searched: the search index lags behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from github import Github
from github.GithubObject import GithubObject, NotSet
from github.Issue import Issue
from github.NamedUser import NamedUser
from github.PaginatedList import PaginatedList
from github.PullRequest import PullRequest
from github.Repository import Repository

from driftbot import __version__
from driftbot.forges.client import Limits, Text
from driftbot.forges.failure import Errand, FailureKind, ForgeFailure
from driftbot.forges.github_errand import ReferredToken, explained
from driftbot.forges.label import COLOUR, DESCRIPTION
from driftbot.forges.options import ForgeOptions
from driftbot.forges.reviewers import Reviewers, on_github
from driftbot.forges.thread import Notice, Person, Request, State, Thread

PAGE = 100
"""Entries of one page, the most that GitHub gives."""

MOST_PAGES = 1_000

Kind = TypeVar("Kind", bound=Thread)
Item = TypeVar("Item", bound=GithubObject)


@dataclass(frozen=True)
class GitHub:
    """One repository on a GitHub. ``pace`` is the pause between two writes that GitHub asks for, in seconds."""

    options: ForgeOptions
    pace: float = 1.0

    limits = Limits(title=256, body=65_536, label=50)

    @property
    def repository(self) -> str:
        """The repository's address in a browser."""
        return f"{self.options.address}/{self.options.repository}"

    def requests_from(self, branch: str) -> Sequence[Request]:
        """All pull requests from a branch of this very repository, newest first."""
        with self._explained(f"listing the pull requests from {branch}"):
            owner = self._repository.full_name.partition("/")[0]
            pulls = self._repository.get_pulls(state="all", sort="created", direction="desc", head=f"{owner}:{branch}")
            # A filter that GitHub cannot read is ignored by it, and forks have branches of the same name.
            return [self._request(pull) for pull in _all(pulls) if self._is_from(pull, branch)]

    def closer_of(self, thread: Kind) -> Kind:
        """The closed thread, with who closed it."""
        with self._explained(f"asking who closed #{thread.number}"):
            closer = self._issue(thread.number).closed_by
            return replace(thread, closer=self._person(closer), closed_by=closer.login if closer else "")

    def create_request(self, branch: str, base: str, text: Text) -> Request:
        """Open a pull request, without labels yet."""
        with self._explained(f"opening a pull request from {branch} into {base}", changes=True):
            return self._request(self._repository.create_pull(base=base, head=branch, title=text.title, body=text.body))

    def update_request(self, number: int, title: str, body: str, state: State | None) -> Request:
        """Set title and body, and whether it is open where ``state`` says so."""
        with self._explained(f"editing pull request #{number}", changes=True):
            pull = self._repository.get_pull(number)
            pull.edit(title=title, body=body, state=state.value if state else NotSet)
            return self._request(pull)

    def notices(self, label: str, since: datetime | None) -> Sequence[Notice]:
        """All issues with the label or written by us, that changed at ``since`` or later."""
        found: dict[int, Notice] = {}
        with self._explained(f"listing the issues labelled {label}"):
            later = since if since is not None else NotSet
            listings = [self._repository.get_issues(state="all", labels=[label], since=later)]
            if self._account:
                # Without the right to set labels GitHub creates issues and drops their labels.
                us: Any = self._account
                listings.append(self._repository.get_issues(state="all", creator=us, since=later))
            for listing in listings:
                for issue in _all(listing):
                    if "/pull/" not in issue.html_url:
                        found[issue.number] = self._notice(issue)
        return [found[number] for number in sorted(found, reverse=True)]

    def create_notice(self, text: Text) -> Notice:
        """Open an issue."""
        self._ensure(text.labels)
        with self._explained("opening an issue", changes=True):
            return self._notice(self._repository.create_issue(text.title, text.body, labels=list(text.labels)))

    def update_notice(self, number: int, title: str, body: str, state: State | None) -> Notice:
        """Set title and body, and whether it is open where ``state`` says so."""
        with self._explained(f"editing issue #{number}", changes=True):
            issue = self._issue(number)
            issue.edit(title=title, body=body, state=state.value if state else NotSet)
            return self._notice(issue)

    def label(self, thread: Thread, labels: Sequence[str]) -> Sequence[str]:
        """Add labels; those that cannot be created are left out."""
        left_out = self._ensure(labels)
        with self._explained(f"labelling #{thread.number}", changes=True):
            # PyGithub's own method sends a bare list, which GitHub's description does not know any more.
            issue = self._issue(thread.number)
            issue.requester.requestJsonAndCheck("POST", f"{issue.url}/labels", input={"labels": list(labels)})
        return left_out

    def reviewers_of(self, request: Request) -> Sequence[str]:
        """Who is asked for a review, or has given one."""
        with self._explained(f"asking who reviews #{request.number}"):
            pull = self._repository.get_pull(request.number)
            asked = [*(one.login for one in pull.requested_reviewers), *(one.slug for one in pull.requested_teams)]
            return asked or [review.user.login for review in _all(pull.get_reviews()) if review.user]

    def ask_reviewers(self, request: Request, owners: Sequence[str]) -> Sequence[str]:
        """Ask owners for a review; who was left out and why."""
        with self._explained(f"asking for reviews of #{request.number}"):
            organisation = self._repository.full_name.partition("/")[0]
        chosen = on_github(owners, organisation, self._account)
        single = [Reviewers(people=(name,)) for name in chosen.people]
        single += [Reviewers(teams=(name,)) for name in chosen.teams]
        failure = self._review_refused(request, chosen) if single else None
        refusals: list[str] = []
        for one in single if failure else ():
            # One who cannot be asked makes GitHub refuse all.
            refusal = failure if len(single) == 1 else self._review_refused(request, one)
            if refusal:
                name = ", ".join((*one.people, *one.teams))
                refusals.append(f"{name} was not asked for a review: {refusal.sentence}")
        return (*chosen.left_out, *refusals)

    def comments(self, thread: Thread) -> Sequence[str]:
        """The bodies of all comments."""
        with self._explained(f"reading the comments of #{thread.number}"):
            return [comment.body or "" for comment in _all(self._issue(thread.number).get_comments())]

    def comment(self, thread: Thread, body: str) -> None:
        """Add a comment."""
        with self._explained(f"commenting on #{thread.number}", changes=True):
            self._issue(thread.number).create_comment(body)

    @cached_property
    def _github(self) -> Github:
        return Github(
            auth=ReferredToken(self.options.token),
            base_url=self.options.api,
            timeout=max(1, round(self.options.timeout)),
            user_agent=f"driftbot/{__version__}",
            per_page=PAGE,
            verify=self.options.ca or True,
            # Patience is one for all forges, and what changes something is never sent twice unseen.
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=self.pace,
            lazy=True,
        )

    @cached_property
    def _repository(self) -> Repository:
        """The repository under the name that it has now: what is sent to an old name is redirected, or lost."""
        named = self._github.get_repo(self.options.repository)
        # Until something is read that only GitHub knows, the client goes by the name that it was given.
        return self._github.get_repo(named.full_name) if named.id and named.full_name else named

    @cached_property
    def _account(self) -> str:
        """Our account's name; empty where the token may not ask (those of GitHub Apps)."""
        if self.options.account:
            return self.options.account
        try:
            with self._explained("asking whose token this is"):
                return self._github.get_user().login
        except ForgeFailure as failure:
            if failure.kind in (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND):
                return ""
            raise

    @cached_property
    def _labels_seen(self) -> set[str]:
        return set()

    def _issue(self, number: int) -> Issue:
        return self._repository.get_issue(number)

    def _is_from(self, pull: PullRequest, branch: str) -> bool:
        repository = pull.head.repo
        return pull.head.ref == branch and repository is not None and repository.id == self._repository.id

    def _ensure(self, labels: Sequence[str]) -> Sequence[str]:
        """Create the labels that the repository has not; those that cannot be, in sentences."""
        left_out = []
        for label in labels:
            if label in self._labels_seen:
                continue
            try:
                self._ensure_one(label)
                self._labels_seen.add(label)
            except ForgeFailure as failure:
                if failure.kind not in (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND, FailureKind.REFUSED):
                    raise
                left_out.append(f"the label {label!r} could not be created: {failure.sentence}")
        return left_out

    def _ensure_one(self, label: str) -> None:
        try:
            with self._explained(f"looking for the label {label!r}"):
                _ = self._repository.get_label(label).color
        except ForgeFailure as failure:
            if failure.kind is not FailureKind.NOT_FOUND:
                raise
            try:
                with self._explained(f"creating the label {label!r}"):
                    self._repository.create_label(label, COLOUR, DESCRIPTION)
            except ForgeFailure as second:
                if "already_exists" not in second.sentence:
                    raise

    def _review_refused(self, request: Request, reviewers: Reviewers) -> ForgeFailure | None:
        people, teams = list(reviewers.people), list(reviewers.teams)
        try:
            with self._explained(f"asking for reviews of #{request.number}", changes=True):
                self._repository.get_pull(request.number).create_review_request(people, teams)
        except ForgeFailure as failure:
            if failure.kind not in (FailureKind.REFUSED, FailureKind.FORBIDDEN):
                raise
            return failure
        return None

    def _person(self, user: NamedUser | None) -> Person:
        if user is None or not self._account:
            return Person.UNKNOWN
        return Person.US if user.login.casefold() == self._account.casefold() else Person.SOMEBODY

    def _request(self, pull: PullRequest) -> Request:
        state = State.MERGED if pull.merged_at else State(pull.state)
        return Request(**self._thread(pull), state=state, branch=pull.head.ref, base=pull.base.ref)

    def _notice(self, issue: Issue) -> Notice:
        return Notice(**self._thread(issue), state=State(issue.state))

    def _thread(self, thing: PullRequest | Issue) -> dict[str, Any]:
        return {
            "number": thing.number,
            "url": thing.html_url,
            "title": thing.title,
            "body": thing.body or "",
            "labels": tuple(label.name for label in thing.labels),
            "author": self._person(thing.user),
            "created": thing.created_at,
            "updated": thing.updated_at,
        }

    def _prepare(self) -> None:
        """Read what understanding an answer needs: after a change nothing may fail but the change."""
        with self._explained("reading the repository"):
            _ = self._repository, self._account

    @contextmanager
    def _explained(self, doing: str, *, changes: bool = False) -> Iterator[None]:
        if changes:
            self._prepare()
        options = self.options
        with explained(Errand(doing, "GitHub", self.repository, options.token_place, changes), options.token):
            yield


def _all(listing: PaginatedList[Item]) -> Iterator[Item]:
    """Every entry. Pages are asked for by number: a ``next`` link may name another scheme or host, with our token."""
    for page in range(MOST_PAGES):
        entries = listing.get_page(page)
        yield from entries
        if len(entries) < PAGE:
            return
    raise ValueError(f"more than {MOST_PAGES:,} pages")
