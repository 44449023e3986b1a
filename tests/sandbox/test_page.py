"""The page in a real Chromium: what a channel shows, controls that work, hostile text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from slack_sdk import WebClient

from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import Json, actions, button, menu, modal, picker, plain, section, text_input
from tests.sandbox.bolt_app import Heard, connected
from tests.servers.browser import Watched, chromium, watched
from tests.servers.slack import client_of

pytestmark = pytest.mark.server

SURE = {"title": plain("Sure?"), "text": plain("It opens a pull request"), "confirm": plain("Yes"), "deny": plain("No")}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def seen(browser: Browser) -> Iterator[Watched]:
    with watched(browser) as page:
        yield page


@pytest.fixture
def page(seen: Watched) -> Page:
    return seen.page


@pytest.fixture
def client(slack_sandbox: Sandbox) -> WebClient:
    return client_of(slack_sandbox)


def open_channel(page: Page, sandbox: Sandbox, channel: str = "sre", who: str = "ann") -> None:
    page.goto(f"{sandbox.url}/channels/{sandbox.channel(channel).id}?as={sandbox.people[who]}")


def test_a_message_its_thread_and_its_picture(slack_sandbox: Sandbox, client: WebClient, seen: Watched):
    sre = slack_sandbox.channel("sre").id
    blocks = [
        {"type": "header", "text": plain("2 of 214 checks drift")},
        section("*checkout* waits `30s`", fields=[plain("Observed"), plain("30s")]),
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "rule _timeouts_"}]},
        {"type": "image", "image_url": "https://images.example/x.png", "alt_text": "a picture from elsewhere"},
    ]
    ts = client.chat_postMessage(channel=sre, text="digest", blocks=blocks)["ts"]
    client.chat_postMessage(channel=sre, thread_ts=ts, text="the *detail*")
    client.files_upload_v2(channel=sre, thread_ts=ts, content=PNG, filename="p.png", title="p99", alt_txt="it rises")
    open_channel(seen.page, slack_sandbox)
    main = seen.page.locator("main")
    expect(main.get_by_role("heading", name="2 of 214 checks drift")).to_be_visible()
    expect(main.locator("b", has_text="checkout")).to_be_visible()
    expect(main.get_by_text("[a picture from elsewhere]")).to_be_visible()
    main.get_by_role("link", name="2 replies").click()
    thread = seen.page.get_by_role("region", name="Thread")
    expect(thread.get_by_text("the detail")).to_be_visible()
    picture = thread.get_by_role("img", name="it rises")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1
    seen.picture("message-and-thread")


def test_what_happens_is_shown_without_reloading(slack_sandbox: Sandbox, client: WebClient, page: Page):
    sre = slack_sandbox.channel("sre").id
    open_channel(page, slack_sandbox)
    expect(page.get_by_text("Nothing was said here yet.")).to_be_visible()
    ts = client.chat_postMessage(channel=sre, text="one finding")["ts"]
    expect(page.get_by_text("one finding")).to_be_visible()
    client.chat_update(channel=sre, ts=ts, text="two findings")
    expect(page.get_by_text("two findings")).to_be_visible()
    expect(page.get_by_text("(edited)")).to_be_visible()
    expect(page.get_by_text("one finding")).to_have_count(0)
    client.chat_delete(channel=sre, ts=ts)
    expect(page.get_by_text("two findings")).to_have_count(0)


HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
    "\"><svg onload='window.hacked = 1'>",
    "<javascript:window.hacked=1|click>",
    "&lt;!channel&gt; &lt;@U0000000ANN&gt;",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "\U0001f9e8" * 50,
    "long" * 700,
    "nul\x00 inside",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_text_stays_text_wherever_it_is(slack_sandbox: Sandbox, client: WebClient, page: Page, text: str):
    def alarm(dialog: Dialog) -> None:
        raise AssertionError(f"the page ran {dialog.message}")

    page.on("dialog", alarm)
    short = text[:70]
    blocks = [
        {"type": "header", "text": plain(short)},
        section(text, fields=[plain(text[:2000])], accessory=menu("more", "1", type_="overflow")),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]},
        actions(button("a", short, short), {**menu("s", "1"), "placeholder": plain(short)}),
        {"type": "image", "image_url": "https://images.example/x", "alt_text": short, "title": plain(short)},
    ]
    client.chat_postMessage(channel="#sre", text=text)
    client.chat_postMessage(channel="#sre", text=text, blocks=blocks)
    sre = slack_sandbox.channel("sre").id
    client.files_upload_v2(channel=sre, content="x", filename=f"{short}.txt", title=short, alt_txt=short)
    slack_sandbox.write(slack_sandbox.people["ben"], "sre", text)
    client.chat_postEphemeral(channel=sre, user=slack_sandbox.people["ann"], text=text)
    open_channel(page, slack_sandbox)
    articles = page.locator("main article")
    expect(articles).to_have_count(5)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main article :is(script, svg, iframe, object, img[src='x'])").count() == 0
    assert page.locator(".everybody").count() == 0
    assert page.locator("main a[href^='javascript']").count() == 0
    if "script>" in text:
        expect(articles.first).to_contain_text("<script>")


def test_an_unescaped_mention_of_everybody_is_seen_at_once(slack_sandbox: Sandbox, client: WebClient, page: Page):
    client.chat_postMessage(channel="#sre", text="<!channel> look")
    open_channel(page, slack_sandbox)
    expect(page.locator(".everybody")).to_have_text("@channel")


def test_every_kind_of_control_tells_the_app(slack_sandbox: Sandbox, client: WebClient, seen: Watched):
    heard = Heard()
    page = seen.page
    days: Json = {"type": "datepicker", "action_id": "day"}
    blocks = [
        section("*checkout* waits", accessory=menu("more", "3f9c:useless", "3f9c:explain", type_="overflow")),
        actions(
            button("approve", "3f9c:5ad1", "Approve", style="primary", confirm=SURE),
            menu("snooze", "3f9c:1h", "3f9c:1d"),
            days,
            menu("pick", "left", "right", type_="radio_buttons"),
        ),
    ]
    with connected(slack_sandbox) as app:
        app.action(re.compile(".*"))(lambda ack, body: (ack(), heard.add(body["actions"][0])))
        client.chat_postMessage(channel="#sre", text="x", blocks=blocks)
        open_channel(page, slack_sandbox, who="ben")
        expect(page.get_by_role("status")).to_have_text("The app is connected: buttons work")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("It opens a pull request")).to_be_visible()
        seen.picture("confirmation")
        page.get_by_role("button", name="No").click()
        assert heard.bodies == []
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("button", name="Yes").click()
        heard.wait(1)
        page.get_by_role("combobox").select_option("3f9c:1d")
        heard.wait(2)
        page.locator("summary").click()
        page.get_by_role("button", name="for 3f9c:useless").click()
        heard.wait(3)
        page.locator("input[type=date]").fill("2027-01-31")
        heard.wait(4)
        page.get_by_label("for right").check()
        heard.wait(5)
    told = [one.get("value") or one.get("selected_date") or one["selected_option"]["value"] for one in heard.bodies]
    assert told == ["3f9c:5ad1", "3f9c:1d", "3f9c:useless", "2027-01-31", "right"]


def test_a_modal_is_filled_in_corrected_and_sent(slack_sandbox: Sandbox, client: WebClient, seen: Watched):
    page, sent = seen.page, Heard()
    form = modal(text_input("reason", multiline=True), picker("expires"), picker("until", "datetimepicker"))
    with connected(slack_sandbox) as app:

        @app.action("waive")
        def opens(ack, body, client):
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=form)

        @app.view("form")
        def takes(ack, body):
            sent.add(body["view"]["state"]["values"])
            if len(sent.bodies) == 1:
                ack(response_action="errors", errors={"reason": "Say more than that."})
            else:
                ack()

        client.chat_postMessage(channel="#sre", text="x", blocks=[actions(button("waive", label="Waive …"))])
        open_channel(page, slack_sandbox)
        page.get_by_role("button", name="Waive …").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", name="Form")).to_be_visible()
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_text("Please complete this required field.")).to_have_count(3)
        expect(page.locator("#problem")).to_be_hidden()
        dialog.get_by_label("Reason").fill("no")
        dialog.get_by_label("Expires").fill("2027-01-31")
        dialog.get_by_label("Until").fill("2027-01-15T08:00")
        slack_sandbox.write(slack_sandbox.people["ben"], "sre", "meanwhile")
        expect(page.get_by_text("meanwhile")).to_be_visible()
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_text("Say more than that.")).to_be_visible()
        expect(dialog.get_by_label("Expires")).to_have_value("2027-01-31")
        seen.picture("modal-with-a-complaint")
        dialog.get_by_label("Reason").fill("a migration until spring")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_count(0)
    values = sent.bodies[-1]
    assert values["reason"]["reason"]["value"] == "a migration until spring"
    assert values["expires"]["expires"]["selected_date"] == "2027-01-31"
    assert values["until"]["until"]["selected_date_time"] == 1800000000


def test_a_modal_is_closed_by_its_button_and_by_escape(slack_sandbox: Sandbox, client: WebClient, page: Page):
    with connected(slack_sandbox) as app:

        @app.action("explain")
        def opens(ack, body, client):
            ack()
            client.views_open(trigger_id=body["trigger_id"], view={**modal(section("why")), "submit": None})

        client.chat_postMessage(channel="#sre", text="x", blocks=[actions(button("explain", label="Explain"))])
        open_channel(page, slack_sandbox)
        for way in ("button", "escape"):
            page.get_by_role("button", name="Explain").click()
            expect(page.get_by_role("dialog")).to_be_visible()
            if way == "button":
                page.get_by_role("button", name="Close").click()
            else:
                page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)


def test_nobody_hears_and_the_page_says_so(slack_sandbox: Sandbox, client: WebClient, page: Page):
    client.chat_postMessage(channel="#sre", text="x", blocks=[actions(button("explain", label="Explain"))])
    open_channel(page, slack_sandbox)
    expect(page.get_by_role("status")).to_contain_text("No app is connected")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("alert")).to_have_text("no app is connected")


def test_people_see_their_own_whispers_and_write_to_one_another(slack_sandbox: Sandbox, client: WebClient, page: Page):
    sre = slack_sandbox.channel("sre").id
    client.chat_postEphemeral(channel=sre, user=slack_sandbox.people["ann"], text="you may not approve")
    open_channel(page, slack_sandbox)
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    page.get_by_label("Message").last.fill("<b>hello</b>")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("<b>hello</b>")).to_be_visible()
    page.get_by_role("link", name="Ben Sato").click()
    expect(page.get_by_text("<b>hello</b>")).to_be_visible()
    expect(page.get_by_text("you may not approve")).to_have_count(0)
    page.get_by_role("link", name="# payments").click()
    expect(page.get_by_text("Nothing was said here yet.")).to_be_visible()
    expect(page.locator("aside a[aria-current=true]")).to_have_text("Ben Sato")
