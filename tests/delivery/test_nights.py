"""Nights with channels: what people decide about is what acts, and they are told again what was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from driftbot.config import Config, load_config
from driftbot.core.digest import Digest, Standing
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.ladder import Level
from driftbot.core.run import PlanApproval, RunState
from driftbot.core.silence import SilenceState
from driftbot.core.snooze import NotUseful
from driftbot.core.stage import Stage, StageResult
from driftbot.delivery.deliver import told_now
from driftbot.nightly import NightResult, run
from driftbot.notifiers.notifier import DeliveryFailed, DeliveryTools
from driftbot.scan import Request
from driftbot.store.errors import Work
from driftbot.store.store import Store
from driftbot.tape import LiveTape
from tests.delivery.channels import Failing, Recorder, opened, with_channels
from tests.remedies.estate import LONG, SHORT, Terms, deadlines, job, now, planned_and_kept, scanned, write_estate

_HOUR = timedelta(hours=1)


def night(config: Config, store: Store) -> NightResult:
    return run(config, store, LiveTape(config.root), Request(now()), now, lambda _: None)


def stage(result: NightResult, wanted: Stage) -> StageResult:
    return next(one for one in result.stages if one.stage is wanted)


@pytest.fixture
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    level = getattr(request, "param", "approve")
    return load_config(write_estate(tmp_path, "a", "b", terms=Terms(level=level)) / "driftbot.yaml")


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with opened(config) as store:
        yield store


def test_what_people_approve_is_what_the_night_acts_on(config: Config, store: Store, tmp_path: Path) -> None:
    recorder = Recorder()
    told = with_channels(config, ("sre", recorder))
    first = night(told, store)
    assert [one.stage for one in first.stages] == list(Stage)
    offered = [entry.offer for entry in recorder.digests[-1].entries]
    assert all(offer and offer.approvable and offer.level is Level.APPROVE for offer in offered)
    assert "timeout.deadline of job:production/shop/a: 2h → 3h" in {offer.told for offer in offered if offer}
    chosen = next(offer for offer in offered if offer and "shop/a" in offer.told)
    assert store.plan(chosen.remedy) is not None
    store.approve_plan(PlanApproval(chosen.remedy, "Ann <ann@example.org>", now()))
    entries = told_now(told, store, now()).digests[0].entries
    approved = next(one.offer for one in entries if one.offer and "shop/a" in one.offer.told)
    assert (approved.missing, approved.approvable, [one.by for one in approved.approvals]) == (
        0, False, ["Ann <ann@example.org>"],
    )  # fmt: skip
    night(told, store)
    assert deadlines(tmp_path, "ab") == {"a": LONG, "b": SHORT}


@pytest.mark.parametrize("config", ["auto"], indirect=True)
def test_people_are_told_again_what_was_done(config: Config, store: Store) -> None:
    recorder = Recorder()
    result = night(with_channels(config, ("sre", recorder)), store)
    before, after = recorder.digests
    assert [entry.run for entry in before.entries] == [None, None]
    assert [entry.run and entry.run.state for entry in after.entries] == [RunState.VERIFYING] * 2
    assert [entry.offer for entry in after.entries] == [None, None]
    assert stage(result, Stage.DELIVER).lines == ("sre (recorder): 2 sent, 0 edited, 0 as they should be",)
    assert stage(result, Stage.TELL).lines == ("sre (recorder): 0 sent, 2 edited, 0 as they should be",)


def test_nobody_is_told_twice_where_nothing_was_done(config: Config, store: Store) -> None:
    recorder = Recorder()
    result = night(with_channels(config, ("sre", recorder)), store)
    assert len(recorder.digests) == 1
    assert stage(result, Stage.TELL).told == "nothing changed since the channels were told"


def test_a_channel_that_fails_fails_no_night(config: Config, store: Store) -> None:
    def down(digest: Digest, tools: DeliveryTools) -> NoReturn:  # noqa: ARG001
        raise DeliveryFailed("the token was revoked", "Write another one.")

    recorder = Recorder()
    result = night(with_channels(config, ("sre", Failing(down)), ("ops", recorder)), store)
    told = stage(result, Stage.DELIVER)
    assert (result.exit_code, told.failed, told.told) == (ExitCode.DRIFT, False, "1 of 2 channels told")
    assert told.lines[0] == "sre (failing) could not be told: the token was revoked; Write another one."
    assert len(recorder.sent) == 2


def test_a_night_leaves_telling_to_who_is_at_it(config: Config, store: Store) -> None:
    recorder = Recorder()
    with store.lease("another", now(), _HOUR, Work.DELIVER):
        result = night(with_channels(config, ("sre", recorder)), store)
    told = stage(result, Stage.DELIVER)
    assert (told.failed, recorder.digests) == (False, [])
    assert told.told.startswith("another driftbot is telling the channels")


def test_without_channels_a_night_is_as_before(config: Config, store: Store) -> None:
    result = night(config, store)
    assert stage(result, Stage.DELIVER).told.startswith("no channel is configured")


def test_a_plan_for_a_part_takes_nothing_from_the_rest(config: Config, store: Store) -> None:
    night(config, store)
    (whole,) = store.plans_of(store.nights()[-1].as_of)
    part = replace(whole, made=now(), remedies=whole.remedies[:1])
    store.keep_plan(part)
    entries = told_now(with_channels(config, ("sre", Recorder())), store, now()).digests[0].entries
    assert {entry.offer and entry.offer.plan for entry in entries} == {whole.digest, part.digest}


def test_what_was_begun_since_is_offered_no_more(config: Config, store: Store) -> None:
    night(config, store)
    (whole,) = store.plans_of(store.nights()[-1].as_of)
    with store.acting("me", now(), _HOUR) as lease:
        store.begin_run(lease, whole.digest, whole.remedies[0], now(), "ann")
    entries = told_now(with_channels(config, ("sre", Recorder())), store, now()).digests[0].entries
    assert sorted((entry.offer is None, entry.run is None) for entry in entries) == [(False, True), (True, False)]


def test_the_ladder_of_now_decides_what_may_be_approved(config: Config, store: Store) -> None:
    night(config, store)
    lower = replace(config, acting=config.acting.model_copy(update={"ladder": ()}))
    entries = told_now(with_channels(lower, ("sre", Recorder())), store, now()).digests[0].entries
    assert {(entry.offer and entry.offer.level, entry.offer and entry.offer.approvable) for entry in entries} == {
        (Level.OBSERVE, False)
    }


def test_what_was_decided_since_the_night_counts_now(config: Config, store: Store) -> None:
    night(config, store)
    first, second = (life.finding for life in store.lives())
    store.add_waivers([Waiver(first.fingerprint, first.rule, first.subject.id, "ann", "known", now(), now() + _HOUR)])
    store.add_not_useful(NotUseful(second.fingerprint, second.rule, "ann", now()))
    (digest,) = told_now(with_channels(config, ("sre", Recorder())), store, now()).digests
    assert [(one.standing, one.offer is None, one.not_useful) for one in digest.entries] == [
        (Standing.NEW, False, 1), (Standing.WAIVED, True, 0),
    ]  # fmt: skip
    assert [(one.state, one.fingerprint) for one in digest.silences] == [(SilenceState.ENDS_SOON, first.fingerprint)]
    (later,) = told_now(with_channels(config, ("sre", Recorder())), store, now() + 2 * _HOUR).digests
    assert [one.state for one in later.silences] == [SilenceState.OVERDUE]
    assert [one.standing for one in later.entries] == [Standing.NEW] * 2


def test_what_made_the_night_blind_is_told_with_it(config: Config, store: Store, tmp_path: Path) -> None:
    (tmp_path / "rules" / "broken.yaml").write_text("id: [\n")
    result = night(config, store)
    (digest,) = told_now(with_channels(config, ("sre", Recorder())), store, now()).digests
    assert (result.exit_code, digest.exit_code) == (ExitCode.BLIND, ExitCode.BLIND)
    assert any(line.startswith("rule file: ") and "broken.yaml" in line for line in digest.blind)
    (tmp_path / "rules" / "broken.yaml").unlink()
    night(config, store)
    assert told_now(with_channels(config, ("sre", Recorder())), store, now()).digests[0].blind == ()


def test_what_is_mended_is_told_to_be_fixed(tmp_path: Path) -> None:
    config = scanned(write_estate(tmp_path, "a", "b"))
    planned_and_kept(config)
    (tmp_path / "jobs" / "a.yaml").write_text(job("a", LONG))
    with opened(config) as store:
        night(config, store)
        (digest,) = told_now(with_channels(config, ("sre", Recorder())), store, now()).digests
        counts = digest.counts
        assert [(one.standing, one.finding.subject.name) for one in digest.entries] == [
            (Standing.STANDING, "shop/b"), (Standing.FIXED, "shop/a"),
        ]  # fmt: skip
        assert (counts.drift, counts.ok, counts.checks) == (1, 1, 2)
