"""Law 10: one message per drift, edited in place, however often it is told and whatever becomes of the drift."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.config import load_config
from driftbot.core.message import Message, MessageState
from driftbot.delivery.deliver import Manner, deliver
from driftbot.sandbox.sandbox import Sandbox
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape
from tests.remedies.estate import job, now, write_estate
from tests.store.scene import night_of

SLACK = """\
slack: {{token: {{env: LAW_TEN_TOKEN}}, url: "{url}"}}
channels: [{{name: sre, kind: slack, channel: "#sre"}}]
"""
HOUR = 3600
LIFE = {"new": 2 * HOUR, "worse": HOUR, "fixed": 3 * HOUR, "back again": 2 * HOUR, "as before": 2 * HOUR}
QUICK = Manner(sleep=lambda _: None)


def test_a_drift_is_one_message_over_its_whole_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(channels=["sre"]) as slack:
        monkeypatch.setenv("LAW_TEN_TOKEN", slack.token)
        configuration = write_estate(tmp_path, "a") / "driftbot.yaml"
        configuration.write_text(configuration.read_text() + SLACK.format(url=slack.api_url))
        config = load_config(configuration)
        with Store.open(config.store_url) as store:
            for seconds in LIFE.values():
                (tmp_path / "jobs" / "a.yaml").write_text(job("a", seconds))
                scan(config, store, LiveTape(tmp_path), Request(now()), now, lambda _: None)
                for _ in range(2):
                    assert [one.failure for one in deliver(config, store, now, manner=QUICK)] == [""]
                told = Counter(_key(message) for message in slack.channel("sre").everything)
                (life,) = store.latest_lives()
                key = f"finding:{life.finding.fingerprint}"
                # What was fixed and came back is another drift, and an edit of the old message would ring nobody.
                assert (told[key], told["digest"]) == (life.times_opened, 1)
        edits = [message["edits"] for message in slack.channel("sre").everything if _key(message) == key]
    assert edits == [2, 1]


def _key(message: dict[str, object]) -> object:
    metadata = message.get("metadata")
    return metadata["event_payload"]["key"] if isinstance(metadata, dict) and metadata else None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["digest", "finding:a"]), st.sampled_from(MessageState)), max_size=8))
def test_the_store_knows_one_message_a_drift_and_channel(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, MessageState]]
) -> None:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('law')}/driftbot.db") as store:
        for number, (key, state) in enumerate(written):
            store.keep_message(Message("sre", key, "C1", str(number), night_of(number), state))
        assert {one.key: one.state for one in store.messages("sre")} == dict(written)
        assert len(store.messages("sre")) == len(dict(written))
