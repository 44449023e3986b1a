"""A loopback GitLab that keeps merge requests, issues and notes of one project.

It refuses no second merge request from a branch unless `refuses_second` is set, so that nothing of ours is
deduplicated by accident.
"""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from tests.servers.contract import Contract
from tests.servers.forge_http import Answer, Exchange, ForgeServer, paged, serving

TOKEN = "glpat-loopback"
BOT, ADA, BEN = "project_12_bot", "ada", "ben"
LONGEST_DESCRIPTION = 1_048_576


@dataclass
class Thread:
    """A merge request (with ``source``) or an issue; each kind is numbered on its own."""

    iid: int
    author: str
    title: str
    description: str
    created: datetime
    updated: datetime
    labels: list[str] = field(default_factory=list)
    state: str = "opened"
    closed_by: str | None = None
    source: str = ""
    source_project: int = 0
    target: str = ""
    merged_by: str | None = None
    reviewers: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class GitLab:
    """The state. ``git`` is a bare repository whose branches exist; without one every branch does.

    ``most_reviewers``: the free tier keeps one. ``labelling`` False: the token may not set labels, and is not told.
    """

    path: str = "org/team/shop"
    project: int = 12
    old_paths: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=lambda: {TOKEN: BOT})
    users: dict[str, int] = field(default_factory=lambda: {BOT: 40, ADA: 41, BEN: 42})
    merge_requests: dict[int, Thread] = field(default_factory=dict)
    issues: dict[int, Thread] = field(default_factory=dict)
    git: Path | None = None
    refuses_second: bool = False
    most_reviewers: int = 100
    labelling: bool = True
    now: datetime = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

    prefix = "/gitlab/api/v4"
    contract = Contract("gitlab-contract.yaml")

    def tick(self) -> datetime:
        """A second later."""
        self.now += timedelta(seconds=1)
        return self.now

    def add(self, author: str, title: str, description: str = "", **more: Any) -> Thread:
        """A thread that somebody opened."""
        kind = self.merge_requests if more.get("source") else self.issues
        at = self.tick()
        thread = Thread(len(kind) + 1, author, title, description, at, at, **more)
        thread.source_project = thread.source_project or self.project
        kind[thread.iid] = thread
        return thread

    def close(self, thread: Thread, by: str, *, merged: bool = False) -> None:
        """Somebody closes or merges it."""
        thread.state, thread.updated = "merged" if merged else "closed", self.tick()
        thread.merged_by, thread.closed_by = (by, None) if merged else (None, by)

    def answer(self, exchange: Exchange, server: ForgeServer) -> Answer:
        """Carry a request out."""
        user = self.tokens.get(exchange.headers.get("Authorization", "").partition(" ")[2])
        if user is None:
            return Answer(401, {"message": "401 Unauthorized"})
        if exchange.path == "/user":
            return Answer(200, {**self.user(user, server), "email": "bot@example.org", "bot": True})
        if exchange.path == "/users":
            name = exchange.first("username")
            return Answer(200, [self.user(name, server)] if name in self.users else [])
        named = unquote(exchange.path.split("/")[2])
        if named in self.old_paths:
            target = exchange.path.replace(quote(named, safe=""), str(self.project), 1)
            if exchange.method == "GET":
                return Answer(301, {"message": "moved"}, {"Location": f"{server.api}{target}"})
        if named not in (self.path, str(self.project)):
            return Answer(404, {"message": "404 Project Not Found"})
        operation = self.contract.operation(exchange.method, exchange.path)
        assert operation is not None
        return _Session(self, server, user, exchange, {**operation.values}).carry_out(operation.path)

    def user(self, name: str, server: ForgeServer) -> dict[str, Any]:
        """An account as GitLab shows it."""
        web = f"{server.url}/gitlab/{name}"
        shown = {"id": self.users[name], "username": name, "name": name.title(), "state": "active"}
        return {**shown, "avatar_url": None, "web_url": web}


