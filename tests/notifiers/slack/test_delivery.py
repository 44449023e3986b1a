"""A digest becomes one message with a thread, edited over its life; what is told is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.digest import Entry, Standing
from driftbot.core.rule import Severity
from driftbot.notifiers.notifier import DeliveryFailed
from tests.notices.digest_scene import DAY, NIGHT, NOW, chart, digest, entry, notice
from tests.notifiers.channel_scene import Killed, kill_at
from tests.notifiers.slack.slack_scene import READS, Scene, scene, words

ESCALATED = {"escalated": NIGHT}


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def named(name: str, standing: Standing = Standing.NEW, severity: Severity = Severity.HIGH, **changes: object) -> Entry:
    return entry(standing, name, of_finding={"severity": severity}, **changes)  # type: ignore[arg-type]


def charted(name: str, standing: Standing = Standing.NEW) -> Entry:
    return entry(standing, name, of_finding={"charts": (chart(),)})


def test_a_digest_is_one_message_and_its_details_are_in_its_thread(slack: Scene) -> None:
    one, two = named("shop/billing", Standing.STANDING, **ESCALATED), charted("shop/tax")
    delivered = slack.deliver(digest(one, two, notices=(notice(),)))
    keys = [*slack.told()]
    assert keys[0] == "digest"
    assert set(keys) == {
        "digest",
        f"finding:{one.fingerprint}",
        f"escalation:{one.fingerprint}",
        f"finding:{two.fingerprint}",
        *(key for key in keys if key.endswith(".png") and two.fingerprint in key),
        f"notice:{notice().fingerprint}:escalated",
    }
    assert set(slack.told().values()) == {1}
    assert len(slack.thread()) == 5
    assert (delivered.posted, delivered.edited, delivered.left, delivered.problems) == (6, 0, 0, ())


def test_the_same_digest_twice_is_nothing_and_asks_slack_nothing(slack: Scene) -> None:
    told = digest(named("shop/billing"), charted("shop/tax"), notices=(notice(),))
    slack.deliver(told)
    slack.calls()
    delivered = slack.deliver(replace(told, now=told.now + timedelta(hours=3)))
    assert slack.calls() == []
    assert (delivered.posted, delivered.edited, delivered.unchanged) == (0, 0, 5)


def test_a_week_is_one_digest_edited_each_night_and_one_entry_for_a_finding(slack: Scene) -> None:
    nights = [
        entry(standing, of_life={"last_seen": NIGHT + number * DAY})
        for number, standing in enumerate(
            [Standing.NEW, Standing.STANDING, Standing.WORSE, Standing.SNOOZED, Standing.STANDING, Standing.WAIVED]
        )
    ]
    for number, one in enumerate(nights):
        slack.moment.now = NOW + number * DAY
        slack.deliver(digest(one, night=NIGHT + number * DAY, next_night=NIGHT + (number + 1) * DAY))
    assert slack.told() == Counter({"digest": 1, f"finding:{nights[0].fingerprint}": 1})
    assert slack.message("digest")["edits"] == 5
    assert "Waived" in words(slack.message(f"finding:{nights[0].fingerprint}"))


def test_a_fixed_finding_keeps_its_last_word_and_comes_back_as_a_new_entry(slack: Scene) -> None:
    new, fixed = named("shop/billing"), named("shop/billing", Standing.FIXED)
    key = f"finding:{new.fingerprint}"
    slack.deliver(digest(new))
    slack.deliver(digest(fixed))
    assert "Fixed" in words(slack.message(key))
    slack.deliver(digest(night=NIGHT + DAY))
    assert "Fixed" in words(slack.message(key))
    slack.deliver(digest(new, night=NIGHT + 2 * DAY))
    assert slack.told()[key] == 2
    assert [("Fixed" in words(one)) for one in slack.thread()] == [True, False]


def test_a_finding_whose_waiver_ended_is_told_where_people_see_it_once(slack: Scene) -> None:
    key = f"finding:{named('shop/billing').fingerprint}"
    slack.deliver(digest(named("shop/billing")))
    slack.deliver(digest(named("shop/billing", Standing.WAIVED)))
    back = digest(named("shop/billing"), night=NIGHT + DAY)
    slack.moment.now = NOW + DAY
    held = slack.deliver(replace(back, held_until=NOW + 2 * DAY))
    assert (slack.told()[key], held.posted, held.left) == (1, 0, 1)
    slack.moment.now = NOW + 2 * DAY
    assert slack.deliver(back).posted == 1
    assert slack.deliver(back).posted == 0
    assert [("told anew below" in words(one)) for one in slack.thread()] == [True, False]
    assert [one["ts"] for one in slack.sandbox.channel("sre").messages][-1] == slack.thread()[-1]["ts"]


@pytest.mark.parametrize("standing", [Standing.STANDING, Standing.WORSE, Standing.NEW])
def test_a_finding_whose_snooze_ended_is_told_where_people_see_it_once(slack: Scene, standing: Standing) -> None:
    key = f"finding:{named('shop/billing').fingerprint}"
    slack.deliver(digest(named("shop/billing")))
    slack.deliver(digest(named("shop/billing", Standing.SNOOZED)))
    back = digest(named("shop/billing", standing, woken=NOW + DAY))
    assert slack.deliver(back).posted == 0, "it ends ahead of the clock"
    slack.moment.now = NOW + DAY
    slack.deliver(digest(named("shop/billing", Standing.SNOOZED)))
    slack.moment.now += DAY
    back = digest(named("shop/billing", standing, woken=slack.moment.now - DAY / 2))
    held = slack.deliver(replace(back, held_until=NOW + 3 * DAY))
    assert (slack.told()[key], held.posted, held.left) == (1, 0, 1)
    assert slack.deliver(back).posted == 1
    assert slack.deliver(back).posted == 0
    slack.moment.now += DAY
    assert slack.deliver(replace(back, night=NIGHT + DAY)).posted == 0
    assert [("told anew below" in words(one)) for one in slack.thread()] == [True, False]
    assert [one["ts"] for one in slack.sandbox.channel("sre").messages][-1] == slack.thread()[-1]["ts"]


def test_a_night_ahead_of_the_clock_posts_nothing_anew_for_ever(slack: Scene) -> None:
    ahead = digest(named("shop/billing"), night=NOW + DAY)
    assert slack.deliver(ahead).posted == 2
    assert slack.deliver(ahead).posted == 0


def test_what_was_fixed_while_nobody_delivered_is_not_left_standing_as_drift(slack: Scene) -> None:
    one = named("shop/billing")
    slack.deliver(digest(one))
    slack.deliver(digest(night=NIGHT + 5 * DAY))
    assert "not told here any more" in words(slack.message(f"finding:{one.fingerprint}"))
    assert f"finding:{one.fingerprint}" not in slack.memory.book


def test_a_fixed_finding_that_nobody_was_told_of_gets_no_entry(slack: Scene) -> None:
    slack.deliver(digest(named("shop/billing", Standing.FIXED), named("shop/tax", Standing.WAIVED)))
    assert set(slack.told()) == {"digest", "rest:1"}


def test_only_bad_new_findings_are_seen_in_the_channel_and_not_too_many(slack: Scene) -> None:
    entries = [
        *(named(f"shop/new-{number}") for number in range(4)),
        named("shop/old", Standing.STANDING),
        named("shop/low", severity=Severity.LOW),
    ]
    slack.deliver(digest(*entries), broadcasts=3)
    shown = {one["metadata"]["event_payload"]["key"] for one in slack.sandbox.channel("sre").messages}
    assert shown == {"digest", *(f"finding:{one.fingerprint}" for one in entries[:3])}


def test_escalations_and_notices_do_not_flood_the_channel_either(slack: Scene) -> None:
    entries = [named(f"shop/old-{number}", Standing.STANDING, **ESCALATED) for number in range(9)]
    notices = tuple(notice(fingerprint=f"{number:012d}") for number in range(9))
    slack.deliver(digest(*entries, notices=notices), broadcasts=2)
    assert len(slack.sandbox.channel("sre").messages) == 1 + 2 + 2
    assert len(slack.told()) == 1 + 9 + 9 + 9


def test_what_was_shown_already_takes_no_place_from_what_is_new(slack: Scene) -> None:
    one, two = named("shop/new-1"), named("shop/new-2")
    slack.deliver(digest(one), broadcasts=1)
    slack.deliver(digest(one, two), broadcasts=1)
    assert len(slack.sandbox.channel("sre").messages) == 3


def test_quiet_hours_hold_back_what_is_new_and_edit_what_stands(slack: Scene) -> None:
    old, new = named("shop/old"), named("shop/new")
    slack.deliver(digest(old))
    quiet = {"held_until": NOW + timedelta(hours=2), "night": NIGHT + DAY}
    worse = named("shop/old", Standing.WORSE)
    delivered = slack.deliver(digest(worse, new, **quiet, notices=(notice(),)))
    assert set(slack.told()) == {"digest", f"finding:{old.fingerprint}"}
    assert "Worse" in words(slack.message(f"finding:{old.fingerprint}"))
    assert (delivered.posted, delivered.edited, delivered.left) == (0, 2, 2)
    delivered = slack.deliver(digest(worse, new, night=NIGHT + DAY, notices=(notice(),)))
    assert (delivered.posted, delivered.left) == (2, 0)


def test_a_first_delivery_in_quiet_hours_says_nothing_unless_something_is_bad_enough(slack: Scene) -> None:
    low, bad = named("shop/low", severity=Severity.LOW), named("shop/bad", severity=Severity.CRITICAL)
    quiet = {"held_until": NOW + timedelta(hours=2), "held_except": Severity.CRITICAL}
    assert slack.deliver(digest(low, **quiet)).left == 2
    assert slack.told() == Counter()
    assert slack.deliver(digest(low, bad, **quiet)).left == 1
    assert set(slack.told()) == {"digest", f"finding:{bad.fingerprint}"}


def test_a_chart_is_sent_once_a_change_with_words_for_those_who_cannot_see_it(slack: Scene) -> None:
    slack.deliver(digest(charted("shop/tax")))
    slack.deliver(digest(charted("shop/tax", Standing.STANDING), night=NIGHT + DAY))
    (picture,) = [one for one in slack.thread() if one.get("files")]
    assert "duration" in picture["text"]
    assert picture["files"][0]["alt_txt"] == "", "Slack does not show a file that has it"
    assert picture["files"][0]["mimetype"] == "image/png"
    longer = replace(chart(), times=chart().times[:-1], values=chart().values[:-1])
    worse = entry(Standing.WORSE, "shop/tax", of_finding={"charts": (longer,)})
    slack.deliver(digest(worse, night=NIGHT + 2 * DAY))
    slack.deliver(digest(worse, night=NIGHT + 2 * DAY))
    assert len([one for one in slack.thread() if one.get("files")]) == 2


def test_charts_can_be_switched_off_and_are_the_worst_ones(slack: Scene) -> None:
    bad = replace(charted("shop/tax"), life=replace(charted("shop/tax").life))
    slack.deliver(digest(charted("shop/billing"), bad), charts=1)
    assert len([one for one in slack.thread() if one.get("files")]) == 1


def test_markup_in_any_label_stays_text(slack: Scene) -> None:
    nasty = "<!channel> <@U0000000ANN> *bold* <script>alert(1)</script> & \u202e" + "x" * 5000
    one = entry(
        Standing.NEW,
        nasty,
        of_finding={"message": nasty, "title": nasty, "observed": nasty, "charts": (chart(),)},
        owner=nasty,
    )
    delivered = slack.deliver(digest(one, notices=(notice(title=nasty, body=nasty),)))
    assert delivered.problems == ()
    for message in slack.sandbox.channel("sre").everything:
        markup = [part for block in message.get("blocks", ()) for part in texts(block)]
        for told in [message["text"], *markup]:
            assert "<!channel>" not in told and "<@U" not in told and "<script" not in told


def texts(part: object) -> Iterator[str]:
    """All markup of a block."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from texts(value)
    if isinstance(part, list):
        for value in part:
            yield from texts(value)


