"""What is not taken: forged, replayed, old, of others; what the world makes of a decision; each refused and audited."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from driftbot.approvals_file import FILE_NAME, Decisions, load_approvals, save_approvals
from driftbot.chat.asked import Asked
from driftbot.chat.audit import MOST_STRANGE
from driftbot.chat.http_request import LONGEST_BODY, HttpAnswer, answer_http
from driftbot.chat.identity import Identity, app_of
from driftbot.chat.reception import Reception
from driftbot.chat.wish import Nothing
from driftbot.core.chat_decision import ChatVerb
from driftbot.core.decision import waiver
from driftbot.core.history import FindingLife
from driftbot.notifiers.slack.controls import Control, Field, Form
from driftbot.sandbox.workspace import TEAM
from driftbot.store.store import Store
from tests.chat.chat_scene import ANN, BEN, CHANNEL, CLEO, ChatScene, chat
from tests.chat.test_asked import SHAPED
from tests.servers.slack import client_of

Json = dict[str, Any]


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatScene]:
    with chat(tmp_path, monkeypatch) as scene:
        yield scene


def payload(at: ChatScene, control: Control, user: str = ANN, value: str | None = None) -> Json:
    life = at.lives()[0]
    return at.sandbox.payload_of_press(user, CHANNEL, at.posted(life), control.value, value)


def arrives(
    at: ChatScene, body: Json | bytes, *, secret: str = "", ago: timedelta = timedelta(), **headers: str
) -> HttpAnswer:
    """A body posted with Slack's signature, unless the test is about another one."""
    raw = body if isinstance(body, bytes) else urlencode({"payload": json.dumps(body)}).encode()
    stamp = str(int((datetime.now(UTC) - ago).timestamp()))
    verifier = SignatureVerifier(secret or at.sandbox.signing_secret)
    signature = verifier.generate_signature(timestamp=stamp, body=raw.decode(errors="replace")) or ""
    signed = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return answer_http(at.app, raw, signed)


def nothing_was_decided(at: ChatScene) -> None:
    with at.store() as store:
        assert (store.plan_approvals(), store.snoozes(), store.not_useful(), store.waivers()) == ((), (), (), ())
    assert [one.apply for one in at.afters if one.apply] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"secret": "another secret"}, "whose signature does not hold"),
        ({"X_Slack_Signature": "v0=nonsense"}, "whose signature does not hold"),
        ({"X_Slack_Signature": ""}, "whose signature does not hold"),
        ({"X_Slack_Signature": "v0=ü"}, "whose signature does not hold"),
        ({"X_Slack_Request_Timestamp": "soon"}, "whose signature does not hold"),
        ({"X_Slack_Request_Timestamp": "٣٣٣"}, "whose signature does not hold"),
        ({"X_Slack_Request_Timestamp": ""}, "whose signature does not hold"),
        ({"ago": timedelta(minutes=6)}, "more than five minutes away"),
        ({"ago": timedelta(minutes=-6)}, "more than five minutes away"),
    ],
)
def test_what_slack_did_not_sign_lately_is_refused_and_audited(at: ChatScene, change: Json, told: str):
    answer = arrives(at, payload(at, Control.APPROVE), **change)
    assert answer.status == 401
    at.settle()
    nothing_was_decided(at)
    (decision,) = at.audit()
    assert (decision.verb, decision.accepted, decision.by) == (ChatVerb.UNREADABLE, False, "nobody (not signed)")
    assert told in decision.told


def test_a_changed_body_is_refused(at: ChatScene):
    body = payload(at, Control.APPROVE, BEN)
    raw = urlencode({"payload": json.dumps(body)}).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = SignatureVerifier(at.sandbox.signing_secret).generate_signature(timestamp=stamp, body=raw) or ""
    forged = raw.replace(BEN.encode(), ANN.encode())
    assert forged != raw
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    assert answer_http(at.app, forged, headers).status == 401
    at.settle()
    nothing_was_decided(at)


def test_http_without_a_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with chat(tmp_path, monkeypatch, signed=False) as at:
        assert arrives(at, payload(at, Control.APPROVE)).status == 401
        at.settle()
        nothing_was_decided(at)
        assert "slack.signing_secret of driftbot.yaml names no secret" in at.audit()[0].told


