"""The channel ``webhook`` against a receiver on loopback that answers what a test says."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.message import MessageState
from driftbot.core.rule import Severity
from driftbot.core.run import Run, RunState
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.webhook import notifier
from driftbot.notifiers.webhook.changes import body, pages
from driftbot.notifiers.webhook.document import json_schema
from driftbot.notifiers.webhook.options import WebhookOptions
from driftbot.notifiers.webhook.request import retry_after
from driftbot.notifiers.webhook.signature import signature, signing_key
from tests.notices import digest_scene as scene
from tests.notifiers.channel_scene import BookMemory, Killed, Moment, kill_at, tools
from tests.servers.fake import Reply, fake_server
from tests.servers.process import free_port

GOLDEN = Path(__file__).parents[3] / "fixtures" / "notifiers" / "webhook"
SCHEMA = Draft202012Validator(json_schema())
HOOK_SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
PATH = "/services/T0AQ/hunter2hunter2"
HOSTILE = "<!channel> & <script>\u202e\x00\ud800\n" + "x" * 5_000
NEW = scene.entry(Standing.NEW)
SCENES = {
    "ordinary": scene.digest(
        scene.entry(Standing.NEW, offer=scene.offer(approvals=(scene.approval(),), held=("a freeze until Monday",))),
        scene.entry(Standing.WORSE, "shop/cart"),
        scene.entry(Standing.WAIVED, "shop/old"),
        scene.entry(Standing.SNOOZED, "shop/later"),
        scene.entry(Standing.STANDING, "shop/late", escalated=scene.NOW),
        notices=(scene.notice(),),
        silences=(scene.silence(),),
    ),
    "blind": scene.digest(exit_code=ExitCode.BLIND, blind=tuple(f"source-{n}: no answer" for n in range(120))),
    "hostile": scene.digest(scene.entry(Standing.NEW, HOSTILE, labels={HOSTILE: HOSTILE}, owner=HOSTILE)),
}


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", HOOK_SECRET)


def options(url, **more):
    os.environ["HOOK_URL"] = url
    return WebhookOptions.model_validate({"name": "hook", "url": {"env": "HOOK_URL"}, "timeout": 5, **more})


class Hook:
    """A channel, what it remembers, and what its receiver got."""

    def __init__(self, server, **more):
        self.server, self.options, self.memory = server, options(server.url + PATH, **more), BookMemory()
        self.moment = Moment(scene.NOW)

    def tell(self, *entries, boundary=lambda _: None, seconds=300.0, **changes):
        digest = scene.digest(*entries, **changes)
        return notifier.deliver(digest, self.options, tools(self.memory, self.moment, boundary, seconds))

    @property
    def got(self):
        return [json.loads(request.query) for request in self.server.requests]

    @property
    def keys(self):
        return [request.headers["Idempotency-Key"] for request in self.server.requests]


@contextmanager
def hook(*replies, **more):
    """A receiver that answers these in turn, then 204."""
    left = list(replies)
    with fake_server(lambda _: left.pop(0) if left else Reply(204)) as server:
        yield Hook(server, **more)


@pytest.mark.parametrize("name", SCENES)
def test_a_digest_is_this_document_and_keeps_its_schema(name):
    digest = SCENES[name]
    (page,) = pages(digest.entries, ("0123456789ab",), digest.notices, 10**6)
    document = json.loads(body(digest, page, "an-earlier-key"))
    SCHEMA.validate(document)
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_whatever_labels_say_the_body_is_strict_json(name, message, labels):
    entry = scene.entry(Standing.NEW, name or "x", labels=labels, owner=name, of_finding={"message": message})
    content = body(scene.digest(entry), pages((entry,), (), (), 10**6)[0], "")
    document = json.loads(content)
    SCHEMA.validate(document)
    json.dumps(document, ensure_ascii=False).encode()
    assert "\\u0000" not in content.decode("ascii")


def test_what_was_accepted_is_not_told_again():
    with hook() as channel:
        assert channel.tell(NEW).posted == 1
        again = channel.tell(NEW)
        assert (again.posted, again.unchanged) == (0, 1)
        (document,) = channel.got
    assert [change["fingerprint"] for change in document["changes"]] == [NEW.fingerprint]
    assert document["after"] == "" and document["counts"]["checks"] == 214


def test_only_changes_are_told_and_requests_are_a_chain():
    cart = scene.entry(Standing.NEW, "shop/cart")
    with hook() as channel:
        channel.tell(NEW, cart)
        channel.tell(NEW, replace(cart, offer=scene.offer()))
        channel.tell(scene.entry(Standing.FIXED), cart)
        first, second, third = channel.got
        assert [second["after"], third["after"]] == channel.keys[:2]
    assert len(first["changes"]) == 2
    assert [change["fingerprint"] for change in second["changes"]] == [cart.fingerprint]
    assert {change["standing"] for change in third["changes"]} == {"fixed", "new"}


def test_a_message_that_only_counts_days_is_no_news():
    standing = {"of_finding": {"message": "reached in 8d"}}
    with hook(heartbeat="changes") as channel:
        channel.tell(NEW)
        assert channel.tell(scene.entry(Standing.STANDING, of_life={"first_seen": scene.NIGHT}, **standing)).posted == 0


def test_every_night_is_one_request_and_with_changes_only_none():
    later = {"night": scene.NIGHT + scene.DAY, "now": scene.NOW + scene.DAY}
    for heartbeat, posts in (("always", 2), ("changes", 1)):
        with hook(heartbeat=heartbeat) as channel:
            channel.tell(NEW)
            channel.tell(NEW, **later)
            assert len(channel.got) == posts
            assert channel.tell(NEW, **later, exit_code=ExitCode.BLIND, blind=("prometheus",)).posted == 1


def test_what_is_gone_is_told_but_what_was_fixed_is_not_gone():
    cart = scene.entry(Standing.NEW, "shop/cart")
    with hook(heartbeat="changes") as channel:
        channel.tell(NEW, cart)
        channel.tell(scene.entry(Standing.FIXED), cart)
        assert channel.tell(cart).posted == 0
        channel.tell()
        assert channel.got[-1]["gone"] == [cart.fingerprint]
        assert channel.tell().posted == 0


def test_a_night_without_judgement_tells_nothing():
    with hook() as channel:
        channel.tell(NEW)
        assert channel.tell(exit_code=None).posted == 0
        assert len(channel.got) == 1


def test_the_reference_vector_of_the_specification():
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}') == expected


def test_openssl_agrees_with_the_signature_of_what_arrived(tmp_path):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl is not installed (on Debian: apt-get install openssl)")
    with hook(secret={"env": "HOOK_SECRET"}) as channel:
        channel.tell(NEW)
        (request,) = channel.server.requests
    headers = request.headers
    signed = tmp_path / "signed"
    signed.write_text(f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request.query}")
    key = base64.b64decode(HOOK_SECRET.removeprefix("whsec_")).hex()
    arguments = [openssl, "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary", str(signed)]
    digest = subprocess.run(arguments, capture_output=True, check=True).stdout
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert int(headers["webhook-timestamp"]) == scene.NOW.timestamp()


def test_repetitions_carry_the_same_key_and_body_and_a_new_time():
    with hook(Reply(503), Reply(429, headers={"Retry-After": "7"}), secret={"env": "HOOK_SECRET"}) as channel:
        assert channel.tell(NEW).posted == 1
        first, *_, last = requests = channel.server.requests
        assert len(requests) == 3 and len(set(channel.keys)) == 1
        assert first.query == last.query
        assert first.headers["webhook-signature"] != last.headers["webhook-signature"]
    assert channel.moment.slept == [1.0, 7.0]


def test_patience_ends_with_the_time_of_the_delivery():
    with hook(Reply(429, headers={"Retry-After": "3600"})) as channel:
        with pytest.raises(DeliveryFailed, match=r"come back after 3,600 s"):
            channel.tell(NEW)
        assert channel.moment.slept == []
        assert channel.tell(NEW).posted == 1


@pytest.mark.parametrize("reply", [Reply(500), Reply(200, b"x", cut=True), Reply(204, delay=1.5)])
def test_what_may_have_arrived_is_repeated_with_the_same_key(reply):
    with hook(reply, timeout=1) as channel:
        assert channel.tell(NEW).posted == 1
        assert len(set(channel.keys)) == 1


@pytest.mark.parametrize(
    ("reply", "step"),
    [
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "redirects are not followed"),
        (Reply(401, b"no"), "headers of this channel"),
        (Reply(410), "wants no more"),
        (Reply(413), "largest"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_what_to_do(reply, step):
    with hook(reply) as channel:
        with pytest.raises(DeliveryFailed, match=f"answered {reply.status}") as failure:
            channel.tell(NEW)
        assert len(channel.got) == 1
    assert step in failure.value.next_step


@pytest.mark.parametrize("boundary", [1, 2])
def test_killed_around_a_request_the_same_one_comes_with_the_same_key(boundary):
    with hook() as channel:
        with pytest.raises(Killed):
            channel.tell(NEW, boundary=kill_at(boundary))
        assert channel.memory.book["told"].state is MessageState.INTENDED
        assert channel.tell(NEW).posted == 1
        assert len(channel.got) == boundary and len(set(channel.keys)) == 1


def test_killed_after_a_request_and_then_gone_is_told_to_be_gone():
    with hook() as channel:
        with pytest.raises(Killed):
            channel.tell(NEW, boundary=kill_at(2))
        channel.tell()
        assert channel.got[-1]["gone"] == [NEW.fingerprint]


def test_a_receiver_that_was_down_for_days_gets_one_request():
    with hook(retries=0) as channel:
        url, os.environ["HOOK_URL"] = os.environ["HOOK_URL"], f"http://127.0.0.1:{free_port()}{PATH}"
        for night in range(3):
            with pytest.raises(DeliveryFailed, match="cannot be reached") as failure:
                channel.tell(scene.entry(Standing.NEW, f"shop/job-{night}"), night=scene.NIGHT + night * scene.DAY)
            assert "hunter2" not in failure.value.reason
        os.environ["HOOK_URL"] = url
        channel.tell(NEW)
        (document,) = channel.got
    assert [change["fingerprint"] for change in document["changes"]] == [NEW.fingerprint]
    assert len(document["gone"]) == 3


def test_ten_thousand_findings_come_in_requests_of_a_bounded_size():
    entries = tuple(scene.entry(Standing.NEW, f"shop/job-{number}") for number in range(10_000))
    with hook() as channel:
        told = channel.tell(*entries)
        sizes = [len(request.query) for request in channel.server.requests]
        documents = channel.got
        assert channel.tell(*entries).posted == 0
    assert told.posted == len(documents) > 10
    assert max(sizes) < channel.options.largest + 16_384
    assert [change["fingerprint"] for document in documents for change in document["changes"]] == [
        entry.fingerprint for entry in entries
    ]
    assert [document["after"] for document in documents[1:]] == channel.keys[: len(documents) - 1]
    assert documents[0]["following"] == 10_000 - len(documents[0]["changes"]) and documents[-1]["following"] == 0


def test_requests_that_were_accepted_before_a_failure_are_not_repeated():
    entries = tuple(scene.entry(Standing.NEW, f"shop/job-{number}") for number in range(60))
    with hook(Reply(204), Reply(204), Reply(400), largest=16_384) as channel:
        with pytest.raises(DeliveryFailed):
            channel.tell(*entries)
        channel.tell(*entries)
        accepted = [document for number, document in enumerate(channel.got) if number != 2]
    told = [change["fingerprint"] for document in accepted for change in document["changes"]]
    assert sorted(told) == sorted(entry.fingerprint for entry in entries)


def test_the_rest_waits_when_the_time_is_over():
    entries = tuple(scene.entry(Standing.NEW, f"shop/job-{number}") for number in range(60))
    moment = Moment(scene.NOW)

    def slow(_):
        moment.sleep(60)
        return Reply(204)

    with fake_server(slow) as server:
        channel = Hook(server, largest=16_384)
        channel.moment = moment
        told = channel.tell(*entries, seconds=90)
        assert told.posted == 2
        assert told.left == 60 - sum(len(document["changes"]) for document in channel.got)


def test_quiet_hours_hold_back_all_but_the_worst():
    until = scene.NOW + timedelta(hours=1)
    bad = scene.entry(Standing.NEW, "shop/cart", of_finding={"severity": Severity.CRITICAL})
    with hook() as channel:
        quiet = {"held_until": until, "held_except": Severity.CRITICAL}
        assert channel.tell(NEW, **quiet).left == 1
        assert channel.got == []
        assert channel.tell(NEW, bad, notices=(scene.notice(),), **quiet).left == 2
        (document,) = channel.got
        assert [change["fingerprint"] for change in document["changes"]] == [bad.fingerprint]
        channel.tell(NEW, bad, notices=(scene.notice(),))
        assert [change["fingerprint"] for change in channel.got[-1]["changes"]] == [NEW.fingerprint]
        assert len(channel.got[-1]["notices"]) == 1


def test_a_notice_is_told_once_and_again_where_it_is_put_anew():
    with hook() as channel:
        channel.tell(NEW, notices=(scene.notice(),))
        channel.tell(NEW, notices=(scene.notice(),))
        assert len(channel.got) == 1
        channel.moment.now += scene.DAY
        channel.tell(NEW, notices=(scene.notice(at=scene.NOW + scene.DAY / 2),))
        assert len(channel.got[-1]["notices"]) == 1
        channel.tell(NEW)
    assert list(channel.memory.book) == ["told"]


def test_no_part_of_an_address_is_in_an_error():
    secret = "hunter2"
    parts = ("ann:pa55word@", f"/{secret}", f"?token={secret}-token")
    with hook(Reply(400, "; ".join(parts).encode())) as channel:
        scheme, host = channel.server.url.split("//")
        os.environ["HOOK_URL"] = f"{scheme}//{parts[0]}{host}{parts[1]}{parts[2]}"
        with pytest.raises(DeliveryFailed) as failure:
            channel.tell(NEW)
    assert channel.server.url in failure.value.reason
    assert not [one for one in (secret, "pa55word", "token") if one in failure.value.reason + repr(channel.memory.book)]


def test_secrets_are_in_no_error(monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "s3cr3t-token")
    echo = Reply(400, f"no {PATH} s3cr3t-token {HOOK_SECRET}".encode())
    with hook(echo, headers={"X-Token": {"env": "HOOK_TOKEN"}}, secret={"env": "HOOK_SECRET"}) as channel:
        with pytest.raises(DeliveryFailed) as failure:
            channel.tell(NEW)
        assert channel.server.requests[0].headers["X-Token"] == "s3cr3t-token"
    for secret in ("hunter2", "s3cr3t", HOOK_SECRET.removeprefix("whsec_")):
        assert secret not in failure.value.reason + failure.value.next_step
    assert "REDACTED" in failure.value.reason
    assert all("hunter2" not in repr(message) for message in channel.memory.messages())


@pytest.mark.parametrize(
    "url", ["ftp://hunter2.example", "hunter2", "http://[hunter2", "http://host:hunter2/", "http://a b"]
)
def test_an_address_that_is_none_is_not_repeated(url):
    channel = options(url)
    with pytest.raises(DeliveryFailed, match="channel hook is no URL") as failure:
        notifier.deliver(scene.digest(NEW), channel, tools(BookMemory(), Moment(scene.NOW)))
    assert "hunter2" not in str(failure.value)


def test_a_damaged_memory_is_told_and_everything_told_again():
    with hook() as channel:
        channel.tell(NEW)
        channel.memory.book["told"] = replace(channel.memory.book["told"], reference='{"marks":[]}')
        told = channel.tell(NEW)
        assert told.posted == 1 and "not known any more" in told.problems[0]


def test_a_run_that_goes_on_is_news():
    run = Run(4, scene.PLAN, None, scene.NOW, "Ann", RunState.RUNNING, ())
    with hook(heartbeat="changes") as channel:
        channel.tell(replace(NEW, run=run))
        assert channel.tell(replace(NEW, run=replace(run, told="still at it"))).posted == 0
        channel.tell(replace(NEW, run=replace(run, state=RunState.VERIFYING)))
        assert channel.got[-1]["changes"][0]["run"]["state"] == "verifying"


class DyingMemory(BookMemory):
    """The process ends before its ``last`` write; what is written together is one."""

    last = 0

    def keep(self, message):
        self._live()
        super().keep(message)

    def keep_all(self, messages):
        self._live()
        for message in messages:
            super().keep(message)

    def _live(self):
        self.last -= 1
        if self.last == 0:
            raise Killed


@pytest.mark.parametrize("last", [1, 2, 3])
def test_killed_between_two_writes_finding_and_notice_come_under_one_key(last):
    with hook() as channel:
        channel.memory = DyingMemory()
        channel.memory.last = last
        with suppress(Killed):
            channel.tell(NEW, notices=(scene.notice(), scene.notice(kind="applied")))
        channel.tell(NEW, notices=(scene.notice(), scene.notice(kind="applied")))
        assert len(set(channel.keys)) == 1
        assert all(len(told["notices"]) == 2 and len(told["changes"]) == 1 for told in channel.got)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 04 May 2026 07:01:00 GMT", 60),
        ("Mon, 04 May 2026 06:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
        ("9" * 5000, 1e9),
        ("Mon, 04 May 99999999999999999999 07:01:00 GMT", None),
        ("Mon, 04 May 2026 07:01:99999999999999999999 GMT", None),
    ],
)
def test_retry_after_as_number_and_as_date(header, seconds):
    assert retry_after(header, scene.NOW) == seconds
