"""What each channel is told: each finding in each channel whose route takes it and nowhere else, and none silently."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.coverage import AcceptedGap
from driftbot.core.digest import Digest, Offer, Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Verdict, order
from driftbot.core.history import FindingLife
from driftbot.core.rule import Severity
from driftbot.core.silence import Silence, SilenceState
from driftbot.notices.digests import digests
from driftbot.notices.options import ChannelOptions, Route
from driftbot.notices.situation import Situation
from tests.notices.digest_scene import (
    DAY,
    NIGHT,
    NOW,
    finding,
    life,
    notice,
    offer,
    rule,
    silence,
    snooze,
    subject,
    waiver,
)

ALL = ChannelOptions(name="all")
SHOP = ChannelOptions(name="shop", routes=(Route(owners=("shop",)),))
LOUD = ChannelOptions(name="loud", routes=(Route(severity=Severity.HIGH),), escalate_after=None)


def lived(name: str, standing: Standing = Standing.STANDING, owner: str = "shop", **changes: object) -> FindingLife:
    verdict = {Standing.UNREAD: Verdict.UNKNOWN, Standing.FIXED: Verdict.OK}.get(standing, Verdict.DRIFT)
    return life(finding(subject(name, labels={"owner": owner}), verdict, **changes), standing)


def situation(*lives: FindingLife, **changes: object) -> Situation:
    in_order = tuple(sorted(lives, key=lambda one: order(one.finding)))
    told = Situation(NOW, NIGHT, ExitCode.DRIFT, lives=in_order, rules={"job-deadline-headroom": rule()})
    return replace(told, **changes)  # type: ignore[arg-type]


def told(digest: Digest) -> list[str]:
    return [entry.finding.subject.name for entry in digest.entries]


def test_entries_come_by_standing_and_then_as_in_every_report() -> None:
    lives = (
        lived("d", Standing.FIXED), lived("c"), lived("b", severity=Severity.LOW), lived("a", Standing.UNREAD),
        lived("z", Standing.NEW, severity=Severity.LOW), lived("y", Standing.NEW),
    )  # fmt: skip
    (digest,) = digests(situation(*lives), [ALL]).digests
    assert told(digest) == ["y", "z", "c", "b", "a", "d"]


def test_each_channel_is_told_what_its_routes_take() -> None:
    lives = (lived("a"), lived("b", owner="web"), lived("c", owner="web", severity=Severity.LOW))
    made = digests(situation(*lives), [ALL, SHOP, LOUD])
    assert [told(one) for one in made.digests] == [["a", "b", "c"], ["a"], ["a", "b"]]
    assert (made.unrouted, [one.unrouted for one in made.digests]) == ((), [()] * 3)


def test_what_no_channel_is_told_of_is_counted_in_every_channel() -> None:
    lives = (
        lived("a"), lived("b", owner="web"), lived("c", owner="web", rule="grace", severity=Severity.LOW),
        lived("d", owner="web", severity=Severity.LOW), lived("e", Standing.FIXED, owner="web", severity=Severity.LOW),
    )  # fmt: skip
    made = digests(situation(*lives, notices=(notice(fingerprint=lives[2].finding.fingerprint),)), [SHOP, SHOP])
    assert [one.subject.name for one in made.unrouted] == ["b", "c", "d"]
    lines = ("job-deadline-headroom: 2", "grace: 1", "notices about what has been done: 1")
    assert [one.unrouted for one in made.digests] == [lines] * 2
    assert len(made.unrouted_notices) == 1


def test_many_rules_that_no_channel_is_told_of_are_counted() -> None:
    lives = tuple(lived(f"x{n}", owner="web", rule=f"rule-{n:02}") for n in range(13))
    (digest,) = digests(situation(*lives), [SHOP]).digests
    assert digest.unrouted[-2:] == ("rule-09: 1", "3 more rules: 3")


def test_a_notice_goes_where_its_finding_goes_and_everywhere_where_nobody_knows_it() -> None:
    gone = finding(subject("gone", labels={"owner": "web"}))
    known, elsewhere, unknown = (
        notice(fingerprint=name) for name in (lived("a").finding.fingerprint, gone.fingerprint, "?")
    )
    seen = situation(lived("a"), notices=(known, elsewhere, unknown), told_of={gone.fingerprint: gone})
    made = digests(seen, [SHOP, only_owner("web")])
    assert [one.notices for one in made.digests] == [(known, unknown), (elsewhere, unknown)]


def only_owner(owner: str) -> ChannelOptions:
    return ChannelOptions(name=owner, routes=(Route(owners=(owner,)),))


def test_silences_are_told_with_their_finding_and_gaps_to_their_owner() -> None:
    mine = lived("a")
    ending = replace(silence(), excuse=waiver(mine.finding))
    gap = Silence(AcceptedGap("prometheus:x", "web", "known", NOW + DAY), SilenceState.ENDS_SOON, "it ends in 1 days")
    made = digests(situation(mine, silences=(ending, gap)), [SHOP, only_owner("web"), ALL])
    assert [one.silences for one in made.digests] == [(ending,), (gap,), (ending, gap)]


def test_an_entry_carries_what_is_known_of_its_finding() -> None:
    one, aside = lived("a"), lived("b")
    name, put = one.finding.fingerprint, aside.finding.fingerprint
    seen = situation(
        one, aside, offers={name: offer(), put: offer()}, not_useful={name: 3}, waivers={put: waiver(aside.finding)},
        snoozes={name: snooze(one.finding, until=NOW)},
    )  # fmt: skip
    (digest,) = digests(seen, [ALL]).digests
    first, second = digest.entries
    assert (first.offer, first.not_useful, first.snooze, first.owner) == (offer(), 3, None, "shop")
    assert (second.standing, second.offer, second.waiver) == (Standing.WAIVED, None, waiver(aside.finding))
    assert isinstance(first.offer, Offer)


def test_an_entry_says_when_its_last_snooze_ended_while_it_stands() -> None:
    lives = (lived("a"), lived("b"), lived("c", Standing.FIXED), lived("d", Standing.UNREAD))
    ends = dict(zip("abcd", (NOW, NOW + DAY, NOW, NOW), strict=True))
    snoozes = {one.finding.fingerprint: snooze(one.finding, until=ends[one.finding.subject.name]) for one in lives}
    (digest,) = digests(situation(*lives, snoozes=snoozes), [ALL]).digests
    woken = {entry.finding.subject.name: (entry.standing, entry.woken) for entry in digest.entries}
    assert woken == {
        "a": (Standing.STANDING, NOW), "b": (Standing.SNOOZED, None), "c": (Standing.FIXED, None),
        "d": (Standing.UNREAD, None),
    }  # fmt: skip


def test_each_channel_escalates_by_its_own_time() -> None:
    made = digests(situation(lived("a")), [ALL, LOUD])
    assert [one.entries[0].escalated for one in made.digests] == [NIGHT - 13 * DAY, None]


def test_quiet_hours_are_each_channels_own() -> None:
    quiet = ChannelOptions.model_validate(
        {"name": "night", "quiet": {"from": "06:00", "to": "08:00", "except_severity": "high"}}
    )
    made = digests(situation(), [ALL, quiet]).digests
    assert [(one.held_until, one.held_except) for one in made] == [(None, None), (NOW + DAY / 24, Severity.HIGH)]


def test_the_night_is_the_same_for_all_channels() -> None:
    seen = situation(blind=("source: prometheus",), next_night=NIGHT + DAY)
    for digest in digests(seen, [ALL, SHOP]).digests:
        assert (digest.night, digest.now, digest.blind, digest.next_night) == (NIGHT, NOW, seen.blind, NIGHT + DAY)
    assert digests(seen, []).digests == ()


names = st.sampled_from(["shop", "web", "data-platform", "ops"])
severities = st.sampled_from(list(Severity))
some_lives = st.lists(
    st.builds(
        lambda number, owner, severity, standing, environment: life(
            finding(subject(f"x{number}", environment, {"owner": owner}), severity=severity), standing
        ),
        st.integers(0, 500), names, severities, st.sampled_from([Standing.NEW, Standing.STANDING, Standing.WORSE]),
        st.sampled_from(["production", "staging"]),
    ),
    max_size=12, unique_by=lambda one: one.finding.fingerprint,
)  # fmt: skip
some_routes = st.builds(
    lambda owner, severity, environment: Route(owners=(owner,), severity=severity, environments=(environment,)),
    st.sampled_from(["*", "shop", "w*", "data-platform"]), severities, st.sampled_from(["*", "prod*"]),
)  # fmt: skip
some_channels = st.lists(st.lists(some_routes, max_size=2), max_size=4)


@settings(max_examples=80, deadline=None)
@given(some_lives, some_channels)
def test_each_finding_is_told_in_each_channel_whose_route_takes_it_and_nowhere_else(
    lives: list[FindingLife], routes: list[list[Route]]
) -> None:
    channels = [ChannelOptions(name=f"c{number}", routes=tuple(one)) for number, one in enumerate(routes)]
    made = digests(situation(*lives), channels)
    for channel, digest in zip(channels, made.digests, strict=True):
        expected = {one.finding.fingerprint for one in lives if any(_takes(route, one) for route in channel.routes)}
        assert {one.fingerprint for one in digest.entries} == expected
        assert len(digest.entries) == len(expected)
        by_standing = [(list(Standing).index(one.standing), order(one.finding)) for one in digest.entries]
        assert by_standing == sorted(by_standing)
    nowhere = {one.finding.fingerprint for one in lives} - {
        one.fingerprint for digest in made.digests for one in digest.entries
    }
    assert {one.fingerprint for one in made.unrouted} == nowhere
    assert all(bool(digest.unrouted) == bool(nowhere) for digest in made.digests)


def _takes(route: Route, one: FindingLife) -> bool:
    found = one.finding
    severe = list(Severity).index(found.severity) <= list(Severity).index(route.severity)
    owner, environment = found.subject.label("owner") or "", found.subject.environment
    return severe and fnmatchcase(owner, route.owners[0]) and fnmatchcase(environment, route.environments[0])
