"""Deciding in Slack: the real app against a Slack of its own, pressed over Socket Mode and over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftbot.approvals_file import load_approvals
from driftbot.chat.connection import connected
from driftbot.chat.outcome import Aftermath, ApprovedRemedy
from driftbot.cli.main import main
from driftbot.core.chat_decision import ChatVerb
from driftbot.notifiers.slack.controls import Control
from tests.chat.chat_scene import ANN, BEN, CHANNEL, CLEO, NAMES, ChatScene, chat, request_url
from tests.remedies.estate import LONG, SHORT, deadlines

Open = Callable[..., ChatScene]


def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait for it; a test that waits in vain says so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


@contextmanager
def heard(scene: ChatScene, way: str) -> Iterator[None]:
    """Presses reach the app."""
    if way == "http":
        with request_url(scene.app) as url:
            scene.sandbox.interact_by_http(url)
            yield
        return
    with connected(scene.app, scene.workspace):
        until(lambda: scene.sandbox.connections)
        yield


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the estate; the way to the app is HTTP unless a test is about both."""
    way = getattr(request, "param", "http")
    with ExitStack() as stack:

        def made(**terms: object) -> ChatScene:
            found = stack.enter_context(chat(tmp_path, monkeypatch, **terms))  # type: ignore[arg-type]
            stack.enter_context(heard(found, way))
            return found

        yield made


def press(at: ChatScene, user: str, ts: str, control: Control, value: str | None = None) -> None:
    answer = at.sandbox.press(user, CHANNEL, ts, control.value, value)
    assert answer.ok, answer


@pytest.mark.parametrize("scene", ["socket", "http"], indirect=True)
def test_an_approval_is_counted_told_and_leaves_the_remedy_to_be_applied(scene: Open):
    at = scene()
    life = at.lives()[0]
    press(at, ANN, at.posted(life), Control.APPROVE)
    at.settle()
    (decision,) = at.audit()
    remedy = next(one for one in at.plan.remedies if one.covers[0].fingerprint == life.finding.fingerprint)
    assert (decision.verb, decision.accepted, decision.about) == (ChatVerb.APPROVE, True, remedy.digest)
    assert decision.by == f"{NAMES[ANN]} ({ANN})"
    with at.store() as store:
        (approval,) = store.plan_approvals(remedy.digest)
    assert (approval.by, approval.digest) == (NAMES[ANN], remedy.digest)
    assert at.afters == [Aftermath(life.finding.fingerprint, ApprovedRemedy(remedy.digest, NAMES[ANN]))]
    (whisper,) = at.whispers(ANN)
    assert "enough, and it is applied now" in whisper
    assert "deadline about job:production/shop/invoice" in whisper


def test_two_people_are_needed_and_one_person_counts_once(scene: Open):
    at = scene(approvals=2)
    life = at.lives()[0]
    ts = at.posted(life, 2)
    for _ in range(2):
        press(at, ANN, ts, Control.APPROVE)
        at.rest()
    press(at, BEN, ts, Control.APPROVE)
    at.settle()
    assert [(one.accepted, one.told.rpartition("; ")[2]) for one in at.audit()] == [
        (True, "1 more person has to approve it"),
        (False, "1 more person has to approve it"),
        (True, "enough, and it is applied now"),
    ]
    assert [one.apply and one.apply.by for one in at.afters] == [None, NAMES[BEN]]


def test_two_people_at_once_are_both_counted(scene: Open):
    at = scene(approvals=2)
    ts = at.posted(at.lives()[0], 2)
    press(at, ANN, ts, Control.APPROVE)
    press(at, BEN, ts, Control.APPROVE)
    at.settle()
    assert [one.accepted for one in at.audit()] == [True, True]
    assert [one.apply is not None for one in at.afters] == [False, True]


@pytest.mark.parametrize("control", [Control.APPROVE, Control.WAIVE, Control.NOT_USEFUL, Control.SNOOZE])
def test_whom_the_configuration_does_not_know_decides_nothing_and_is_told_how_to(scene: Open, control: Control):
    at = scene()
    life = at.lives()[0]
    value = f"{life.finding.fingerprint}:1d" if control is Control.SNOOZE else None
    press(at, CLEO, at.posted(life), control, value)
    at.settle()
    (decision,) = at.audit()
    assert (decision.accepted, decision.by) == (False, f"unknown ({CLEO})")
    assert f"be added to driftbot.yaml: slack: people: {CLEO}: name" in decision.told
    assert len(at.whispers(CLEO)) == 1
    with at.store() as store:
        assert (store.plan_approvals(), store.snoozes(), store.not_useful(), store.waivers()) == ((), (), (), ())
    assert (at.afters, at.sandbox.views(CLEO)) == ([], ())


