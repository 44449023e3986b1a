"""The page about Slack: its manifest gives every right that is needed, its table knows every error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from driftbot.core.digest import Standing
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.slack.failure import MEANINGS
from tests.notices.digest_scene import chart, digest, entry, notice
from tests.notifiers.channel_scene import Killed, kill_at
from tests.notifiers.slack.slack_scene import Scene, scene

PAGE = (Path(__file__).parents[3] / "docs" / "slack.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(one) for one in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)]
(MANIFEST,) = [block for block in BLOCKS if "oauth_config" in block]
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def everything(slack: Scene) -> None:
    """A delivery that is killed, gone on with, and edits and deletes."""
    charted = entry(Standing.NEW, "shop/tax", of_finding={"charts": (chart(),)})
    many = [entry(Standing.NEW, f"shop/job-{one}") for one in range(5)]
    with pytest.raises(Killed):
        slack.deliver(digest(charted, *many, notices=(notice(),)), boundary=kill_at(5), entries=1)
    delivered = slack.deliver(digest(charted, *many, notices=(notice(),)), entries=1)
    assert (delivered.left, delivered.problems) == (0, ())
    assert slack.deliver(digest(charted), entries=1).problems == ()


def test_the_manifest_gives_every_right_that_is_needed(slack: Scene) -> None:
    slack.token.write_text(slack.sandbox.token_with(SCOPES))
    everything(slack)
    slack.sandbox.add_channel("secret", private=True)
    slack.memory.book.clear()
    slack.channel = "secret"
    everything(slack)


@pytest.mark.parametrize("scopes", [{"chat:write"}, {"channels:read", "groups:read"}], ids=sorted)
def test_without_a_right_that_a_delivery_rests_on_it_says_which(slack: Scene, scopes: set[str]) -> None:
    slack.token.write_text(slack.sandbox.token_with(SCOPES - scopes))
    with pytest.raises(DeliveryFailed, match=f"it needs {min(scopes)}"):
        slack.deliver(digest())


def test_channels_by_their_ids_need_no_right_to_list_them(slack: Scene) -> None:
    slack.token.write_text(slack.sandbox.token_with(SCOPES - {"channels:read", "groups:read"}))
    slack.deliver(digest(), channel=slack.sandbox.channel("sre").id)
    assert set(slack.told()) == {"digest"}


@pytest.mark.parametrize("scope", ["groups:history", "channels:history"])
def test_history_is_read_in_public_and_in_private_channels(slack: Scene, scope: str) -> None:
    slack.sandbox.add_channel("secret", private=True)
    slack.channel = "secret" if scope.startswith("groups") else "sre"
    slack.token.write_text(slack.sandbox.token_with(SCOPES - {scope}))
    with pytest.raises(DeliveryFailed, match=scope):
        everything(slack)


def test_every_error_is_in_the_table_and_every_error_of_the_table_is_known() -> None:
    section = PAGE.partition("## When it does not work")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(MEANINGS)


def test_every_error_says_what_to_do() -> None:
    assert [name for name, meaning in MEANINGS.items() if not meaning.next_step.endswith((".", "…"))] == []
    assert [name for name, meaning in MEANINGS.items() if meaning.clause.endswith(".")] == []


def test_the_page_configures_what_it_describes() -> None:
    (config,) = [block for block in BLOCKS if "channels" in block]
    assert {one["kind"] for one in config["channels"]} == {"slack"}
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
