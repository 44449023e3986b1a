"""A loopback GitHub Enterprise server that keeps pull requests, issues, labels and comments of one repository.

Its answers are GitHub's own examples (npm `@octokit/openapi`) with the state written over them. It refuses no second
pull request from a branch unless `refuses_second` is set, so that nothing of ours is deduplicated by accident.
"""

from __future__ import annotations

import copy
import json
import ssl
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.servers.contract import Contract
from tests.servers.forge_http import Answer, Exchange, ForgeServer, paged, serving

TOKEN = "ghp_loopback"
BOT, ADA, BEN = "driftbot-of-shop", "ada", "ben"
LONGEST_BODY = 65_536


@dataclass
class Account:
    """Who a token belongs to. ``app``: the token of a GitHub App, which may not ask who it is."""

    login: str
    app: bool = False
    pushes: bool = True


@dataclass
class Thread:
    """A pull request (with ``head``) or an issue."""

    number: int
    author: str
    title: str
    body: str
    created: datetime
    updated: datetime
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    closed_by: str | None = None
    head: str = ""
    head_repository: str = ""
    base: str = ""
    merged: bool = False
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class GitHub:
    """The state. ``git`` is a bare repository whose branches exist; without one every branch does."""

    full_name: str = "org/shop"
    old_names: set[str] = field(default_factory=set)
    accounts: dict[str, Account] = field(default_factory=lambda: {TOKEN: Account(BOT)})
    collaborators: set[str] = field(default_factory=lambda: {ADA, BEN, BOT})
    teams: set[str] = field(default_factory=lambda: {"payments"})
    labels: set[str] = field(default_factory=set)
    threads: dict[int, Thread] = field(default_factory=dict)
    git: Path | None = None
    refuses_second: bool = False
    issues_enabled: bool = True
    now: datetime = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

    prefix = "/api/v3"
    contract = Contract("github-openapi.json")

    def tick(self) -> datetime:
        """A second later."""
        self.now += timedelta(seconds=1)
        return self.now

    def add(self, author: str, title: str, body: str = "", **more: Any) -> Thread:
        """A thread that somebody opened."""
        at = self.tick()
        thread = Thread(len(self.threads) + 1, author, title, body, at, at, **more)
        thread.head_repository = thread.head_repository or (self.full_name if thread.head else "")
        self.threads[thread.number] = thread
        return thread

    def close(self, number: int, by: str, *, merged: bool = False) -> None:
        """Somebody closes or merges it."""
        thread = self.threads[number]
        thread.state, thread.closed_by, thread.merged, thread.updated = "closed", by, merged, self.tick()

    def requests(self) -> list[Thread]:
        """The pull requests, oldest first."""
        return [thread for thread in self.threads.values() if thread.head]

    def issues(self) -> list[Thread]:
        """The issues, oldest first."""
        return [thread for thread in self.threads.values() if not thread.head]

    def answer(self, exchange: Exchange, server: ForgeServer) -> Answer:
        """Carry a request out."""
        account = self.accounts.get(exchange.headers.get("Authorization", "").partition(" ")[2])
        if account is None:
            return Answer(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        if exchange.path == "/user":
            return self._user(account, server)
        *_, owner, name = exchange.path.split("/")[:4]
        if f"{owner}/{name}" in self.old_names:
            location = server.api + exchange.path.replace(f"{owner}/{name}", self.full_name, 1)
            moved = {"message": "Moved Permanently", "url": location, "documentation_url": "https://docs.github.com"}
            return Answer(301 if exchange.method == "GET" else 307, moved, {"Location": location})
        if f"{owner}/{name}".casefold() != self.full_name.casefold():
            return _not_found()
        operation = self.contract.operation(exchange.method, exchange.path)
        assert operation is not None
        return _Session(self, server, account, exchange, {**operation.values}).carry_out(operation.path)

    def _user(self, account: Account, server: ForgeServer) -> Answer:
        if account.app:
            return Answer(403, {"message": "Resource not accessible by integration"})
        name = "private-user-response-with-public-and-private-profile-information"
        return Answer(200, {**self.contract.example(name), **_simple_user(account.login, server)})


@dataclass
class _Session:
    """One request in the name of an account."""

    github: GitHub
    server: ForgeServer
    account: Account
    exchange: Exchange
    values: dict[str, str]

    def carry_out(self, template: str) -> Answer:
        noun = template.removeprefix("/repos/{owner}/{repo}").replace("/", "_").replace("{", "").replace("}", "")
        does = getattr(self, f"_{self.exchange.method.lower()}{noun or '_repository'}")
        answer: Answer = does()
        return answer

    def _get_repository(self) -> Answer:
        body = self._example("full-repository-default-response")
        body |= {"language": "Python", "id": _number_of(self.github.full_name), "full_name": self.github.full_name}
        for origin in ("parent", "source", "template_repository"):
            body.pop(origin)
        return Answer(200, body)

    def _get_pulls(self) -> Answer:
        found = [thread for thread in self.github.requests() if self._has_state(thread)]
        owner, colon, branch = self.exchange.first("head").partition(":")
        if colon:
            # A filter without a colon is ignored, as GitHub does.
            found = [one for one in found if one.head == branch and one.head_repository.startswith(f"{owner}/")]
        found.sort(key=lambda thread: thread.created, reverse=self.exchange.first("direction", "desc") == "desc")
        return paged([self._pull(thread, "pull-request-simple-items") for thread in found], self.exchange, self.server)

    def _post_pulls(self) -> Answer:
        sent = self.exchange.sent
        if not self.account.pushes:
            return Answer(403, {"message": "Resource not accessible by personal access token"})
        if refusal := self._refusal(sent):
            return refusal
        heads = self._branches()
        for name in ("head", "base"):
            if heads is not None and sent[name] not in heads:
                return _invalid("PullRequest", name, "invalid")
        twin = [one for one in self.github.requests() if one.state == "open" and one.head == sent["head"]]
        if twin and self.github.refuses_second:
            owner = self.github.full_name.partition("/")[0]
            return _invalid("PullRequest", "", "custom", f"A pull request already exists for {owner}:{sent['head']}.")
        thread = self.github.add(
            self.account.login, sent["title"], sent.get("body") or "", head=sent["head"], base=sent["base"]
        )
        return Answer(201, self._pull(thread, "pull-request"))

    def _get_pulls_pull_number(self) -> Answer:
        thread = self._thread("pull_number")
        return Answer(200, self._pull(thread, "pull-request")) if thread and thread.head else _not_found()

    def _patch_pulls_pull_number(self) -> Answer:
        thread = self._thread("pull_number")
        if thread is None or not thread.head:
            return _not_found()
        return self._edit(thread) or Answer(200, self._pull(thread, "pull-request"))

    def _get_pulls_pull_number_reviews(self) -> Answer:
        thread = self._thread("pull_number")
        if thread is None:
            return _not_found()
        example = self._example("pull-request-review-items")[0]
        return Answer(200, [{**example, "user": _simple_user(name, self.server)} for name in thread.reviews])

    def _post_pulls_pull_number_requested_reviewers(self) -> Answer:
        thread, sent = self._thread("pull_number"), self.exchange.sent
        if thread is None:
            return _not_found()
        people, teams = sent.get("reviewers", []), sent.get("team_reviewers", [])
        if thread.author in people:
            return Answer(422, {"message": "Review cannot be requested from pull request author."})
        if set(people) - self.github.collaborators or set(teams) - self.github.teams:
            told = "Reviews may only be requested from collaborators. One or more of the users or teams you specified"
            return Answer(422, {"message": f"{told} is not a collaborator of the {self.github.full_name} repository."})
        thread.reviewers += [name for name in people if name not in thread.reviewers]
        thread.teams += [name for name in teams if name not in thread.teams]
        return Answer(201, self._pull(thread, "pull-request-review-request"))

    def _get_issues(self) -> Answer:
        if not self.github.issues_enabled:
            return Answer(410, {"message": "Issues has been disabled in this repository."})
        found = [thread for thread in self.github.threads.values() if self._has_state(thread)]
        if wanted := self.exchange.first("labels"):
            names = {name.casefold() for name in wanted.split(",")}
            found = [one for one in found if names <= {label.casefold() for label in one.labels}]
        if creator := self.exchange.first("creator"):
            found = [one for one in found if one.author == creator]
        if since := self.exchange.first("since"):
            found = [one for one in found if one.updated >= datetime.fromisoformat(since)]
        found.sort(key=lambda thread: thread.created, reverse=True)
        return paged([self._issue(thread, listed=True) for thread in found], self.exchange, self.server)

    def _post_issues(self) -> Answer:
        sent = self.exchange.sent
        if not self.github.issues_enabled:
            return Answer(410, {"message": "Issues has been disabled in this repository."})
        if refusal := self._refusal(sent):
            return refusal
        thread = self.github.add(self.account.login, sent["title"], sent.get("body") or "")
        # Without the right to push GitHub drops the labels and says nothing.
        thread.labels = self._stored(sent.get("labels", [])) if self.account.pushes else []
        return Answer(201, self._issue(thread))

    def _get_issues_issue_number(self) -> Answer:
        thread = self._thread("issue_number")
        return Answer(200, self._issue(thread)) if thread else _not_found()

    def _patch_issues_issue_number(self) -> Answer:
        thread = self._thread("issue_number")
        if thread is None:
            return _not_found()
        return self._edit(thread) or Answer(200, self._issue(thread))

    def _get_issues_issue_number_comments(self) -> Answer:
        thread = self._thread("issue_number")
        if thread is None:
            return _not_found()
        example = self._example("issue-comment")
        bodies = [
            {**example, "body": body, "user": _simple_user(author, self.server)} for author, body in thread.comments
        ]
        return paged(bodies, self.exchange, self.server)

    def _post_issues_issue_number_comments(self) -> Answer:
        thread = self._thread("issue_number")
        if thread is None:
            return _not_found()
        body = self.exchange.sent["body"]
        thread.comments.append((self.account.login, body))
        thread.updated = self.github.tick()
        return Answer(201, {**self._example("issue-comment"), "body": body})

    def _post_issues_issue_number_labels(self) -> Answer:
        thread = self._thread("issue_number")
        if thread is None or not self.account.pushes:
            return _not_found()
        sent = self.exchange.sent
        for name in self._stored(sent["labels"]):
            if name not in thread.labels:
                thread.labels.append(name)
        thread.updated = self.github.tick()
        return Answer(200, [self._label(name) for name in thread.labels])

    def _get_labels_name(self) -> Answer:
        found = self._known_label(unquote(self.values["name"]))
        return Answer(200, self._label(found)) if found else _not_found()

    def _post_labels(self) -> Answer:
        name = self.exchange.sent["name"]
        if not self.account.pushes:
            return _not_found()
        if self._known_label(name):
            return _invalid("Label", "name", "already_exists")
        self.github.labels.add(name)
        return Answer(201, self._label(name))

    def _edit(self, thread: Thread) -> Answer | None:
        sent = self.exchange.sent
        if refusal := self._refusal(sent):
            return refusal
        if thread.merged and sent.get("state") == "open":
            return _invalid("PullRequest", "state", "invalid")
        thread.title, thread.body = sent.get("title", thread.title), sent.get("body", thread.body)
        if "state" in sent and sent["state"] != thread.state:
            thread.state = sent["state"]
            thread.closed_by = self.account.login if thread.state == "closed" else None
        thread.updated = self.github.tick()
        return None

    def _refusal(self, sent: dict[str, Any]) -> Answer | None:
        if "title" in sent and not str(sent["title"]).strip():
            return _invalid("Issue", "title", "missing_field")
        if len(sent.get("title") or "") > 256:
            return _invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)")
        if len(sent.get("body") or "") > LONGEST_BODY:
            return _invalid("Issue", "body", "custom", "body is too long (maximum is 65536 characters)")
        return None

    def _thread(self, name: str) -> Thread | None:
        return self.github.threads.get(int(self.values[name]))

    def _has_state(self, thread: Thread) -> bool:
        return self.exchange.first("state", "open") in ("all", thread.state)

    def _branches(self) -> set[str] | None:
        if self.github.git is None:
            return None
        command = ["git", "-C", str(self.github.git), "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]
        return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    def _known_label(self, name: str) -> str | None:
        return next((known for known in self.github.labels if known.casefold() == name.casefold()), None)

    def _stored(self, names: Iterable[Any]) -> list[str]:
        texts = [name if isinstance(name, str) else name["name"] for name in names]
        stored = [self._known_label(name) or name for name in texts]
        self.github.labels.update(stored)
        return stored

    def _pull(self, thread: Thread, example: str) -> dict[str, Any]:
        body = self._example(example)
        body = body[0] if isinstance(body, list) else body
        api, full = f"{self.server.api}/repos/{self.github.full_name}", self.github.full_name
        body |= self._shown(thread) | {
            "url": f"{api}/pulls/{thread.number}",
            "issue_url": f"{api}/issues/{thread.number}",
            "html_url": f"{self.server.url}/{full}/pull/{thread.number}",
            "merged_at": thread.updated.strftime("%Y-%m-%dT%H:%M:%SZ") if thread.merged else None,
            "requested_reviewers": [_simple_user(name, self.server) for name in thread.reviewers],
            "requested_teams": [
                {**team, "slug": name, "name": name, "type": "organization"}
                for name in thread.teams
                for team in body["requested_teams"][:1]
            ],
        }
        if "merged" in body:
            body["merged"] = thread.merged
        for side, branch, repository in (
            ("head", thread.head, thread.head_repository),
            ("base", thread.base or "main", full),
        ):
            part = body[side]
            part["ref"], part["label"] = branch, f"{repository.partition('/')[0]}:{branch}"
            part["repo"] |= {"full_name": repository, "id": _number_of(repository)}
        return body

    def _issue(self, thread: Thread, *, listed: bool = False) -> dict[str, Any]:
        body = self._example("issue")
        api = f"{self.server.api}/repos/{self.github.full_name}"
        body |= self._shown(thread) | {
            "url": f"{api}/issues/{thread.number}",
            "comments_url": f"{api}/issues/{thread.number}/comments",
            "labels_url": f"{api}/issues/{thread.number}/labels{{/name}}",
            "html_url": f"{self.server.url}/{self.github.full_name}/issues/{thread.number}",
            "closed_by": _simple_user(thread.closed_by, self.server) if thread.closed_by and not listed else None,
        }
        body.pop("pull_request", None)
        if thread.head:
            url = f"{self.server.url}/{self.github.full_name}/pull/{thread.number}"
            pull = {"url": f"{api}/pulls/{thread.number}", "html_url": url, "diff_url": url, "patch_url": url}
            body |= {"html_url": url, "pull_request": pull}
        return body

    def _shown(self, thread: Thread) -> dict[str, Any]:
        return {
            "number": thread.number,
            "title": thread.title,
            "body": thread.body,
            "state": thread.state,
            "user": _simple_user(thread.author, self.server),
            "labels": [self._label(name) for name in thread.labels],
            "created_at": thread.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": thread.updated.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "closed_at": thread.updated.strftime("%Y-%m-%dT%H:%M:%SZ") if thread.state == "closed" else None,
        }

    def _label(self, name: str) -> dict[str, Any]:
        return {**self._example("label"), "name": name}

    def _example(self, name: str) -> Any:
        text = json.dumps(self.github.contract.example(name))
        text = text.replace("https://api.github.com", self.server.api).replace("https://github.com", self.server.url)
        return copy.deepcopy(json.loads(text.replace("octocat/Hello-World", self.github.full_name)))


def _simple_user(login: str, server: ForgeServer) -> dict[str, Any]:
    example = GitHub.contract.example("pull-request")["user"]
    return {**example, "login": login, "id": _number_of(login), "url": f"{server.api}/users/{login}"}


def _number_of(name: str) -> int:
    return zlib.crc32(name.encode())


def _not_found() -> Answer:
    return Answer(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})


def _invalid(resource: str, of: str, code: str, message: str = "") -> Answer:
    error = {"resource": resource, "field": of, "code": code, "message": message}
    errors = [{name: value for name, value in error.items() if value}]
    return Answer(
        422, {"message": "Validation Failed", "errors": errors, "documentation_url": "https://docs.github.com"}
    )


@contextmanager
def github(tls: ssl.SSLContext | None = None, **state: Any) -> Iterator[tuple[GitHub, ForgeServer]]:
    """A running GitHub."""
    running = GitHub(**state)
    with serving(running, tls) as server:
        yield running, server