@pytest.mark.parametrize("scene", ["socket", "http"], indirect=True)
def test_anybody_may_have_a_finding_explained(scene: Open):
    at = scene()
    life = at.lives()[0]
    press(at, CLEO, at.posted(life), Control.EXPLAIN)
    until(lambda: at.sandbox.views(CLEO))
    told = str(at.sandbox.views(CLEO)[0].content)
    for part in ("What it rests on", "billing-2025", "invoice.yaml:8", "driftbot waive"):
        assert part in told, told
    at.settle()
    assert [(one.verb, one.accepted) for one in at.audit()] == [(ChatVerb.EXPLAIN, True)]


def test_a_finding_is_snoozed_for_a_day(scene: Open):
    at = scene()
    life = at.lives()[0]
    press(at, BEN, at.posted(life), Control.SNOOZE, f"{life.finding.fingerprint}:1d")
    at.settle()
    with at.store() as store:
        (snooze,) = store.snoozes()
    assert (snooze.fingerprint, snooze.by, snooze.until - snooze.at) == (
        life.finding.fingerprint, NAMES[BEN], timedelta(days=1),
    )  # fmt: skip
    assert at.afters == [Aftermath(life.finding.fingerprint)]


def test_a_finding_is_snoozed_until_a_time_of_a_form(scene: Open):
    at = scene()
    life = at.lives()[0]
    press(at, ANN, at.posted(life), Control.SNOOZE, f"{life.finding.fingerprint}:until")
    until(lambda: at.sandbox.views(ANN))
    past = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    answer = at.sandbox.submit(ANN, until=past)
    assert "is not in the future" in answer.body["errors"]["until"]
    end = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    assert at.sandbox.submit(ANN, until=int(end.timestamp())).ok
    at.settle()
    with at.store() as store:
        assert [one.until for one in store.snoozes()] == [end]
    assert [one.accepted for one in at.audit()] == [False, True]


@pytest.mark.parametrize("scene", ["socket", "http"], indirect=True)
def test_a_finding_is_waived_with_reason_and_end_in_store_and_file(scene: Open):
    at = scene()
    life = at.lives()[0]
    press(at, ANN, at.posted(life), Control.WAIVE)
    until(lambda: at.sandbox.views(ANN))
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    answer = at.sandbox.submit(ANN, force=True, reason="", expires=f"{day}")
    assert "no reason was given" in answer.body["errors"]["reason"]
    at.rest()
    assert at.whispers(ANN) == [], "it is said in the form"
    assert at.sandbox.submit(ANN, reason="The new queue is out <!channel> in May", expires=f"{day}").ok
    at.settle()
    with at.store() as store:
        (waiver,) = store.waivers()
    assert load_approvals(at.root).waivers == (waiver,)
    assert (waiver.owner, waiver.reason, waiver.expires.date()) == (
        NAMES[ANN], "The new queue is out <!channel> in May", day,
    )  # fmt: skip
    assert [one.accepted for one in at.audit()] == [False, True]
    assert "<!channel>" not in at.whispers(ANN)[-1]
    assert "&lt;!channel&gt;" in at.whispers(ANN)[-1]


def test_what_is_not_useful_is_counted_once_a_person(scene: Open):
    at = scene()
    life = at.lives()[0]
    ts = at.posted(life)
    for user in (ANN, ANN, BEN):
        press(at, user, ts, Control.NOT_USEFUL)
        at.rest()
    at.settle()
    with at.store() as store:
        said = [(one.rule, one.by) for one in store.not_useful()]
    assert said == [("deadline", NAMES[ANN]), ("deadline", NAMES[BEN])]
    assert sorted(one.accepted for one in at.audit()) == [False, True, True]


def test_what_was_approved_is_applied_in_the_name_of_who_approved_it(scene: Open, monkeypatch: pytest.MonkeyPatch):
    at = scene(approvals=2)
    life = at.lives()[0]
    ts = at.posted(life, 2)
    for user in (ANN, BEN):
        press(at, user, ts, Control.APPROVE)
        at.rest()
    apply = at.afters[-1].apply
    assert apply is not None
    config = str(at.root / "driftbot.yaml")
    monkeypatch.setattr("sys.argv", ["driftbot", "apply", apply.digest, "--by", apply.by, "--config", config])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert deadlines(at.root, ("invoice", "report")) == {"invoice": LONG, "report": SHORT}
    with at.store() as store:
        (run,) = store.runs()
    assert [one.by for one in run.approvals] == [NAMES[ANN], NAMES[BEN]]
    press(at, ANN, ts, Control.APPROVE)
    at.settle()
    assert "run 1 of this was begun" in at.audit()[-1].told
