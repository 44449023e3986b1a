"""A forge under test: the client that users have, the loopback server behind it, and what people do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from driftbot.forges.careful import CarefulForge
from driftbot.forges.client import Client
from driftbot.forges.github import GitHub
from driftbot.forges.gitlab import GitLab
from driftbot.forges.mark import Mark
from driftbot.forges.options import ForgeKind, ForgeOptions
from driftbot.forges.patience import Patience
from driftbot.forges.thread import Draft
from tests.servers import github_server, gitlab_server
from tests.servers.forge_http import ForgeServer

PERSON = "ada"


@dataclass(frozen=True)
class Seen:
    """A request or issue as the server keeps it, the same for both vendors."""

    number: int
    state: str
    title: str
    body: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    comments: tuple[str, ...]


@dataclass
class Bench:
    """One vendor's loopback forge. ``pauses`` are the waits that were asked of us; nothing is waited in tests."""

    kind: ForgeKind
    server: ForgeServer
    state: Any
    pauses: list[float] = field(default_factory=list)
    budget: float = 120.0

    def options(self, **more: Any) -> ForgeOptions:
        """The options of a user."""
        here = self.server.url if self.kind is ForgeKind.GITHUB else f"{self.server.url}/gitlab"
        repository = self.state.full_name if self.kind is ForgeKind.GITHUB else self.state.path
        written = {"kind": self.kind, "url": here, "repository": repository, "token": {"env": "FORGE_TOKEN"}}
        return ForgeOptions.model_validate({**written, "timeout": 5, **more})

    def forge(self, **more: Any) -> CarefulForge:
        """A forge as a new run has it: it remembers nothing."""
        options = self.options(**more)
        client: Client = GitHub(options, pace=0.0) if self.kind is ForgeKind.GITHUB else GitLab(options)
        return CarefulForge(client, Patience(self.budget, sleep=self.pauses.append))

    def requests(self) -> list[Seen]:
        """Every request, oldest first."""
        if self.kind is ForgeKind.GITHUB:
            return [_on_github(thread) for thread in self.state.requests()]
        return [_on_gitlab(thread) for thread in self.state.merge_requests.values()]

    def notices(self) -> list[Seen]:
        """Every issue, oldest first."""
        if self.kind is ForgeKind.GITHUB:
            return [_on_github(thread) for thread in self.state.issues()]
        return [_on_gitlab(thread) for thread in self.state.issues.values()]

    def person_opens_request(self, branch: str, body: str = "By hand.") -> None:
        """A person opens a request from a branch."""
        if self.kind is ForgeKind.GITHUB:
            self.state.add(PERSON, "Mine", body, head=branch, base="main")
        else:
            self.state.add(PERSON, "Mine", body, source=branch, target="main")

    def person_opens_issue(self, body: str) -> None:
        """A person opens an issue, without our label."""
        self.state.add(PERSON, "An issue", body)

    def person_closes_request(self, number: int, *, merged: bool = False) -> None:
        """A person closes or merges a request."""
        if self.kind is ForgeKind.GITHUB:
            self.state.close(number, PERSON, merged=merged)
        else:
            self.state.close(self.state.merge_requests[number], PERSON, merged=merged)

    def person_closes_notice(self, number: int) -> None:
        """A person closes an issue."""
        if self.kind is ForgeKind.GITHUB:
            self.state.close(number, PERSON)
        else:
            self.state.close(self.state.issues[number], PERSON)

    def listing(self) -> str:
        """What listing requests looks like to a fault."""
        return r"GET .*/pulls$" if self.kind is ForgeKind.GITHUB else r"GET .*/merge_requests$"

    def creation(self, thing: str = "request") -> str:
        """What creating looks like to a fault."""
        if thing == "notice":
            return r"POST .*/issues$"
        return r"POST .*/pulls$" if self.kind is ForgeKind.GITHUB else r"POST .*/merge_requests$"

    def editing(self) -> str:
        """What editing a request looks like to a fault."""
        return r"PATCH .*/pulls/\d+$" if self.kind is ForgeKind.GITHUB else r"PUT .*/merge_requests/\d+$"


def draft(fingerprint: str = "3f9c2a", digest: str = "d1", body: str = "The deadline is near.", **more: Any) -> Draft:
    """A draft with what a test does not care about."""
    return Draft(more.pop("title", "Raise the deadline of billing"), body, Mark(fingerprint, digest), **more)


@contextmanager
def bench(kind: ForgeKind, **state: Any) -> Iterator[Bench]:
    """A running bench of a vendor."""
    serve: Any = github_server.github if kind is ForgeKind.GITHUB else gitlab_server.gitlab
    with serve(**state) as (running, server):
        yield Bench(kind, server, running)


def token_of(kind: ForgeKind) -> str:
    """The token that the loopback server knows."""
    return github_server.TOKEN if kind is ForgeKind.GITHUB else gitlab_server.TOKEN


def _on_github(thread: github_server.Thread) -> Seen:
    state = "merged" if thread.merged else thread.state
    comments = tuple(body for _, body in thread.comments)
    reviewers = (*thread.reviewers, *thread.teams)
    return Seen(thread.number, state, thread.title, thread.body, tuple(thread.labels), reviewers, comments)


def _on_gitlab(thread: gitlab_server.Thread) -> Seen:
    state = {"opened": "open"}.get(thread.state, thread.state)
    comments = tuple(body for _, body in thread.notes)
    labels, reviewers = tuple(thread.labels), tuple(thread.reviewers)
    return Seen(thread.iid, state, thread.title, thread.description, labels, reviewers, comments)
