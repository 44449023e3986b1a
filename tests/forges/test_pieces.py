"""The small parts: labels, reviewers, options, decisions, pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.forges.connection import connect
from driftbot.forges.failure import Errand, FailureKind, Refusal, refused
from driftbot.forges.label import fitted_label
from driftbot.forges.mark import Mark
from driftbot.forges.options import ForgeKind, ForgeOptions
from driftbot.forges.reviewers import MOST, on_github, on_gitlab
from driftbot.forges.standing import Decision, about_notice, about_request, foremost
from driftbot.forges.thread import Draft, Notice, Person, Request, State

AT = datetime(2026, 11, 22, tzinfo=UTC)
OURS = Mark("3f9c2a", "d1")
DRAFT = Draft("t", "b", OURS)


def request(state: State = State.OPEN, mark: Mark | None = OURS, **more: Any) -> Request:
    values: dict[str, Any] = {"number": 1, "url": "u", "title": "t", "labels": (), "author": Person.US}
    body = f"text\n{mark}" if mark else "text"
    return Request(**{**values, "state": state, "body": body, "created": AT, "updated": AT, **more})


@given(st.text(max_size=300), st.integers(20, 255))
def test_labels_fit_and_are_one_word_of_a_list(name: str, longest: int) -> None:
    label = fitted_label(name, longest)
    assert len(label) <= longest
    assert "," not in label
    assert label == label.strip()
    assert not any(ord(character) < 32 for character in label)


def test_long_labels_that_differ_stay_different() -> None:
    assert fitted_label("x" * 60 + "a", 50) != fitted_label("x" * 60 + "b", 50)


def test_reviewers_of_github() -> None:
    owners = ["@ada", "@ADA", "@org/payments", "@else/team", "ben@example.org", "@bot"]
    chosen = on_github(owners, "Org", "bot")
    assert (chosen.people, chosen.teams) == (("ada",), ("payments",))
    assert [told.split(" ")[0] for told in chosen.left_out] == ["@else/team", "ben@example.org", "@bot"]


def test_reviewers_of_gitlab() -> None:
    chosen = on_gitlab(["@ada", "@org/payments", "@@maintainer", "ben@example.org", "@bot"], "bot")
    assert chosen.people == ("ada",)
    told = [(one.split(" ")[0], one.split(": ")[1]) for one in chosen.left_out]
    assert told == [
        ("@org/payments", "it is a group, and GitLab asks accounts"),
        ("@@maintainer", "it is a role, and GitLab asks accounts"),
        ("ben@example.org", "it is an address, and GitLab asks accounts"),
        ("@bot", "it is the author"),
    ]


@pytest.mark.parametrize("choose", [lambda owners: on_github(owners, "org", ""), lambda owners: on_gitlab(owners, "")])
def test_not_the_whole_company_is_asked(choose: Any) -> None:
    chosen = choose([f"@person-{number}" for number in range(20)])
    assert (len(chosen.people), len(chosen.left_out)) == (MOST, 20 - MOST)


@pytest.mark.parametrize(
    ("kind", "url", "api"),
    [
        (ForgeKind.GITHUB, "", "https://api.github.com"),
        (ForgeKind.GITHUB, "https://github.com/", "https://api.github.com"),
        (ForgeKind.GITHUB, "https://acme.ghe.com", "https://api.acme.ghe.com"),
        (ForgeKind.GITHUB, "https://git.example.org", "https://git.example.org/api/v3"),
        (ForgeKind.GITHUB, "https://git.example.org/api/v3/", "https://git.example.org/api/v3"),
        (ForgeKind.GITHUB, "https://api.github.com", "https://api.github.com"),
        (ForgeKind.GITLAB, "", "https://gitlab.com"),
        (ForgeKind.GITLAB, "https://git.example.org/gitlab/", "https://git.example.org/gitlab"),
        (ForgeKind.GITLAB, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_where_the_api_is(kind: ForgeKind, url: str, api: str) -> None:
    options = ForgeOptions.model_validate({"kind": kind, "url": url, "repository": "org/shop", "token": {"env": "T"}})
    assert options.api == api
    assert connect(options).repository.endswith("/org/shop")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"url": "http://git.example.org"}, "would send the token in the clear"),
        ({"url": "git.example.org"}, "is no address of a forge"),
        ({"url": "https://user:pass@git.example.org"}, "holds a user or password"),
        ({"url": "https://git.example.org?x=1"}, "is no address of a forge"),
        ({"repository": "shop"}, "is no repository's path"),
        ({"repository": "org/../shop"}, "is no repository's path"),
        ({"repository": "org/sh op"}, "is no repository's path"),
        ({"repository": "org/team/shop"}, "is no repository of GitHub"),
        ({"token": "secret"}, "token"),
        ({"kind": "gitea"}, "github"),
        ({"tokn": 1}, "tokn"),
    ],
)
def test_options_that_are_wrong(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ForgeOptions.model_validate({"kind": "github", "repository": "org/shop", "token": {"env": "T"}, **wrong})


@pytest.mark.parametrize(
    ("standing", "decision"),
    [
        (None, Decision.CREATE),
        (request(), Decision.EDIT),
        (request(mark=Mark("3f9c2a", "d0")), Decision.EDIT),
        (request(mark=None), Decision.LEAVE),
        (request(mark=Mark("other", "d1")), Decision.LEAVE),
        (request(State.MERGED), Decision.LEAVE),
        (request(State.MERGED, Mark("3f9c2a", "d0")), Decision.CREATE),
        (request(State.MERGED, None), Decision.CREATE),
        (request(State.CLOSED), Decision.LEAVE),
        (request(State.CLOSED, closer=Person.SOMEBODY), Decision.LEAVE),
        (request(State.CLOSED, closer=Person.US), Decision.CREATE),
        (request(State.CLOSED, replace(OURS, ended=True)), Decision.CREATE),
    ],
)
def test_what_is_done_for_a_request(standing: Request | None, decision: Decision) -> None:
    found, told = about_request(standing, DRAFT)
    assert found is decision
    assert bool(told) == (decision is Decision.LEAVE)


def test_what_is_done_for_a_notice() -> None:
    assert about_notice(None)[0] is Decision.CREATE
    values: dict[str, Any] = {"number": 1, "url": "u", "title": "t", "labels": (), "author": Person.US}
    notice = Notice(**values, state=State.OPEN, body=str(OURS), created=AT, updated=AT)
    assert about_notice(notice)[0] is Decision.EDIT
    assert about_notice(replace(notice, state=State.CLOSED))[0] is Decision.LEAVE
    assert about_notice(replace(notice, state=State.CLOSED, closer=Person.US))[0] is Decision.REOPEN


def test_which_of_several_counts() -> None:
    closed = request(State.CLOSED, number=9)
    ours, theirs = request(number=3), request(mark=None, number=5)
    assert foremost([closed, ours, theirs]) == ours
    assert foremost([closed, theirs]) == theirs
    assert foremost([closed, request(State.MERGED, number=8)]) == closed
    assert foremost([]) is None


@given(st.dictionaries(st.sampled_from(["retry-after", "date", "x-ratelimit-reset", "ratelimit-reset"]), st.text()))
def test_no_header_is_too_odd(headers: dict[str, str]) -> None:
    errand = Errand("asking", "GitHub", "https://github.com/org/shop", "the variable T")
    failure = refused(errand, Refusal(429, "slow down", headers))
    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.pause is not None
    assert failure.pause >= 0