def test_a_replay_does_nothing_and_is_audited(at: ChatScene):
    body = payload(at, Control.SNOOZE, value=f"{at.lives()[0].finding.fingerprint}:1d")
    for _ in range(3):
        assert arrives(at, body).status == 200
    at.settle()
    with at.store() as store:
        (snooze,) = store.snoozes()
    first, *others = sorted(at.audit(), key=lambda one: not one.accepted)
    assert (first.accepted, first.at) == (True, snooze.at) or first.at >= snooze.at
    assert [(one.verb, one.accepted) for one in others] == [(ChatVerb.SNOOZE, False)] * 2
    assert all("a replay does nothing" in one.told for one in others)
    assert len(at.afters) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"team": {"id": "TOTHER"}}, "a request of another workspace (TOTHER)"),
        ({"team": None}, "a request of another workspace (none is named)"),
        ({"team": None, "enterprise": {"id": "E1"}}, "a request of another workspace"),
        ({"api_app_id": "AOTHER"}, "a control in a message of another app"),
    ],
)
def test_what_is_of_others_is_refused_and_audited(at: ChatScene, change: Json, told: str):
    body = {**payload(at, Control.APPROVE), **change}
    assert arrives(at, body).status == 200
    at.settle()
    nothing_was_decided(at)
    (decision,) = at.audit()
    assert (decision.accepted, told in decision.told) == (False, True), decision


def test_a_form_of_another_app_is_not_ours(at: ChatScene):
    """A form is in no message, so that only the app's token tells whose it is."""
    ours = Identity(client_of(at.sandbox), app_of("xapp-1-A0OURS-12-secret"))
    assert ours.stranger(Asked(Nothing(), team=TEAM, app="A0OURS")) == ""
    for app in ("AOTHER", ""):
        assert "a request of another app" in ours.stranger(Asked(Nothing(), team=TEAM, app=app))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0123456789ab:" + "0" * 64, "there is no finding 0123456789ab any more"),
        ("{fingerprint}:" + "0" * 64, "what would be done has changed"),
        ("{fingerprint}:{plan}", "what would be done has changed"),
        ("{fingerprint}:{other}", "what would be done has changed"),
        ("{fingerprint}", "which it never does"),
        ("<!channel>", "names no finding"),
    ],
)
def test_a_forged_value_is_refused_and_audited(at: ChatScene, value: str, told: str):
    body = payload(at, Control.APPROVE)
    first, second = at.plan.remedies
    fingerprint = at.lives()[0].finding.fingerprint
    other = next(one for one in (first, second) if one.covers[0].fingerprint != fingerprint)
    body["actions"][0]["value"] = value.format(fingerprint=fingerprint, plan=at.plan.digest, other=other.digest)
    assert arrives(at, body).status == 200
    at.settle()
    nothing_was_decided(at)
    (decision,) = at.audit()
    assert (decision.accepted, told in decision.told) == (False, True), decision


def test_a_request_without_a_name_could_be_a_replay_and_is_refused(at: ChatScene):
    body = payload(at, Control.NOT_USEFUL)
    del body["trigger_id"]
    arrives(at, body)
    at.settle()
    nothing_was_decided(at)
    assert "the request has no id" in at.audit()[0].told


def test_an_approver_of_slack_whom_acting_does_not_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with chat(tmp_path, monkeypatch, more="  approvers: [ben@example.org]\n") as at:
        arrives(at, payload(at, Control.APPROVE))
        at.settle()
        nothing_was_decided(at)
        assert "acting.approvers names ben@example.org" in at.audit()[0].told


def test_an_old_button_brings_its_message_up_to_date(at: ChatScene):
    body = payload(at, Control.APPROVE)
    body["actions"][0]["value"] = f"{at.lives()[0].finding.fingerprint}:{'0' * 64}"
    arrives(at, body)
    at.settle()
    assert [one.apply for one in at.afters] == [None]


def test_while_the_kill_switch_is_pulled_an_approval_counts_and_nothing_is_applied(at: ChatScene):
    (at.root / "driftbot.stop").touch()
    arrives(at, payload(at, Control.APPROVE))
    at.settle()
    (decision,) = at.audit()
    assert (decision.accepted, "driftbot.stop is there" in decision.told) == (True, True)
    assert [one.apply for one in at.afters] == [None]


def waiving(at: ChatScene, reason: str = "moved in March") -> Json:
    """The form of a waiver, filled in and sent."""
    expires = (datetime.now(UTC) + timedelta(days=20)).date()
    values = {"reason": {"reason": {"value": reason}}, "expires": {"expires": {"selected_date": f"{expires}"}}}
    metadata = at.lives()[0].finding.fingerprint
    view = {"callback_id": Form.WAIVE, "private_metadata": metadata, "state": {"values": values}}
    return {**payload(at, Control.WAIVE), "type": "view_submission", "view": view}


