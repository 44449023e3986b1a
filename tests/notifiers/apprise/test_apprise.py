"""The channel ``apprise`` against a real HTTP target and a real mail server on loopback."""

from __future__ import annotations

import json
import logging
import os
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.message import MessageState
from driftbot.core.rule import Severity
from driftbot.notifiers.apprise import notifier
from driftbot.notifiers.apprise.options import AppriseOptions
from driftbot.notifiers.apprise.service import secrets_of
from driftbot.notifiers.notifier import DeliveryFailed
from tests.notices import digest_scene as scene
from tests.notifiers.channel_scene import BookMemory, Killed, Moment, kill_at, tools
from tests.servers.fake import Reply, fake_server
from tests.servers.process import free_port
from tests.servers.smtp import mail_server

NEW = scene.entry(Standing.NEW)
MILD = scene.entry(Standing.NEW, "shop/mild", of_finding={"severity": Severity.LOW})
TOMORROW = {"night": scene.NIGHT + scene.DAY, "now": scene.NOW + scene.DAY}


class Phone:
    """A channel with these URLs and what it remembers."""

    def __init__(self, *urls, **more):
        os.environ["APPRISE_URLS"] = "\n".join(urls)
        self.options = AppriseOptions.model_validate({"name": "phone", "urls": {"env": "APPRISE_URLS"}, **more})
        self.memory = BookMemory()

    def tell(self, *entries, boundary=lambda _: None, seconds=300.0, **changes):
        digest = scene.digest(*entries, **changes)
        return notifier.deliver(digest, self.options, tools(self.memory, Moment(digest.now), boundary, seconds))


@contextmanager
def target(answer=lambda _: Reply(200)):
    """Something that apprise's ``json://`` posts to."""
    with fake_server(answer) as server:
        yield server


def url(server, secret="hunter2hunter2"):
    return f"{server.url.replace('http://', 'json://')}/{secret}"


def got(server):
    return [json.loads(request.query) for request in server.requests]


def test_one_text_a_night_and_a_heartbeat_where_nothing_is_new():
    with target() as server:
        phone = Phone(url(server))
        assert phone.tell(NEW).posted == 1
        assert phone.tell(NEW).unchanged == 1
        assert phone.tell(scene.entry(Standing.STANDING, of_life={"first_seen": scene.NIGHT}), **TOMORROW).posted == 1
        first, second = got(server)
    assert first["title"] == "driftbot: 1 new" and first["type"] == "warning"
    assert "new: high job-deadline-headroom job:production/shop/billing - 1h50m of 2h used" in first["message"]
    assert second["title"] == "driftbot: nothing new" and second["type"] == "info"
    assert second["message"].startswith("1 drift, 214 checks, 0 unknown, 0 waived")


def test_without_a_heartbeat_only_changes_are_told():
    with target() as server:
        phone = Phone(url(server), heartbeat="changes")
        phone.tell(NEW)
        assert phone.tell(NEW, **TOMORROW).posted == 0
        assert phone.tell(scene.entry(Standing.FIXED), **TOMORROW).posted == 1
        assert got(server)[-1]["title"] == "driftbot: 1 fixed"


def test_a_second_text_in_a_night_is_for_what_is_urgent():
    with target() as server:
        phone = Phone(url(server))
        phone.tell(NEW)
        assert phone.tell(NEW, MILD).posted == 0
        assert phone.tell(NEW, MILD, scene.entry(Standing.NEW, "shop/bad")).posted == 1
        assert phone.tell(NEW, MILD, notices=(scene.notice(),)).posted == 1
        assert phone.tell(NEW, MILD, notices=(scene.notice(),)).posted == 0
        assert "notice: Raising the deadline of shop/billing did not help" in got(server)[-1]["message"]


def test_a_blind_night_is_a_failure_and_says_what_could_not_be_read():
    with target() as server:
        phone = Phone(url(server))
        phone.tell(exit_code=ExitCode.BLIND, blind=("prometheus: <!channel> no answer", "b", "c", "d", "e"))
        (told,) = got(server)
    assert told["title"] == "driftbot could not look everywhere; nothing new" and told["type"] == "failure"
    assert "not readable: prometheus: ‹!channel› no answer" in told["message"]
    assert "not readable: 2 more" in told["message"]


