"""What driftbot itself says, in a real Chromium: a digest, its thread, and each of its buttons deciding something."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from driftbot.chat.connection import connected
from driftbot.core.chat_decision import ChatVerb
from driftbot.core.digest import Entry, Offer, Standing
from driftbot.core.ladder import Level
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.options import SlackOptions
from tests.chat.chat_scene import ANN, CHANNEL, ChatScene, chat
from tests.notices.digest_scene import digest, entry
from tests.servers.browser import Watched, chromium, watched
from tests.servers.slack import client_of

pytestmark = pytest.mark.server
OPTIONS = SlackOptions(name="sre", channel="#sre")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@dataclass
class Morning:
    """The page with a digest and its thread open, before a person who may decide."""

    chat: ChatScene
    seen: Watched
    thread: Locator

    def decided(self, count: int) -> list[tuple[ChatVerb, bool]]:
        """What was asked for, once there is so much of it."""
        ends = time.monotonic() + 20
        while len(self.chat.audit()) < count:
            assert time.monotonic() < ends, self.chat.audit()
            time.sleep(0.05)
        return [(decision.verb, decision.accepted) for decision in self.chat.audit()]


def entry_of(scene: ChatScene) -> Entry:
    """The first finding of the estate, with the remedy that its plan offers."""
    life = scene.lives()[0]
    remedy = next(one for one in scene.plan.remedies if one.covers[0].fingerprint == life.finding.fingerprint)
    offer = Offer(remedy.digest, scene.plan.digest, "raise", Level.APPROVE, "timeout.deadline: 2h → 2h45m", (), 1)
    return Entry(life, Standing.NEW, "data-platform", offer=offer)


@pytest.fixture
def morning(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    with chat(tmp_path, monkeypatch) as scene, connected(scene.app, scene.workspace), watched(browser) as seen:
        told = entry_of(scene)
        client, sre = client_of(scene.sandbox), scene.sandbox.channel(CHANNEL).id
        said = digest_message(digest(told), OPTIONS, scene.workspace)
        ts = client.chat_postMessage(channel=sre, **said.payload())["ts"]
        detail = entry_message(digest(told), told, scene.workspace)
        client.chat_postMessage(channel=sre, thread_ts=ts, **detail.payload())
        wait_for(lambda: scene.sandbox.connections)
        seen.page.goto(f"{scene.sandbox.url}/channels/{sre}?as={ANN}")
        seen.page.get_by_role("link", name="1 reply").click()
        thread = seen.page.get_by_role("region", name="Thread")
        expect(thread.get_by_role("button", name="Explain")).to_be_visible()
        yield Morning(scene, seen, thread)


def wait_for(true: Callable[[], object]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_the_digest_and_its_thread_are_shown(morning: Morning):
    main = morning.seen.page.locator("main")
    expect(main.get_by_role("heading", level=3)).to_be_visible()
    expect(main.locator("article")).to_contain_text("214 checks")
    for name in ("Approve", "Waive …", "Explain", "Not useful"):
        expect(morning.thread.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(morning.thread.locator(".unknown")).to_have_count(0)
    morning.seen.picture("driftbot-digest-and-thread")


def test_approving_asks_first_and_is_decided(morning: Morning):
    morning.thread.get_by_role("button", name="Approve", exact=True).click()
    dialog = morning.thread.get_by_role("dialog")
    expect(dialog).to_contain_text("timeout.deadline: 2h → 2h45m")
    morning.seen.picture("driftbot-approving")
    dialog.get_by_role("button", name="Cancel").click()
    assert morning.chat.audit() == []
    morning.thread.get_by_role("button", name="Approve", exact=True).click()
    dialog.get_by_role("button", name="Approve").click()
    assert morning.decided(1) == [(ChatVerb.APPROVE, True)]
    expect(morning.seen.page.get_by_text("Only visible to you")).to_be_visible()
    assert morning.chat.afters


def test_snoozing_for_a_day_and_until_a_time(morning: Morning):
    morning.thread.get_by_role("combobox").select_option(label="for 1 day")
    assert morning.decided(1) == [(ChatVerb.SNOOZE, True)]
    morning.thread.get_by_role("combobox").select_option(label="until …")
    form = morning.seen.page.locator("form.modal")
    until = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    form.locator("input[type=datetime-local]").fill(f"{until:%Y-%m-%dT%H:%M}")
    morning.seen.picture("driftbot-snoozing")
    form.locator("button[type=submit]").click()
    assert morning.decided(2)[1] == (ChatVerb.SNOOZE, True)
    with morning.chat.store() as store:
        assert until in {snooze.until for snooze in store.snoozes()}


def test_waiving_needs_a_reason_and_an_end(morning: Morning):
    morning.thread.get_by_role("button", name="Waive …").click()
    form = morning.seen.page.locator("form.modal")
    expect(form).to_be_visible()
    form.locator("button[type=submit]").click()
    expect(form.get_by_role("alert")).to_have_count(1)
    morning.seen.picture("driftbot-waiving")
    form.locator("textarea").fill("being rebuilt until the spring")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    assert morning.decided(1) == [(ChatVerb.WAIVE, True)]
    with morning.chat.store() as store:
        assert [waiver.reason for waiver in store.waivers()] == ["being rebuilt until the spring"]


def test_explaining_opens_what_explain_says(morning: Morning):
    morning.thread.get_by_role("button", name="Explain").click()
    form = morning.seen.page.locator("form.modal")
    expect(form).to_contain_text(morning.chat.lives()[0].finding.subject.name)
    expect(form.locator(".unknown")).to_have_count(0)
    morning.seen.picture("driftbot-explaining")
    form.get_by_role("button", name="Close").click()
    expect(form).to_have_count(0)


def test_not_useful_is_kept(morning: Morning):
    morning.thread.get_by_role("button", name="Not useful").click()
    assert morning.decided(1) == [(ChatVerb.NOT_USEFUL, True)]


@pytest.mark.parametrize("text", ["<script>window.hacked = 1</script>", "<!channel>", "*<@U0000000ANN>*"])
def test_labels_with_markup_stay_text(morning: Morning, text: str):
    """In whatever field a label or a value arrives: it is shown as it was, and rings nobody."""
    hostile = entry(name=text, labels={"owner": text, "tier": text}, of_finding={"message": text, "observed": text})
    hostile = replace(hostile, owner=text)
    sandbox, workspace = morning.chat.sandbox, morning.chat.workspace
    told = digest(hostile, blind=(text,))
    for said in (digest_message(told, OPTIONS, workspace), entry_message(told, hostile, workspace)):
        client_of(sandbox).chat_postMessage(channel="#payments", **said.payload())
    page = morning.seen.page
    page.goto(f"{sandbox.url}/channels/{sandbox.channel('payments').id}?as={ANN}")
    articles = page.locator("main article")
    expect(articles).to_have_count(2)
    expect(articles.last).to_contain_text(text.strip("*"))
    assert page.evaluate("window.hacked") is None
    assert page.locator("main :is(script, .everybody, .mention)").count() == 0