def test_a_waiver_that_was_ended_does_not_come_back_by_a_replay(at: ChatScene):
    body = waiving(at)
    arrives(at, body)
    at.rest()
    (waiver,) = load_approvals(at.root).waivers
    save_approvals(at.root, load_approvals(at.root).without([waiver.fingerprint]))
    with at.store() as store:
        store.end_waiver(waiver.fingerprint, datetime.now(UTC), "Ben", "mended")
    arrives(at, body)
    at.settle()
    nothing_was_decided(at)
    assert load_approvals(at.root).waivers == ()


def test_nobody_else_changes_the_file_while_a_waiver_is_put_into_it(at: ChatScene, monkeypatch: pytest.MonkeyPatch):
    alone = []

    def saved(folder: Path, decisions: Decisions) -> Path:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            alone.append(folder)
        finally:
            os.close(handle)
        return save_approvals(folder, decisions)

    monkeypatch.setattr("driftbot.chat.waiver_filing.save_approvals", saved)
    arrives(at, waiving(at))
    at.settle()
    assert alone == [at.root]


def test_what_was_waived_since_is_not_approved(at: ChatScene):
    body = payload(at, Control.APPROVE)
    arrives(at, waiving(at))
    at.rest()
    arrives(at, body)
    at.settle()
    decision = at.audit()[-1]
    assert (decision.accepted, "is waived; end the waiver first" in decision.told) == (False, True)


@pytest.mark.parametrize("writable", ["no_file", "file"])
def test_a_waiver_where_the_folder_cannot_be_written(at: ChatScene, monkeypatch: pytest.MonkeyPatch, writable: str):
    """Root writes everywhere, so the disk says no by the call that would write."""
    if writable == "file":
        (at.root / FILE_NAME).write_text("waivers: []\n")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("driftbot.approvals_file.tempfile.mkstemp", refuse)
    body = waiving(at)
    answer = arrives(at, body)
    assert (answer.status, answer.body) == (200, "")
    at.settle()
    (decision,) = at.audit()
    with at.store() as store:
        kept = store.waivers()
    if writable == "no_file":
        assert (decision.accepted, "kept in the store only" in decision.told, len(kept)) == (True, True, 1)
    else:
        assert (decision.accepted, kept) == (False, ())
        assert "decides which waivers hold, and it cannot be written here" in decision.told


def full_disk(at: ChatScene) -> None:
    """From now on the store takes no decision."""
    with sqlite3.connect(at.root / "driftbot.db") as blocking:
        blocking.execute("CREATE TRIGGER full BEFORE INSERT ON chat_decision BEGIN SELECT RAISE(ABORT, 'full'); END")
    blocking.close()


def test_a_store_that_cannot_be_written_decides_nothing_and_says_so(at: ChatScene):
    body = payload(at, Control.APPROVE)
    full_disk(at)
    assert arrives(at, body).status == 200
    at.settle()
    nothing_was_decided(at)
    (whisper,) = at.whispers(ANN)
    assert "nothing was decided" in whisper


@pytest.mark.parametrize("before", ["no_file", "file", "another_waiver"])
def test_a_waiver_that_the_store_does_not_take_does_not_stand_in_the_file(at: ChatScene, before: str):
    fingerprint, path = at.lives()[0].finding.fingerprint, at.root / FILE_NAME
    if before != "no_file":
        life = next(one for one in at.lives() if (one.finding.fingerprint == fingerprint) is (before != "file"))
        given = waiver(
            life, "Ben <ben@example.org>", "until the move", datetime.now(UTC), datetime(2099, 1, 1, tzinfo=UTC)
        )
        save_approvals(at.root, Decisions(waivers=(given,)))
    text = path.read_text() if path.exists() else None
    body = waiving(at)
    full_disk(at)
    assert arrives(at, body).status == 200
    at.settle()
    assert (path.read_text() if path.exists() else None) == text
    with at.store() as store:
        assert store.waivers() == ()


def test_who_cannot_be_told_has_decided_all_the_same(at: ChatScene):
    at.sandbox.fail_next("chat.postEphemeral", "user_not_in_channel")
    arrives(at, payload(at, Control.NOT_USEFUL))
    at.settle()
    assert [one.accepted for one in at.audit()] == [True]