def test_ten_thousand_findings_are_a_bounded_number_of_calls(slack: Scene) -> None:
    several = [named(f"shop/job-{number}", **ESCALATED) for number in range(10_000)]
    delivered = slack.deliver(digest(*several))
    first = slack.calls()
    assert delivered.posted == 1 + 50 + 50 + 10
    assert len(first) <= delivered.posted + 2
    assert len(slack.thread()) == delivered.posted - 1
    better = [named(f"shop/job-{number}", Standing.STANDING) for number in range(10_000)]
    slack.deliver(digest(*better, night=NIGHT + DAY))
    assert len([call for call in slack.calls() if call not in READS]) <= 1 + 50 + 10
    few = slack.deliver(digest(*better[:3], night=NIGHT + 2 * DAY))
    assert (few.posted, few.problems) == (0, ())
    assert set(slack.memory.book) == {"place", "digest", *(f"finding:{one.fingerprint}" for one in better[:3])}
    assert not [key for key in slack.told() if key.startswith("rest:")]


def test_an_entry_that_is_overtaken_stays_until_it_is_far_behind(slack: Scene) -> None:
    low = [named(f"shop/low-{number}", severity=Severity.LOW) for number in range(3)]
    high = [named(f"shop/high-{number}", severity=Severity.HIGH) for number in range(6)]
    slack.deliver(digest(*low), entries=3)
    slack.deliver(digest(*low, *high[:2]), entries=3)
    assert all(f"finding:{one.fingerprint}" in slack.memory.book for one in low)
    slack.deliver(digest(*low, *high), entries=3)
    for one in low:
        assert f"finding:{one.fingerprint}" not in slack.memory.book
        assert "listed below" in words(slack.message(f"finding:{one.fingerprint}"))
    assert low[0].fingerprint in words(slack.message("rest:1"))


