"""Delivering: each channel is told, whatever the others do; nothing twice, and nothing lost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from driftbot.config import Config
from driftbot.core.digest import Digest
from driftbot.core.failure import Failure
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.credential import Credential
from driftbot.delivery.deliver import Manner, deliver, told_now
from driftbot.notices.options import ChannelOptions, QuietHours, Route
from driftbot.notifiers.notifier import DeliveryFailed, DeliveryTools
from driftbot.store.errors import LeaseHeld, StoreError, Work
from driftbot.store.store import Store
from tests.delivery.channels import Failing, Recorder, estate, opened, with_channels
from tests.remedies.estate import now

SHORT = Manner(budget=timedelta(seconds=20))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return estate(tmp_path, "a", "b")


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with opened(config) as store:
        yield store


def raising(error: BaseException) -> Failing:
    def does(digest: Digest, tools: DeliveryTools) -> NoReturn:  # noqa: ARG001
        raise error

    return Failing(does)


def health(store: Store) -> dict[str, Any]:
    return {one.channel: one for one in store.channel_health()}


def test_without_channels_nobody_is_told(config: Config, store: Store) -> None:
    assert deliver(config, store, now) == ()


def test_each_channel_is_told_once_however_often_it_is_delivered(config: Config, store: Store) -> None:
    recorder, other = Recorder(), Recorder()
    told = with_channels(config, ("sre", recorder), ("ops", other))
    outcomes = [deliver(told, store, now) for _ in range(3)]
    assert [[(one.channel, one.delivered and one.delivered.posted) for one in each] for each in outcomes] == [
        [("sre", 2), ("ops", 2)], [("sre", 0), ("ops", 0)], [("sre", 0), ("ops", 0)],
    ]  # fmt: skip
    assert len(recorder.sent) == len(set(recorder.sent)) == len(other.sent) == 2
    assert (health(store)["sre"].posted, health(store)["sre"].failing_since) == (2, None)


def test_a_channel_that_is_named_is_the_only_one_told(config: Config, store: Store) -> None:
    recorder, other = Recorder(), Recorder()
    told = with_channels(config, ("sre", recorder), ("ops", other))
    deliver(told, store, now, ["ops"])
    assert (recorder.sent, len(other.sent)) == ([], 2)
    with pytest.raises(Failure, match="no channel is called dev, qa") as caught:
        deliver(told, store, now, ["qa", "ops", "dev"])
    assert caught.value.next_step == "There are: ops, sre."


@pytest.mark.parametrize(
    ("error", "told", "next_step"),
    [
        (DeliveryFailed("the channel C1 is archived", "Unarchive it."), "the channel C1 is archived", "Unarchive it."),
        (Failure("no token", "Write one."), "no token", "Write one."),
        (
            ZeroDivisionError("x"),
            "a defect in the notifier failing: ZeroDivisionError: x",
            "Update or report the package",
        ),
        (NotImplementedError(), "a defect in the notifier failing: NotImplementedError: ", "Update or report"),
        (SystemExit(3), "a defect in the notifier failing: SystemExit: 3", "Update or report"),
        (KeyboardInterrupt(), "a defect in the notifier failing: KeyboardInterrupt", "Update or report"),
        (MemoryError(), "a defect in the notifier failing: MemoryError", "Update or report"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_a_channel_raises_is_its_own_failure(
    config: Config, store: Store, error: BaseException, told: str, next_step: str
) -> None:
    recorder = Recorder()
    both = with_channels(config, ("bad", raising(error)), ("good", recorder))
    bad, good = deliver(both, store, now)
    assert bad.failed
    assert (bad.failure.startswith(told), bad.next_step.startswith(next_step)) == (True, True)
    assert (good.failed, len(recorder.sent)) == (False, 2)
    fares = health(store)
    assert (fares["bad"].failed, fares["bad"].delivered, fares["good"].failed) == (1, None, 0)


def test_what_says_nothing_about_what_it_did_is_a_defect(config: Config, store: Store) -> None:
    (outcome,) = deliver(with_channels(config, ("bad", Failing(lambda *_: None))), store, now)
    assert outcome.failure == "a defect in the notifier failing: it does not say what it delivered"


def test_a_channel_that_works_again_fails_no_more(config: Config, store: Store) -> None:
    for notifier in (raising(DeliveryFailed("down")), raising(DeliveryFailed("still down"))):
        deliver(with_channels(config, ("sre", notifier)), store, now)
    failing = health(store)["sre"]
    assert (failing.failed, failing.failure, failing.failing_since < failing.tried) == (2, "still down", True)
    recorder = Recorder()
    deliver(with_channels(config, ("sre", recorder)), store, now)
    works = health(store)["sre"]
    assert (works.failing_since, works.failure, works.posted, works.failed) == (None, "", 2, 2)
    assert len(recorder.digests) == 1


def test_a_channel_that_hangs_keeps_nobody_waiting_and_writes_nothing_later(
    config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftbot.delivery.telling.GRACE", timedelta())
    free, ended = threading.Event(), threading.Event()
    recorder = Recorder()

    def hangs(digest: Digest, tools: DeliveryTools) -> Any:
        free.wait(60)
        try:
            return Recorder.deliver(recorder, digest, None, tools)
        finally:
            ended.set()

    both = with_channels(config, ("bad", Failing(hangs)), ("good", Recorder()))
    bad, good = deliver(both, store, now, manner=Manner(budget=timedelta(seconds=3)))
    assert (bad.failure, good.failed) == ("it did not end in time", False)
    free.set()
    assert ended.wait(30)
    assert (store.messages("bad"), recorder.sent) == ((), [])


def test_a_deliverer_that_lost_its_right_sends_nothing_more(config: Config, store: Store) -> None:
    recorder = Recorder()

    def slow(digest: Digest, tools: DeliveryTools) -> Any:
        with opened(config) as other, other.lease("another", now() + timedelta(hours=1), timedelta(1), Work.DELIVER):
            return recorder.deliver(digest, None, tools)

    (outcome,) = deliver(with_channels(config, ("sre", Failing(slow))), store, now)
    assert "may no longer write" in outcome.failure
    assert (recorder.sent, store.messages("sre")) == ([], ())


def test_two_deliverers_never_work_at_once(config: Config, store: Store) -> None:
    told = with_channels(config, ("sre", Recorder()))
    with (
        store.lease("another", now(), timedelta(minutes=1), Work.DELIVER),
        pytest.raises(LeaseHeld, match="another driftbot is telling the channels"),
    ):
        deliver(told, store, now)
    assert [one.failed for one in deliver(told, store, now)] == [False]


def test_what_sleeps_ends_when_somebody_stops_the_process(config: Config, store: Store) -> None:
    naps: list[float] = []
    came: list[str] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        came.append("SIGTERM")

    def sleeps(digest: Digest, tools: DeliveryTools) -> Any:  # noqa: ARG001
        tools.sleep(3600)

    manner = Manner(stopped=lambda: came[0] if came else "", sleep=nap)
    (outcome,) = deliver(with_channels(config, ("sre", Failing(sleeps))), store, now, manner=manner)
    assert (outcome.failure, naps) == ("it was stopped (SIGTERM)", [0.5])


def test_what_is_stopped_between_two_messages_sends_no_more_and_remembers_what_it_sent(
    config: Config, store: Store
) -> None:
    recorder, came = Recorder(), []
    told = with_channels(config, ("sre", recorder))
    manner = Manner(stopped=lambda: came[0] if came else "", boundary=lambda _: came.append("SIGTERM"))
    (outcome,) = deliver(told, store, now, manner=manner)
    assert (outcome.failure, len(recorder.sent)) == ("it was stopped (SIGTERM)", 1)
    assert [one.state for one in store.messages("sre")] == ["sent"]
    deliver(told, store, now)
    assert len(recorder.sent) == len(set(recorder.sent)) == 2


def test_a_channel_killed_between_two_messages_goes_on_from_there(config: Config, store: Store) -> None:
    recorder, seen = Recorder(), []

    def dies(name: str) -> None:
        seen.append(name)
        if len(seen) == 3:
            raise SystemExit

    told = with_channels(config, ("sre", recorder))
    (outcome,) = deliver(told, store, now, manner=Manner(boundary=dies))
    assert (outcome.failed, len(recorder.sent)) == (True, 1)
    deliver(told, store, now)
    assert len(recorder.sent) == 1  # its second message may be out there: a real channel looks for it
    assert {one.state for one in store.messages("sre")} == {"sent", "intended"}


def test_nothing_is_sent_that_the_store_cannot_remember(config: Config, tmp_path: Path) -> None:
    recorder = Recorder()
    database = sqlite3.connect(tmp_path / "driftbot.db")
    with opened(config) as store:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        database.commit()
        (outcome,) = deliver(with_channels(config, ("sre", recorder)), store, now)
        assert ("disk is full" in outcome.failure, recorder.sent) == (True, [])
        assert store.channel_health()[0].failing_since is not None
        database.execute("DROP TRIGGER full")
        database.execute("CREATE TRIGGER full BEFORE UPDATE ON lease BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        database.commit()
        with pytest.raises(StoreError, match="disk is full"):
            deliver(with_channels(config, ("sre", recorder)), store, now)
        assert recorder.sent == []
    database.close()


def test_what_was_told_and_cannot_be_written_down_is_told_to_have_failed(config: Config, tmp_path: Path) -> None:
    recorder = Recorder()
    database = sqlite3.connect(tmp_path / "driftbot.db")
    with opened(config) as store:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON channel_health BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
        database.commit()
        (outcome,) = deliver(with_channels(config, ("sre", recorder)), store, now)
        assert outcome.failure.startswith("what it was told could not be written down")
        deliver(with_channels(config, ("sre", recorder)), store, now)
    database.close()
    assert len(recorder.sent) == 2


def outbox(store: Store, fingerprint: str = "3f9c2a71b0de", kind: str = "escalated") -> OutboxNotice:
    told = OutboxNotice(fingerprint, kind, "It did not help", "Run 4 was put back.", now())
    store.put_notice(told)
    return told


def test_a_notice_waits_until_every_channel_has_it(config: Config, store: Store) -> None:
    told = outbox(store)
    recorder = Recorder()
    bad = with_channels(config, ("good", recorder), ("bad", raising(DeliveryFailed("down"))))
    deliver(bad, store, now)
    assert store.notices_waiting() == (told,)
    good = with_channels(config, ("good", recorder), ("bad", Recorder()))
    deliver(good, store, now, ["good"])
    assert store.notices_waiting() == (told,)
    deliver(good, store, now)
    assert store.notices_waiting() == ()
    assert recorder.sent.count("notice:3f9c2a71b0de:escalated") == 1


def test_a_notice_is_held_back_by_quiet_hours_and_told_after_them(config: Config, store: Store) -> None:
    outbox(store)
    clock = datetime.now(UTC)
    around = ((clock + timedelta(hours=hours)).time() for hours in (-1, 1))
    begins, ends = around
    quiet = (QuietHours(from_=begins, to=ends),)
    recorder = Recorder()
    (outcome,) = deliver(with_channels(config, ("sre", recorder), quiet=quiet), store, now)
    assert (recorder.sent, outcome.delivered and outcome.delivered.left, len(store.notices_waiting())) == ([], 3, 1)
    assert "3 wait (quiet until " in outcome.told
    deliver(with_channels(config, ("sre", recorder)), store, now)
    assert (len(recorder.sent), store.notices_waiting()) == (3, ())


def test_other_words_about_the_same_drift_wait_anew(config: Config, store: Store) -> None:
    outbox(store)
    recorder = Recorder()
    told = with_channels(config, ("sre", recorder))
    deliver(told, store, now)
    store.put_notice(OutboxNotice("3f9c2a71b0de", "escalated", "It did not help", "Run 5, too.", now()))
    assert len(store.notices_waiting()) == 1
    deliver(told, store, now)
    assert (recorder.edits, store.notices_waiting()) == (["notice:3f9c2a71b0de:escalated"], ())


def test_secrets_are_not_repeated(config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://hooks.example.org/services/T0/B0/XyZZy12")

    class WithSecret(ChannelOptions):
        url: Credential = Credential(env="HOOK")

    told = (
        "cannot reach https://hooks.example.org/services/T0/B0/XyZZy12: Max retries with url: /services/T0/B0/XyZZy12"
    )
    with_secret = with_channels(config, ("sre", raising(ConnectionError(told))))
    (channel,) = with_secret.channels
    with_secret = replace(with_secret, channels=(replace(channel, options=WithSecret(name="sre")),))
    (outcome,) = deliver(with_secret, store, now)
    assert "XyZZy12" not in outcome.failure
    assert "Max retries with url: REDACTED" in outcome.failure
    assert "XyZZy12" not in health(store)["sre"].failure


def test_what_nobody_is_told_of_is_said(config: Config, store: Store) -> None:
    told = with_channels(config, ("sre", Recorder()), routes=(Route(owners=("nobody",)),))
    (outcome,) = deliver(told, store, now)
    assert outcome.unrouted == ("deadline: 2",)


def test_a_store_without_a_night_has_nothing_to_tell(tmp_path: Path, config: Config) -> None:
    with (
        Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as empty,
        pytest.raises(Failure, match="no night was scanned yet"),
    ):
        deliver(with_channels(config, ("sre", Recorder())), empty, now)


def test_the_coming_night_is_told_where_the_configuration_says_when_nights_begin(config: Config, store: Store) -> None:
    told = with_channels(config, ("sre", Recorder()))
    assert told_now(told, store, now()).digests[0].next_night is None
    at = datetime(2026, 5, 4, 7, tzinfo=UTC)
    scheduled = replace(told, serve=config.serve.model_validate({"cron": "30 2 * * *", "zone": "Europe/Berlin"}))
    assert told_now(scheduled, store, at).digests[0].next_night == datetime(2026, 5, 5, 0, 30, tzinfo=UTC)