@pytest.mark.parametrize("control", [Control.WAIVE, Control.EXPLAIN])
def test_a_window_that_slack_does_not_open_is_told(at: ChatScene, control: Control):
    at.sandbox.fail_next("views.open", "expired_trigger_id")
    arrives(at, payload(at, control))
    at.settle()
    (decision,) = at.audit()
    assert (decision.accepted, "expired_trigger_id" in decision.told) == (False, True)
    assert "press again" in at.whispers(ANN)[0]
    assert at.whispers(ANN)[0].startswith("deadline about job:production/shop/"), "as every other refusal"


def test_slack_that_does_not_say_who_we_are_decides_nothing(at: ChatScene):
    body = payload(at, Control.APPROVE)
    at.sandbox.fail_next("auth.test", "invalid_auth")
    arrives(at, body)
    at.settle()
    nothing_was_decided(at)
    assert at.audit() == []
    assert "nothing was decided" in at.whispers(ANN)[0]


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"{", b"payload=%7B", b"payload=[1]", b"payload=7", b"", b"[" * 100_000, b"{}", b"payload="]
)
def test_a_body_of_any_shape_has_an_answer(at: ChatScene, body: bytes):
    assert arrives(at, body).status in (200, 400, 401)
    assert answer_http(at.app, body, {}).status in (400, 401)
    at.settle()
    nothing_was_decided(at)


def test_a_body_too_long_is_not_read(at: ChatScene):
    assert answer_http(at.app, b"x" * (LONGEST_BODY + 1), {}).status == 413


def test_what_strangers_can_have_written_down_is_bounded(at: ChatScene):
    for _ in range(70):
        answer_http(at.app, b"payload={}", {})
    at.settle()
    assert len(at.audit()) == 60


def test_unsigned_requests_are_not_queued_while_the_store_is_slow(at: ChatScene, monkeypatch: pytest.MonkeyPatch):
    opened, free = Store.open, Event()

    def slow(*arguments: object, **options: object) -> Store:
        free.wait()
        return opened(*arguments, **options)

    monkeypatch.setattr(Store, "open", slow)
    threads = at.app.listener_runner.listener_executor
    try:
        for _ in range(500):
            assert answer_http(at.app, b"payload={}", {}).status == 401
        assert threads._work_queue.qsize() <= MOST_STRANGE
    finally:
        free.set()
    at.settle()
    assert len(at.audit()) == MOST_STRANGE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_nobody_who_may_not_makes_it_write_or_raise(at: ChatScene, data: st.DataObject):
    """Any request, signed, by somebody whom the configuration does not know."""
    life: FindingLife = at.lives()[0]
    fingerprint, digest = life.finding.fingerprint, at.plan.remedies[0].digest
    values = st.sampled_from([fingerprint, f"{fingerprint}:{digest}", f"{fingerprint}:1d", f"{fingerprint}:until"])
    action = st.fixed_dictionaries({"action_id": st.sampled_from([*Control]), "value": values | SHAPED})
    fields = st.dictionaries(st.sampled_from([*Field]), SHAPED, max_size=3)
    view = st.fixed_dictionaries(
        {
            "callback_id": st.sampled_from([*Form]),
            "private_metadata": values | st.text(),
            "state": st.fixed_dictionaries({"values": fields}) | SHAPED,
        }
    )
    body = data.draw(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["block_actions", "view_submission", "view_closed"]) | st.text(max_size=5),
                "user": st.just({"id": CLEO}) | SHAPED,
                "team": st.just({"id": TEAM}) | SHAPED,
                "trigger_id": st.uuids().map(str) | SHAPED,
                "actions": st.lists(action | SHAPED, max_size=2) | SHAPED,
                "view": view | SHAPED,
                "container": SHAPED,
                "channel": SHAPED,
                "message": SHAPED,
            }
        )
    )
    raw = urlencode({"payload": json.dumps(body)}).encode()
    assert arrives(at, raw).status in (200, 400)
    at.rest()
    nothing_was_decided(at)


def test_a_decision_stands_although_what_comes_after_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with chat(tmp_path, monkeypatch) as at:
        body = payload(at, Control.NOT_USEFUL)

        def broken(_: object) -> None:
            raise RuntimeError("the loop is closed")

        reception = at.app._before_authorize
        assert isinstance(reception, Reception)
        desk = replace(reception.answering.desk, after=broken)
        replaced = replace(reception, answering=replace(reception.answering, desk=desk))
        request = BoltRequest(body=body, mode="socket_mode")
        answer = replaced.process(req=request, resp=BoltResponse(status=500), next=lambda: BoltResponse(status=500))
        assert answer.status == 200
        at.settle()
        assert [one.accepted for one in at.audit()] == [True]
        assert "noted as not useful" in at.whispers(ANN)[0]
