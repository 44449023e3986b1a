"""The loopback forges are held against the vendors' descriptions, and what holds them can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts.extract_github_openapi import OPERATIONS, extract
from tests.servers.contract import Contract
from tests.servers.github_server import TOKEN, github

GITHUB, GITLAB = Contract("github-openapi.json"), Contract("gitlab-contract.yaml")
JSON = {"Content-Type": "application/json"}


def faults(contract: Contract, method: str, path: str, body: Any = None, **query: list[str]) -> list[str]:
    operation = contract.operation(method, path)
    assert operation is not None
    return list(contract.request_faults(operation, query, JSON, json.dumps(body).encode() if body else b""))


@pytest.mark.parametrize(
    ("contract", "method", "path", "body", "query", "told"),
    [
        (GITHUB, "GET", "/repos/o/r/pulls", None, {"state": ["opened"]}, "state: 'opened' is not one of"),
        (GITHUB, "GET", "/repos/o/r/pulls", None, {"heads": ["x"]}, "parameter 'heads' is not described"),
        (GITHUB, "GET", "/repos/o/r/pulls", None, {"per_page": ["many"]}, "per_page: 'many' is not of type 'integer'"),
        (GITHUB, "GET", "/repos/o/r/pulls/x", None, {}, "pull_number: 'x' is not of type 'integer'"),
        (GITHUB, "POST", "/repos/o/r/pulls", {"title": "t", "head": "h"}, {}, "body: 'base' is a required property"),
        (GITHUB, "POST", "/repos/o/r/issues", {"title": ["t"]}, {}, "body.title"),
        (GITHUB, "POST", "/repos/o/r/issues", {"title": "t", "text": "b"}, {}, "'text' is not described"),
        (GITHUB, "POST", "/repos/o/r/issues/1/labels", ["bug"], {}, "is not of type 'object'"),
        (GITHUB, "PATCH", "/repos/o/r/pulls/1", {"state": "merged"}, {}, "body.state: 'merged' is not one of"),
        (GITLAB, "GET", "/projects/1/issues", None, {"state": ["open"]}, "state: 'open' is not one of"),
        (GITLAB, "POST", "/projects/1/issues", {"title": "t", "labels": ["a"]}, {}, "body.labels"),
        (GITLAB, "PUT", "/projects/1/issues/1", {}, {}, "the body is required"),
        (GITLAB, "PUT", "/projects/1/issues/1", {"state_event": "open"}, {}, "body.state_event"),
    ],
)
def test_a_broken_request_is_told(
    contract: Contract, method: str, path: str, body: Any, query: dict[str, list[str]], told: str
) -> None:
    assert any(told in fault for fault in faults(contract, method, path, body, **query))


def test_good_requests_have_no_faults() -> None:
    assert faults(GITHUB, "GET", "/repos/o/r/pulls", state=["all"], per_page=["100"]) == []
    assert faults(GITHUB, "POST", "/repos/o/r/pulls", {"title": "t", "head": "h", "base": "main"}) == []
    assert faults(GITLAB, "PUT", "/projects/1/issues/1", {"state_event": "close"}) == []


def test_a_broken_answer_is_told() -> None:
    operation = GITHUB.operation("GET", "/repos/o/r/issues/1")
    assert operation is not None
    issue = GITHUB.example("issue")
    assert list(GITHUB.answer_faults(operation, 200, issue)) == []
    assert list(GITHUB.answer_faults(operation, 200, {**issue, "number": "1"})) != []
    assert list(GITHUB.answer_faults(operation, 299, issue)) == ["status 299 is not described"]


def test_a_body_of_another_type_is_told() -> None:
    operation = GITHUB.operation("POST", "/repos/o/r/issues")
    assert operation is not None
    told = list(GITHUB.request_faults(operation, {}, {"Content-Type": "text/plain"}, b"x"))
    assert told == ["content type 'text/plain' is not described"]


def test_a_server_that_was_asked_wrongly_fails_its_test() -> None:
    with pytest.raises(AssertionError, match=r"GET /repos/org/shop/pulls: parameter 'colour'"), github() as (_, server):
        url = f"{server.api}/repos/org/shop/pulls?colour=red"
        assert requests.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5).ok


def test_an_operation_that_nobody_described_fails_its_test() -> None:
    with pytest.raises(AssertionError, match="no such operation is described"), github() as (_, server):
        requests.get(f"{server.api}/search/issues?q=x", timeout=5)


def test_the_extract_holds_what_the_script_names_and_all_that_it_refers_to() -> None:
    description = GITHUB.description
    assert {path: tuple(methods) for path, methods in description["paths"].items()} == OPERATIONS
    assert description["info"]["x-source"].startswith("npm @octokit/openapi ")
    # Extracting from the extract finds every reference, and changes nothing.
    again = extract({**description, "info": description["info"]})
    assert again["components"] == description["components"]
    assert again["paths"] == description["paths"]


def test_the_licence_of_the_extract_is_named() -> None:
    readme = (Path(__file__).parent.parent.parent / "fixtures/forges/README.md").read_text("utf-8")
    assert "Copyright (c) 2020 Octokit contributors" in readme
    assert GITHUB.description["info"]["license"]["name"] == "MIT"