def test_ten_thousand_findings_fit_and_counts_never_lie():
    entries = tuple(scene.entry(Standing.NEW, f"shop/job-{number}") for number in range(10_000))
    with target() as server:
        phone = Phone(url(server), longest=900)
        phone.tell(*entries)
        (told,) = got(server)
    named = len(re.findall(r"^new: ", told["message"], re.MULTILINE))
    more = int(re.search(r"and ([\d,]+) more", told["message"])[1].replace(",", ""))
    assert told["title"] == "driftbot: 10,000 new" and len(told["message"]) <= 900
    assert named + more == 10_000 and 0 < named <= 10


def test_labels_with_markup_arrive_as_text_by_mail():
    hostile = "<script>alert(1)</script> <!channel> @everyone [x](http://evil.example) \u202e\x1b[31m 🙂 مرحبا"
    entry = scene.entry(Standing.NEW, hostile, of_finding={"message": hostile + "x" * 5_000})
    with mail_server() as server:
        address = "from=bot@example.org&to=ann@example.org&mode=insecure"
        phone = Phone(
            f"mailto://127.0.0.1:{server.port}?{address}&format=html",
            f"mailto://127.0.0.1:{server.port}?{address}&format=text",
        )
        assert phone.tell(entry).posted == 2
        rich, plain = server.mails
    assert rich["Subject"] == "driftbot: 1 new" and rich["To"] == "ann@example.org"
    shown = rich.get_body(("html",)).get_content()
    assert "<script" not in shown and "\x1b" not in shown and "href" not in shown
    text = plain.get_body(("plain",)).get_content()
    for told in ("‹script›", "‹!channel›", "＠everyone", "[x] (http", "🙂 مرحبا", "\\u202e\\x1b[31m"):
        assert told in text


def test_each_url_is_told_for_itself_and_one_that_fails_costs_no_other():
    down = [True]
    with target() as good, target(lambda _: Reply(500 if down[0] else 200)) as bad:
        phone = Phone(url(good), "# a comment", "", url(bad, "hunter3hunter3"))
        told = phone.tell(NEW)
        assert told.posted == 1 and len(told.problems) == 1
        assert "line 4 of the URLs (JSON)" in told.problems[0] and "500" in told.problems[0]
        down[0] = False
        assert (phone.tell(NEW).posted, len(got(good)), len(got(bad))) == (1, 1, 2)


