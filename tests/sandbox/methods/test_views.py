"""``views.*``: triggers are short-lived and for one use; modals lie over one another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.methods.views import open_view, push, update
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import BOT_SCOPES, TokenKind, new_token
from driftbot.sandbox.workspace import Workspace
from tests.sandbox.blocks import modal, section, text_input

ANN = "U0000000ANN"
TOKEN = new_token(TokenKind.BOT, BOT_SCOPES)


class Scene:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, tzinfo=UTC)
        self.workspace = Workspace(lambda: self.now)

    def call(self, method, **given):
        return method(self.workspace, TOKEN, Arguments(given))["view"]

    def trigger(self) -> str:
        return self.workspace.trigger(ANN)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_trigger_opens_one_view_within_three_seconds(scene: Scene):
    trigger = scene.trigger()
    scene.now += timedelta(seconds=3)
    scene.call(open_view, trigger_id=trigger, view=modal(section("a")))
    with pytest.raises(Refused, match="exchanged_trigger_id"):
        scene.call(open_view, trigger_id=trigger, view=modal(section("a")))
    late = scene.trigger()
    scene.now += timedelta(seconds=3.1)
    with pytest.raises(Refused, match="expired_trigger_id"):
        scene.call(open_view, trigger_id=late, view=modal(section("a")))
    with pytest.raises(Refused, match="invalid_trigger_id"):
        scene.call(open_view, trigger_id="made-up", view=modal(section("a")))


def test_views_lie_over_one_another_three_deep(scene: Scene):
    root = scene.call(open_view, trigger_id=scene.trigger(), view=modal(section("0")))
    for depth in ("1", "2"):
        view = scene.call(push, trigger_id=scene.trigger(), view=modal(section(depth)))
        assert (view["root_view_id"], view["previous_view_id"] is None) == (root["id"], False)
    with pytest.raises(Refused, match="push_limit_reached"):
        scene.call(push, trigger_id=scene.trigger(), view=modal(section("3")))
    scene.call(open_view, trigger_id=scene.trigger(), view=modal(section("again")))
    assert len(scene.workspace.open_views(ANN)) == 1


def test_an_update_needs_the_view_as_it_is(scene: Scene):
    view = scene.call(open_view, trigger_id=scene.trigger(), view=modal(section("0"), external_id="mine"))
    newer = scene.call(update, external_id="mine", hash=view["hash"], view=modal(section("1")))
    with pytest.raises(Refused, match="hash_conflict"):
        scene.call(update, view_id=view["id"], hash=view["hash"], view=modal(section("2")))
    assert scene.call(update, view_id=view["id"], hash=newer["hash"], view=modal(section("2")))["id"] == view["id"]
    with pytest.raises(Refused, match="not_found"):
        scene.call(update, view_id="V9", view=modal(section("2")))


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        ({"type": "modal"}, "missing required field: title [json-pointer:/view]"),
        (modal(section("x"), title={"type": "plain_text", "text": "t" * 25}), "must be less than 25 characters"),
        (modal(*[section("x")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(section("x"), private_metadata="m" * 3001), "must be less than 3001 characters"),
        ({k: v for k, v in modal(text_input("a")).items() if k != "submit"}, "missing required field: submit"),
        ([1], "must provide an object"),
    ],
)
def test_a_view_that_cannot_be_is_refused_and_costs_no_trigger(scene: Scene, view, fault: str):
    trigger = scene.trigger()
    with pytest.raises(Refused, match="invalid_arguments") as caught:
        scene.call(open_view, trigger_id=trigger, view=view)
    assert any(fault in message for message in caught.value.messages), caught.value.messages
    scene.call(open_view, trigger_id=trigger, view=modal(section("a")))
