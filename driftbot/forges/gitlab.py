"""GitLab, gitlab.com and self-managed, through python-gitlab.

The API is REST v4, https://docs.gitlab.com/api/rest/. Requests and notices are listed and never searched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from gitlab import Gitlab
from gitlab.exceptions import RedirectError
from gitlab.v4.objects import Project
from requests import Response

from driftbot import __version__
from driftbot.forges.client import Limits, Text
from driftbot.forges.failure import Errand, ForgeFailure, Refusal, redirected, refused
from driftbot.forges.gitlab_session import Answered, OneServer
from driftbot.forges.options import ForgeOptions
from driftbot.forges.reviewers import on_gitlab
from driftbot.forges.thread import Notice, Person, Request, State, Thread
from driftbot.forges.transport import failure_of, masked

PAGE = 100
"""Entries of one page, the most that GitLab gives."""

Kind = TypeVar("Kind", bound=Thread)

_STATES = {"opened": State.OPEN, "locked": State.OPEN, "merged": State.MERGED, "closed": State.CLOSED}
_EVENTS = {State.OPEN: "reopen", State.CLOSED: "close"}


@dataclass(frozen=True)
class GitLab:
    """One project on a GitLab."""

    options: ForgeOptions

    limits = Limits(title=255, body=1_000_000, label=255)

    @property
    def repository(self) -> str:
        """The project's address in a browser."""
        return f"{self.options.address}/{self.options.repository}"

    def requests_from(self, branch: str) -> Sequence[Request]:
        """All merge requests from a branch of this very project, newest first."""
        with self._explained(f"listing the merge requests from {branch}"):
            listed = self._project.mergerequests.list(
                source_branch=branch, state="all", order_by="created_at", sort="desc", iterator=True
            )
            found = [one.attributes for one in listed]
            return [self._request(one) for one in found if self._is_from(one, branch)]

    def closer_of(self, thread: Kind) -> Kind:
        """The thread as it is: GitLab tells with each who closed it, if it knows."""
        return thread

    def create_request(self, branch: str, base: str, text: Text) -> Request:
        """Open a merge request."""
        with self._explained(f"opening a merge request from {branch} into {base}", changes=True):
            wanted = {
                "source_branch": branch,
                "target_branch": base,
                "title": text.title,
                "description": text.body,
                "labels": ",".join(text.labels),
            }
            return self._request(self._project.mergerequests.create(wanted).attributes)

    def update_request(self, number: int, title: str, body: str, state: State | None) -> Request:
        """Set title and description, and whether it is open where ``state`` says so."""
        with self._explained(f"editing merge request !{number}", changes=True):
            return self._request(self._project.mergerequests.update(number, _edit(title, body, state)))

    def notices(self, label: str, since: datetime | None) -> Sequence[Notice]:
        """All issues with the label or written by us, that changed at ``since`` or later."""
        found: dict[int, Notice] = {}
        with self._explained(f"listing the issues labelled {label}"):
            later = {"updated_after": since.isoformat()} if since else {}
            for chosen in ({"labels": label}, {"author_id": self._account["id"]}):
                listed = self._project.issues.list(state="all", scope="all", iterator=True, **chosen, **later)
                for issue in listed:
                    found[issue.iid] = self._notice(issue.attributes)
        return [found[number] for number in sorted(found, reverse=True)]

    def create_notice(self, text: Text) -> Notice:
        """Open an issue."""
        with self._explained("opening an issue", changes=True):
            wanted = {"title": text.title, "description": text.body, "labels": ",".join(text.labels)}
            return self._notice(self._project.issues.create(wanted).attributes)

    def update_notice(self, number: int, title: str, body: str, state: State | None) -> Notice:
        """Set title and description, and whether it is open where ``state`` says so."""
        with self._explained(f"editing issue #{number}", changes=True):
            return self._notice(self._project.issues.update(number, _edit(title, body, state)))

    def label(self, thread: Thread, labels: Sequence[str]) -> Sequence[str]:
        """Add labels; GitLab creates those that the project has not, and drops what we may not set."""
        with self._explained(f"labelling {thread.url}", changes=True):
            changed = self._manager(thread).update(thread.number, {"add_labels": ",".join(labels)})
            there = {name.casefold() for name in changed["labels"]}
        dropped = [label for label in labels if label.casefold() not in there]
        return [f"the label {label!r} was dropped by GitLab: the token may not set it" for label in dropped]

    def reviewers_of(self, request: Request) -> Sequence[str]:
        """Who is asked for a review; GitLab keeps those who have given one."""
        with self._explained(f"asking who reviews !{request.number}"):
            return [one["username"] for one in self._project.mergerequests.get(request.number).reviewers]

    def ask_reviewers(self, request: Request, owners: Sequence[str]) -> Sequence[str]:
        """Ask owners for a review; who was left out and why."""
        with self._explained(f"looking for the reviewers of !{request.number}"):
            chosen = on_gitlab(owners, self._account["username"])
            known = {name: self._number_of(name) for name in chosen.people}
            numbers = [number for number in known.values() if number is not None]
            asked_already = [one["id"] for one in self._project.mergerequests.get(request.number).reviewers]
        kept: set[int] = set()
        if numbers:
            with self._explained(f"asking for reviews of !{request.number}", changes=True):
                wanted = list(dict.fromkeys((*asked_already, *numbers)))
                changed = self._project.mergerequests.update(request.number, {"reviewer_ids": wanted})
                kept = {one["id"] for one in changed["reviewers"]}
        strangers = [name for name, number in known.items() if number is None]
        dropped = [name for name, number in known.items() if number is not None and number not in kept]
        return (
            *chosen.left_out,
            *(
                f"@{name} was not asked for a review: no account has this name (it may be a group)"
                for name in strangers
            ),
            *(f"@{name} was not asked for a review: GitLab did not take them as a reviewer" for name in dropped),
        )

    def comments(self, thread: Thread) -> Sequence[str]:
        """The bodies of all comments."""
        with self._explained(f"reading the comments of {thread.url}"):
            return [note.body for note in self._notes(thread).list(iterator=True)]

    def comment(self, thread: Thread, body: str) -> None:
        """Add a comment."""
        with self._explained(f"commenting on {thread.url}", changes=True):
            self._notes(thread).create({"body": body})

    @cached_property
    def _gitlab(self) -> Gitlab:
        return Gitlab(
            self.options.api,
            session=OneServer(self.options.api, self.options.token),
            timeout=self.options.timeout,
            ssl_verify=self.options.ca or True,
            per_page=PAGE,
            user_agent=f"driftbot/{__version__}",
            # Behind a proxy GitLab's own address differs from ours, and so do its links to next pages.
            keep_base_url=True,
        )

    @cached_property
    def _project(self) -> Project:
        """The project by its number, which renaming does not change."""
        return self._gitlab.projects.get(self.options.repository)

    @cached_property
    def _account(self) -> Mapping[str, Any]:
        answer = self._gitlab.http_get("/user")
        if isinstance(answer, Response):
            raise ValueError("an answer that is no JSON")
        return answer

    def _manager(self, thread: Thread) -> Any:
        return self._project.mergerequests if isinstance(thread, Request) else self._project.issues

    def _notes(self, thread: Thread) -> Any:
        return self._manager(thread).get(thread.number, lazy=True).notes

    def _number_of(self, name: str) -> int | None:
        found = self._gitlab.users.list(username=name, get_all=False)
        return found[0].id if found else None

    def _is_from(self, one: Mapping[str, Any], branch: str) -> bool:
        return bool(one["source_branch"] == branch and one["source_project_id"] == self._project.id)

    def _request(self, one: Mapping[str, Any]) -> Request:
        return Request(**self._thread(one), branch=one["source_branch"], base=one["target_branch"])

    def _notice(self, one: Mapping[str, Any]) -> Notice:
        return Notice(**self._thread(one))

    def _thread(self, one: Mapping[str, Any]) -> dict[str, Any]:
        closer = one.get("closed_by")
        return {
            "number": one["iid"],
            "url": one["web_url"],
            "state": _STATES[one["state"]],
            "title": one["title"],
            "body": one["description"] or "",
            "labels": tuple(one["labels"]),
            "author": self._person(one["author"]),
            "created": datetime.fromisoformat(one["created_at"]),
            "updated": datetime.fromisoformat(one["updated_at"]),
            "closer": self._person(closer),
            "closed_by": closer["username"] if closer else "",
        }

    def _person(self, user: Mapping[str, Any] | None) -> Person:
        if not user:
            return Person.UNKNOWN
        return Person.US if user["id"] == self._account["id"] else Person.SOMEBODY

    def _prepare(self) -> None:
        """Read what understanding an answer needs: after a change nothing may fail but the change."""
        with self._explained("reading the project"):
            _ = self._project, self._account

    @contextmanager
    def _explained(self, doing: str, *, changes: bool = False) -> Iterator[None]:
        options = self.options
        errand = Errand(doing, "GitLab", self.repository, options.token_place, changes)
        if changes:
            self._prepare()
        try:
            yield
        except ForgeFailure:
            raise
        except Answered as error:
            headers = {name.lower(): value for name, value in error.answer.headers.items()}
            said = masked(_said(error.answer), options.token)
            raise refused(errand, Refusal(error.answer.status_code, said, headers)) from None
        except RedirectError as error:
            raise redirected(errand, masked(str(error), options.token)) from None
        # python-gitlab and odd answers raise whatever they do: key, type and value errors.
        except Exception as error:
            raise failure_of(error, errand, options.token) from None


def _edit(title: str, body: str, state: State | None) -> dict[str, str]:
    event = {"state_event": _EVENTS[state]} if state else {}
    return {"title": title, "description": body, **event}


def _said(response: Response) -> str:
    """What GitLab says in a refusal: a text, or what is wrong with each field."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return " ".join(response.text.split())
    if not isinstance(body, dict):
        return str(body)
    parts = (body.get("message"), body.get("error"), body.get("error_description"))
    scope = f"needed scope: {body['scope']}" if body.get("scope") else ""
    return "; ".join(filter(None, (*(_told(part) for part in parts), scope)))


def _told(part: Any) -> str:
    if isinstance(part, dict):
        return "; ".join(f"{name}: {_told(value)}" for name, value in part.items())
    if isinstance(part, list):
        return ", ".join(_told(value) for value in part)
    return str(part) if part else ""