def test_a_channel_is_looked_up_once_and_may_be_renamed(slack: Scene) -> None:
    slack.deliver(digest())
    slack.sandbox.rename_channel("sre", "sre-alerts")
    slack.calls()
    slack.channel = "sre-alerts"
    slack.deliver(digest(night=NIGHT + DAY), channel="#sre")
    assert slack.calls() == ["chat.update"]
    assert slack.told() == Counter({"digest": 1})


def test_another_channel_in_the_configuration_is_told_in_the_old_one(slack: Scene) -> None:
    one = named("shop/billing")
    slack.deliver(digest(one))
    slack.deliver(digest(one), channel="#payments")
    place = slack.sandbox.channel("payments").id
    for key in ("digest", f"finding:{one.fingerprint}"):
        assert f"<#{place}>" in words(slack.message(key, "sre"))
        assert f"<#{place}>" not in words(slack.message(key, "payments"))
    assert {message.place for message in slack.memory.book.values()} == {place}


def test_a_mistyped_channel_takes_nothing_from_the_old_one_which_goes_on_once_that_is_mended(slack: Scene) -> None:
    one = named("shop/billing")
    told = digest(one, notices=(notice(),))
    slack.deliver(told)
    before = slack.sandbox.channel("sre").everything
    for _ in range(2):
        with pytest.raises(DeliveryFailed, match="channel_not_found"):
            slack.deliver(told, channel="C0999999999")
    assert slack.sandbox.channel("sre").everything == before
    again = slack.deliver(told)
    assert (again.posted, again.edited, again.unchanged) == (0, 0, 3)
    assert slack.sandbox.channel("sre").everything == before
    assert not [key for key in slack.memory.book if key.startswith("left:")]


