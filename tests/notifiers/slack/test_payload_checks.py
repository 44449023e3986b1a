"""What payloads are held against: two descriptions of Slack's own, each of which catches what the other misses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.extract_slack_types import extract
from tests.notifiers.slack.payload_checks import SCHEMA, faults, model_faults, schema_faults

PLAIN = {"type": "plain_text", "text": "x", "emoji": False}
BUTTON = {"type": "button", "text": PLAIN, "action_id": "a", "value": "v"}
GOOD: dict[str, Any] = {
    "text": "x",
    "blocks": [
        {"type": "header", "text": PLAIN},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": True}, "expand": True},
        {"type": "actions", "elements": [BUTTON]},
    ],
}


def message(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"text": "x", "blocks": list(blocks)}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_a_good_payload_has_no_faults() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    "payload",
    [
        message(section("x" * 3001)),
        message({"type": "header", "text": {**PLAIN, "text": "x" * 151}}),
        message({"type": "actions", "elements": [{**BUTTON, "text": {**PLAIN, "text": "x" * 76}}]}),
        message({"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}),
        message(*[section("x")] * 51),
    ],
    ids=["section", "header", "button", "value", "blocks"],
)
def test_only_the_models_know_lengths(payload: dict[str, Any]) -> None:
    assert model_faults(payload)
    assert schema_faults(payload) == []


@pytest.mark.parametrize(
    "payload",
    [
        message({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        message({"type": "actions", "elements": [{**BUTTON, "text": {"type": "mrkdwn", "text": "x"}}]}),
        message({"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": "yes"}}),
        message({**section("x"), "expand": "yes"}),
        message({"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "colour": "red"}),
    ],
    ids=["header of markup", "button of markup", "verbatim of text", "expand of text", "unknown field"],
)
def test_only_the_schema_knows_fields_and_types(payload: dict[str, Any]) -> None:
    assert schema_faults(payload)
    assert model_faults(payload) == []


@pytest.mark.parametrize(
    "payload",
    [
        message(section("<!channel>")),
        message(section("<@U012ABC|ann>")),
        message(section("a & b")),
        message(section("a < b")),
        message(section("\u202ex")),
        message({"type": "header", "text": {**PLAIN, "text": "<!here>"}}),
        message(*[section("x" * 2900)] * 4),
        message({"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}),
        {**GOOD, "text": "<!everyone>"},
    ],
)
def test_markup_that_is_none_of_ours_is_a_fault(payload: dict[str, Any]) -> None:
    assert faults(payload)


def test_the_extract_keeps_what_is_named_and_what_it_reaches() -> None:
    generated = {
        "definitions": {
            "MessageBlocks": {"properties": {"blocks": {"items": {"$ref": "#/definitions/KnownBlock"}}}},
            "Modal": {"type": "object"},
            "KnownBlock": {
                "anyOf": [{"$ref": "#/definitions/HeaderBlock"}, {"$ref": "#/definitions/VideoBlock"}],
            },
            "HeaderBlock": {"properties": {"text": {"$ref": "#/definitions/PlainTextElement"}}},
            "PlainTextElement": {"type": "object"},
            "VideoBlock": {"type": "object"},
        }
    }
    package = {"name": "@slack/types", "version": "1", "license": "MIT", "author": "Slack"}
    kept = extract(generated, package)["definitions"]
    assert sorted(kept) == ["HeaderBlock", "KnownBlock", "MessageBlocks", "Modal", "PlainTextElement"]


def test_the_readme_names_the_version_of_the_schema() -> None:
    readme = (Path(__file__).parents[3] / "fixtures" / "notifiers" / "slack-types" / "README.md").read_text("utf-8")
    assert SCHEMA["title"].removeprefix("npm @slack/types ").partition(",")[0] in readme
    assert "MIT" in json.dumps(SCHEMA)