@dataclass
class _Session:
    """One request in the name of an account."""

    gitlab: GitLab
    server: ForgeServer
    user: str
    exchange: Exchange
    values: dict[str, str]

    def carry_out(self, template: str) -> Answer:
        noun = template.removeprefix("/projects/{id}").replace("/", "_").replace("{", "").replace("}", "")
        answer: Answer = getattr(self, f"_{self.exchange.method.lower()}{noun or '_project'}")()
        return answer

    def _get_project(self) -> Answer:
        shown = {"id": self.gitlab.project, "name": "shop", "path": "shop", "path_with_namespace": self.gitlab.path}
        web = f"{self.server.url}/gitlab/{self.gitlab.path}"
        more = {"default_branch": "main", "web_url": web, "archived": False, "visibility": "private"}
        return Answer(200, {**shown, **more})

    def _get_merge_requests(self) -> Answer:
        found = self._listed(self.gitlab.merge_requests)
        branch = self.exchange.first("source_branch")
        found = [thread for thread in found if not branch or thread.source == branch]
        return paged([self._merge_request(thread) for thread in found], self.exchange, self.server, default=20)

    def _post_merge_requests(self) -> Answer:
        sent = self.exchange.sent
        if refusal := self._refusal(sent):
            return refusal
        if self.gitlab.git is not None and sent["source_branch"] not in self._branches(self.gitlab.git):
            return Answer(400, {"message": {"source_branch": ["does not exist"]}})
        same = [one for one in self.gitlab.merge_requests.values() if one.source == sent["source_branch"]]
        twin = next((one for one in same if one.state == "opened"), None)
        if twin and self.gitlab.refuses_second:
            told = f"Another open merge request already exists for this source branch: !{twin.iid}"
            return Answer(409, {"message": [told]})
        thread = self.gitlab.add(
            self.user,
            sent["title"],
            sent.get("description", ""),
            source=sent["source_branch"],
            target=sent["target_branch"],
            labels=self._named(sent.get("labels", "")),
        )
        return Answer(201, self._merge_request(thread))

    def _get_merge_requests_merge_request_iid(self) -> Answer:
        thread = self._thread()
        return Answer(200, self._merge_request(thread)) if thread else Answer(404, {"message": "404 Not found"})

    def _put_merge_requests_merge_request_iid(self) -> Answer:
        thread = self._thread()
        if thread is None:
            return Answer(404, {"message": "404 Not found"})
        numbers = {number: name for name, number in self.gitlab.users.items()}
        if "reviewer_ids" in self.exchange.sent:
            chosen = [numbers[number] for number in self.exchange.sent["reviewer_ids"] if number in numbers]
            thread.reviewers = chosen[: self.gitlab.most_reviewers]
        return self._edit(thread) or Answer(200, self._merge_request(thread))

    def _get_issues(self) -> Answer:
        found = self._listed(self.gitlab.issues)
        if wanted := self.exchange.first("labels"):
            found = [thread for thread in found if set(wanted.split(",")) <= set(thread.labels)]
        if author := self.exchange.first("author_id"):
            found = [thread for thread in found if self.gitlab.users[thread.author] == int(author)]
        if after := self.exchange.first("updated_after"):
            found = [thread for thread in found if thread.updated >= datetime.fromisoformat(after)]
        return paged([self._issue(thread) for thread in found], self.exchange, self.server, default=20)

    def _post_issues(self) -> Answer:
        sent = self.exchange.sent
        if refusal := self._refusal(sent):
            return refusal
        labels = self._named(sent.get("labels", ""))
        thread = self.gitlab.add(self.user, sent["title"], sent.get("description", ""), labels=labels)
        return Answer(201, self._issue(thread))

    def _put_issues_issue_iid(self) -> Answer:
        thread = self._thread()
        if thread is None:
            return Answer(404, {"message": "404 Issue Not Found"})
        return self._edit(thread) or Answer(200, self._issue(thread))

    def _get_merge_requests_merge_request_iid_notes(self) -> Answer:
        thread = self._thread()
        if thread is None:
            return Answer(404, {"message": "404 Not found"})
        notes = [self._note(number, *note) for number, note in enumerate(thread.notes)]
        return paged(notes, self.exchange, self.server, default=20)

    def _post_merge_requests_merge_request_iid_notes(self) -> Answer:
        thread = self._thread()
        if thread is None:
            return Answer(404, {"message": "404 Not found"})
        thread.notes.append((self.user, self.exchange.sent["body"]))
        thread.updated = self.gitlab.tick()
        return Answer(201, self._note(len(thread.notes), self.user, self.exchange.sent["body"]))

    _get_issues_issue_iid_notes = _get_merge_requests_merge_request_iid_notes
    _post_issues_issue_iid_notes = _post_merge_requests_merge_request_iid_notes

    def _thread(self) -> Thread | None:
        if "issue_iid" in self.values:
            return self.gitlab.issues.get(int(self.values["issue_iid"]))
        return self.gitlab.merge_requests.get(int(self.values["merge_request_iid"]))

    def _listed(self, kind: dict[int, Thread]) -> list[Thread]:
        state = self.exchange.first("state", "all")
        found = [thread for thread in kind.values() if state in ("all", thread.state)]
        return sorted(found, key=lambda one: one.created, reverse=self.exchange.first("sort", "desc") == "desc")

    def _edit(self, thread: Thread) -> Answer | None:
        sent = self.exchange.sent
        if refusal := self._refusal(sent):
            return refusal
        thread.title = sent.get("title", thread.title)
        thread.description = sent.get("description", thread.description)
        thread.labels += [name for name in self._named(sent.get("add_labels", "")) if name not in thread.labels]
        event = sent.get("state_event")
        if event == "close" and thread.state == "opened":
            thread.state, thread.closed_by = "closed", self.user
        elif event == "reopen" and thread.state == "closed":
            thread.state, thread.closed_by = "opened", None
        thread.updated = self.gitlab.tick()
        return None

    def _refusal(self, sent: dict[str, Any]) -> Answer | None:
        if "title" in sent and not sent["title"].strip():
            return Answer(400, {"message": {"title": ["can't be blank"]}})
        if len(sent.get("title", "")) > 255:
            return Answer(400, {"message": {"title": ["is too long (maximum is 255 characters)"]}})
        if len(sent.get("description", "")) > LONGEST_DESCRIPTION:
            return Answer(400, {"message": {"description": ["is too long (maximum is 1048576 characters)"]}})
        return None

    def _named(self, labels: str) -> list[str]:
        return [name.strip() for name in labels.split(",") if name.strip()] if self.gitlab.labelling else []

    def _branches(self, git: Path) -> set[str]:
        command = ["git", "-C", str(git), "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]
        return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    def _merge_request(self, thread: Thread) -> dict[str, Any]:
        return {
            **self._shown(thread, f"merge_requests/{thread.iid}"),
            "source_branch": thread.source,
            "target_branch": thread.target,
            "source_project_id": thread.source_project,
            "target_project_id": self.gitlab.project,
            "reviewers": [self.gitlab.user(name, self.server) for name in thread.reviewers],
            "merged_by": self.gitlab.user(thread.merged_by, self.server) if thread.merged_by else None,
            "merged_at": _moment(thread.updated) if thread.merged_by else None,
            "sha": "0" * 40,
            "draft": False,
        }

    def _issue(self, thread: Thread) -> dict[str, Any]:
        return {**self._shown(thread, f"issues/{thread.iid}"), "confidential": False, "issue_type": "issue"}

    def _shown(self, thread: Thread, place: str) -> dict[str, Any]:
        return {
            "id": 1_000 + thread.iid,
            "iid": thread.iid,
            "project_id": self.gitlab.project,
            "title": thread.title,
            "description": thread.description,
            "state": thread.state,
            "created_at": _moment(thread.created),
            "updated_at": _moment(thread.updated),
            "labels": sorted(thread.labels),
            "author": self.gitlab.user(thread.author, self.server),
            "web_url": f"{self.server.url}/gitlab/{self.gitlab.path}/-/{place}",
            "closed_by": self.gitlab.user(thread.closed_by, self.server) if thread.closed_by else None,
            "closed_at": _moment(thread.updated) if thread.state == "closed" else None,
        }

    def _note(self, number: int, author: str, body: str) -> dict[str, Any]:
        shown = {"id": number + 1, "body": body, "author": self.gitlab.user(author, self.server)}
        return {**shown, "created_at": _moment(self.gitlab.now), "system": False}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@contextmanager
def gitlab(tls: ssl.SSLContext | None = None, **state: Any) -> Iterator[tuple[GitLab, ForgeServer]]:
    """A running GitLab below ``/gitlab``."""
    running = GitLab(**state)
    with serving(running, tls) as server:
        yield running, server