def test_a_channel_that_is_told_in_quiet_hours_only_takes_over_when_it_has_its_digest(slack: Scene) -> None:
    told = digest(named("shop/billing"))
    slack.deliver(told)
    slack.deliver(replace(told, held_until=NOW + DAY), channel="#payments")
    assert "Moved" not in words(slack.message("digest", "sre"))
    slack.deliver(told, channel="#payments")
    assert "Moved" in words(slack.message("digest", "sre"))
    assert slack.told("payments") == slack.told("sre")


def test_moving_that_is_killed_at_each_boundary_is_told_once_in_each_place(slack: Scene) -> None:
    one = named("shop/billing")
    for number in range(1, 60):
        slack.memory.book.clear()
        slack.sandbox.add_channel(f"old-{number}")
        slack.sandbox.add_channel(f"new-{number}")
        slack.deliver(digest(one), channel=f"#old-{number}")
        try:
            slack.deliver(digest(one), channel=f"#new-{number}", boundary=kill_at(number))
        except Killed:
            slack.deliver(digest(one), channel=f"#new-{number}")
            for place in (f"old-{number}", f"new-{number}"):
                assert slack.told(place) == Counter({"digest": 1, f"finding:{one.fingerprint}": 1})
                moved = "Moved" in words(slack.message("digest", place))
                assert moved is place.startswith("old")
            continue
        assert number > 8
        return
    raise AssertionError("there are more boundaries than that")


def test_pages_that_are_not_needed_any_more_are_deleted(slack: Scene) -> None:
    many = [named(f"shop/job-{number}") for number in range(120)]
    slack.deliver(digest(*many), entries=1)
    pages = [key for key in slack.told() if key.startswith("rest:")]
    assert len(pages) > 1
    slack.deliver(digest(*many[:5]), entries=1)
    assert [key for key in slack.told() if key.startswith("rest:")] == ["rest:1"]