class Lines(logging.Handler):
    """What reaches the handlers of the process."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def test_nothing_secret_is_said_or_kept_or_logged(monkeypatch, capfd):
    heard, root = Lines(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", [heard])
    before = root.level
    root.setLevel(logging.DEBUG)
    secret = "hunter2hunter2"
    urls = (
        f"json://ann:{secret}@127.0.0.1:{free_port()}/{secret}?-token={secret}",
        f"nonsense://{secret}",
        f"{secret}",
    )
    phone = Phone(*urls)
    with pytest.raises(DeliveryFailed) as failure:
        phone.tell(NEW)
    root.setLevel(before)
    assert failure.value.reason.count("line ") == 3 and heard.lines
    out, err = capfd.readouterr()
    for said in (failure.value.reason, failure.value.next_step, out, err, repr(phone.memory.book), *heard.lines):
        assert secret not in said


@pytest.mark.parametrize(
    "said",
    [
        "https://hooks.example/T0AQ/B0AQ/hunter2",
        "no such path: /T0AQ/B0AQ/hunter2",
        "user ann",
        "password s3cr3t%21",
        "hunter2",
    ],
)
def test_no_part_of_a_url_is_left_in_what_is_said_about_it(said):
    masked = secrets_of("jsons://ann-bot:s3cr3t!@hooks.example/T0AQ/B0AQ/hunter2?to=someone").masked(said)
    assert not [secret for secret in ("hunter2", "T0AQ", "hooks.example", "s3cr3t", "ann-bot") if secret in masked]


def test_a_mail_server_that_refuses_is_quoted_without_secrets():
    with mail_server() as server:
        server.refused.add("ann@example.org")
        phone = Phone(
            f"mailto://127.0.0.1:{server.port}?from=bot@example.org&to=ann@example.org&mode=insecure&pass=hunter2"
        )
        with pytest.raises(DeliveryFailed, match=r"line 1 of the URLs \(E-Mail\)") as failure:
            phone.tell(NEW)
    assert "hunter2" not in failure.value.reason


@pytest.mark.parametrize(("boundary", "texts"), [(1, 1), (2, 2)])
def test_killed_on_the_way_it_may_come_twice_but_never_not(boundary, texts):
    with target() as server:
        phone = Phone(url(server))
        with pytest.raises(Killed):
            phone.tell(NEW, boundary=kill_at(boundary))
        (kept,) = phone.memory.book.values()
        assert kept.state is MessageState.INTENDED
        phone.tell(NEW)
        phone.tell(NEW)
        assert len(got(server)) == texts


@pytest.mark.parametrize(("status", "advice"), [(503, "Look at the receiver"), (403, "Check the URLs")])
def test_what_to_do_is_said_by_whose_fault_it_is(status, advice):
    with target(lambda _: Reply(status)) as server, pytest.raises(DeliveryFailed) as failed:
        Phone(url(server)).tell(NEW)
    assert failed.value.next_step.startswith(advice)


def test_a_target_that_was_down_for_days_gets_one_text():
    down = [True]
    with target(lambda _: Reply(503 if down[0] else 200)) as server:
        phone = Phone(url(server))
        for night in range(3):
            with pytest.raises(DeliveryFailed):
                phone.tell(NEW, night=scene.NIGHT + night * scene.DAY)
        down[0] = False
        tried = len(got(server))
        assert phone.tell(NEW, night=scene.NIGHT + 3 * scene.DAY).posted == 1
        assert len(got(server)) == tried + 1


def test_quiet_hours_hold_back_all_but_the_worst():
    quiet = {"held_until": scene.NOW + timedelta(hours=1), "held_except": Severity.CRITICAL}
    bad = scene.entry(Standing.NEW, "shop/bad", of_finding={"severity": Severity.CRITICAL})
    with target() as server:
        phone = Phone(url(server))
        assert phone.tell(NEW, notices=(scene.notice(),), **quiet).left == 2
        assert (phone.tell(NEW, bad, **quiet).posted, len(got(server))) == (1, 1)
        phone.tell(NEW, bad)
        assert [told["title"] for told in got(server)] == ["driftbot: 1 new", "driftbot: 1 new"]


def test_another_service_on_a_line_is_told_everything():
    with target() as server, mail_server() as mail:
        phone = Phone(url(server))
        phone.tell(NEW)
        os.environ["APPRISE_URLS"] = f"mailto://127.0.0.1:{mail.port}?from=a@example.org&to=b@example.org&mode=insecure"
        phone.tell(NEW)
        assert [message["Subject"] for message in mail.mails] == ["driftbot: 1 new"]


def test_a_url_that_was_taken_out_is_forgotten():
    with target() as server:
        phone = Phone(url(server, "first-secret"), url(server, "second-secret"))
        phone.tell(NEW)
        kept = set(phone.memory.book)
        os.environ["APPRISE_URLS"] = url(server, "second-secret")
        assert phone.tell(NEW).posted == 0
        assert len(kept) == 2 and len(kept & set(phone.memory.book)) == 1


def test_lines_that_move_are_told_nothing_twice_and_a_new_one_everything():
    """What a URL was told is remembered of the URL: comments, blank lines and other URLs above it change nothing."""
    with target() as server, target() as other:
        phone = Phone(url(server))
        phone.tell(NEW)
        os.environ["APPRISE_URLS"] = "\n".join(("# phones", url(other), "", url(server), url(server)))
        assert phone.tell(NEW).posted == 1
        assert [len(got(one)) for one in (server, other)] == [1, 1]
        assert phone.tell(NEW).posted == 0


def test_what_is_remembered_tells_nothing_of_the_url():
    with target() as server:
        phone = Phone(url(server))
        phone.tell(NEW)
        assert "hunter2" not in repr(phone.memory.book)


def test_empty_and_missing_urls_are_told_by_their_place():
    with pytest.raises(DeliveryFailed, match="are empty"):
        Phone("# nothing").tell(NEW)
    del os.environ["APPRISE_URLS"]
    phone = Phone("json://x")
    del os.environ["APPRISE_URLS"]
    with pytest.raises(DeliveryFailed, match="APPRISE_URLS is not set"):
        phone.tell(NEW)


def test_a_night_without_judgement_and_a_time_that_is_over_send_nothing():
    with target() as server:
        phone = Phone(url(server))
        assert phone.tell(exit_code=None).posted == 0
        with pytest.raises(DeliveryFailed, match="the time for this channel is over"):
            phone.tell(NEW, seconds=0)
        assert got(server) == []


def test_a_damaged_memory_is_no_reason_to_be_silent():
    with target() as server:
        phone = Phone(url(server))
        phone.tell(NEW)
        (kept,) = phone.memory.book.values()
        phone.memory.keep(replace(kept, reference="{"))
        assert phone.tell(NEW).posted == 1
