"""What people and administrators do to a channel, and what a delivery that ended in the middle left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.digest import Digest, Standing
from driftbot.core.message import MessageState
from driftbot.credential import Credential
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.slack.controls import EVENT_TYPE
from tests.notices.digest_scene import DAY, NIGHT, chart, digest, entry, notice
from tests.notifiers.channel_scene import Killed, Moment, kill_at
from tests.notifiers.slack.slack_scene import Scene, scene, words
from tests.servers.slack import client_of

HISTORY = {"channels:history", "groups:history"}
WRITES = {"chat:write", "channels:read", "groups:read"}


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def several(number: int = 0) -> list:  # type: ignore[type-arg]
    return [
        entry(Standing.CHANGED if number else Standing.NEW, "shop/tax", of_finding={"charts": (chart(),)}),
        entry(Standing.STANDING, "shop/billing", escalated=NIGHT),
        entry(Standing.WAIVED, "shop/search"),
    ]


def told(number: int = 0) -> object:
    return digest(*several(number), night=NIGHT + number * DAY, notices=(notice(),))


def test_a_digest_that_somebody_deletes_begins_a_new_thread_and_nothing_of_the_old_one_is_left(slack: Scene) -> None:
    slack.deliver(told())
    before = slack.message("digest")["ts"]
    slack.sandbox.delete_message("sre", before)
    slack.deliver(told(1))
    assert slack.message("digest")["ts"] != before
    assert set(slack.told().values()) == {1}
    assert len(slack.thread()) == len(slack.told()) - 1
    assert slack.sandbox.channel("sre").thread(before) == ()


def test_a_deleted_digest_is_noticed_before_anything_is_put_into_its_thread(slack: Scene) -> None:
    slack.deliver(digest(entry(Standing.STANDING)))
    slack.sandbox.delete_message("sre", slack.message("digest")["ts"])
    slack.deliver(digest(entry(Standing.STANDING), notices=(notice(),)))
    assert set(slack.told().values()) == {1}
    assert len(slack.thread()) == 2


def test_a_deleted_digest_that_says_the_same_is_noticed_all_the_same(slack: Scene) -> None:
    one, two = entry(Standing.NEW, "shop/tax"), entry(Standing.NEW, "shop/billing")
    with pytest.raises(Killed):
        slack.deliver(digest(one, two), boundary=kill_at(6))
    before = slack.message("digest")["ts"]
    assert len(slack.thread()) == 1
    slack.sandbox.delete_message("sre", before)
    slack.deliver(digest(one, two))
    assert set(slack.told().values()) == {1}
    assert len(slack.thread()) == 2
    assert slack.sandbox.channel("sre").thread(before) == ()


@pytest.mark.parametrize("deleted", ["digest", "escalation"])
def test_an_escalation_that_is_gone_asks_nobody_again_until_its_finding_is_back(slack: Scene, deleted: str) -> None:
    asked = entry(Standing.STANDING, "shop/billing", escalated=NIGHT)
    key = f"escalation:{asked.fingerprint}"
    whom = slack.workspace(owners={"data-platform": "U0000000ANN"})
    slack.deliver(digest(asked), workspace=whom)
    assert "<@U0000000ANN>" in words(slack.message(key))
    slack.sandbox.delete_message("sre", slack.message("digest" if deleted == "digest" else key)["ts"])
    for number in range(1, 4):
        slack.deliver(retitled(number), workspace=whom)
        assert slack.told() == Counter({"digest": 1, f"finding:{asked.fingerprint}": 1})
        assert not [one for one in slack.sandbox.channel("sre").everything if "<@U0000000ANN>" in words(one)]
    slack.deliver(digest(entry(Standing.FIXED, "shop/billing"), night=NIGHT + 5 * DAY), workspace=whom)
    slack.deliver(digest(asked, night=NIGHT + 6 * DAY), workspace=whom)
    assert "<@U0000000ANN>" in words(slack.message(key))


def retitled(number: int) -> Digest:
    """The finding on a later night, when all that tells of it says something else."""
    one = entry(Standing.STANDING, "shop/billing", of_finding={"title": f"Title {number}"}, escalated=NIGHT)
    return digest(one, night=NIGHT + number * DAY)


def test_an_entry_that_somebody_deletes_is_told_again_once_there_is_something_to_tell(slack: Scene) -> None:
    slack.deliver(digest(entry(Standing.NEW)))
    key = f"finding:{entry().fingerprint}"
    slack.sandbox.delete_message("sre", slack.message(key)["ts"])
    slack.deliver(digest(entry(Standing.NEW)))
    assert key not in slack.told()
    slack.deliver(digest(entry(Standing.WORSE), night=NIGHT + DAY))
    assert slack.told() == Counter({"digest": 1, key: 1})


def test_a_workspace_that_lets_nothing_be_edited_has_one_digest_all_the_same(slack: Scene) -> None:
    slack.deliver(told())
    slack.sandbox.fail_next("chat.update", "edit_window_closed", 20)
    slack.deliver(told(1))
    assert set(slack.told().values()) == {1}
    assert len(slack.thread()) == len(slack.told()) - 1


def test_a_last_word_that_may_not_be_said_any_more_is_no_word_at_all(slack: Scene) -> None:
    slack.deliver(digest(entry()))
    slack.sandbox.fail_next("chat.update", "edit_window_closed", 9)
    slack.deliver(digest(entry(), night=NIGHT))
    slack.deliver(digest(night=NIGHT + DAY))
    assert slack.told() == Counter({"digest": 1})


@pytest.mark.parametrize(
    ("error", "said", "step"),
    [
        ("is_archived", "the channel is archived", "Unarchive"),
        ("not_in_channel", "the app is not in the channel", "/invite"),
        ("channel_not_found", "there is no such channel", "/invite"),
        ("restricted_action", "lets not everybody post", "administrator"),
        ("token_revoked", "the token was revoked", "Install the app again"),
        ("invalid_auth", "the token is not valid", "Install the app again"),
        ("account_inactive", "was removed", "Install the app again"),
    ],
)
def test_a_channel_that_cannot_be_told_says_why_and_what_to_do(slack: Scene, error: str, said: str, step: str) -> None:
    slack.deliver(digest())
    slack.sandbox.fail_next("*", error, 9)
    with pytest.raises(DeliveryFailed, match=said) as caught:
        slack.deliver(told(1))
    assert caught.value.reason.startswith("channel sre (#sre): ")
    assert f"({error})" in caught.value.reason
    assert step in caught.value.next_step
    slack.sandbox.heal()
    slack.deliver(told(1))
    assert set(slack.told().values()) == {1}


def test_an_archived_channel_gets_everything_once_it_is_back(slack: Scene) -> None:
    slack.deliver(told())
    slack.sandbox.archive("sre")
    with pytest.raises(DeliveryFailed, match="archived"):
        slack.deliver(digest(night=NIGHT + DAY))
    slack.sandbox.archive("sre", False)
    slack.deliver(digest(night=NIGHT + DAY))
    assert "not told here any more" in words(slack.message(f"finding:{several()[0].fingerprint}"))


def test_a_channel_that_was_made_anew_under_its_name_is_found(slack: Scene) -> None:
    slack.deliver(told())
    old = slack.sandbox.channel("sre").id
    slack.sandbox.archive("sre")
    slack.sandbox.rename_channel("sre", "sre-old")
    slack.sandbox.add_channel("sre")
    slack.deliver(told(1))
    assert slack.sandbox.channel("sre").id != old
    assert set(slack.told().values()) == {1}
    assert {message.place for message in slack.memory.book.values()} == {slack.sandbox.channel("sre").id}


def test_a_channel_that_the_app_cannot_see_is_no_defect(slack: Scene) -> None:
    slack.sandbox.add_channel("secret", private=True, member=False)
    with pytest.raises(DeliveryFailed, match="no channel #secret that the app can see") as caught:
        slack.deliver(digest(), channel="#secret")
    assert "Unarchive" in caught.value.next_step and "/invite" in caught.value.next_step
    with pytest.raises(DeliveryFailed, match="channel_not_found"):
        slack.deliver(digest(), channel=slack.sandbox.channel("secret").id)


def test_a_missing_scope_is_named(slack: Scene) -> None:
    slack.token.write_text(slack.sandbox.token_with({"channels:read"}))
    with pytest.raises(DeliveryFailed, match="it needs chat:write and has channels:read") as caught:
        slack.deliver(digest())
    assert "Add the scope" in caught.value.next_step


def test_without_the_right_to_upload_everything_but_the_charts_is_told(slack: Scene) -> None:
    slack.token.write_text(slack.sandbox.token_with(WRITES | HISTORY))
    charted = [entry(Standing.NEW, f"shop/{one}", of_finding={"charts": (chart(),)}) for one in range(5)]
    delivered = slack.deliver(digest(*charted))
    assert len(delivered.problems) == 1
    assert "no charts are shown" in delivered.problems[0] and "files:write" in delivered.problems[0]
    assert len(slack.told()) == 6
    assert len([call for call in slack.calls() if call.startswith("files.")]) == 1


def test_no_token_no_workspace_and_a_token_in_the_clear_are_told_and_nothing_is_sent(slack: Scene) -> None:
    slack.token.write_text("")
    with pytest.raises(DeliveryFailed, match="is empty"):
        slack.deliver(digest())
    slack.token.write_text("xoxb-1")
    open_air = slack.workspace().model_copy(update={"url": "http://slack.example.org/api/"})
    with pytest.raises(DeliveryFailed, match=r"not sent to http://slack\.example\.org/api/"):
        slack.deliver(digest(), workspace=open_air)
    elsewhere = slack.workspace(url="http://127.0.0.1:9/api/", token=Credential(file=str(slack.token)))
    with pytest.raises(DeliveryFailed, match="it was not reached"):
        slack.deliver(digest(), workspace=elsewhere)


def test_a_limit_beyond_the_deadline_leaves_the_rest_to_the_next_delivery(slack: Scene) -> None:
    slack.deliver(digest())
    slack.sandbox.fail_next("chat.postMessage", "rate_limited", 1, retry_after=3600)
    delivered = slack.deliver(told(1))
    assert (delivered.posted, delivered.edited, delivered.problems) == (0, 1, ())
    assert delivered.left == 6
    assert slack.deliver(told(1)).posted == 6
    assert set(slack.told().values()) == {1}


def test_a_limit_within_the_deadline_is_waited_for_as_long_as_slack_asks(slack: Scene) -> None:
    slack.sandbox.fail_next("chat.postMessage", "rate_limited", 2, retry_after=17)
    slack.deliver(digest())
    assert slack.moment.slept == [17.0, 17.0]


def test_a_limit_while_the_channel_is_looked_up_leaves_everything(slack: Scene) -> None:
    slack.sandbox.fail_next("conversations.list", "rate_limited", 1, retry_after=3600)
    assert slack.deliver(digest(entry())).left == 2


def test_slacks_own_limits_are_kept_to(slack: Scene) -> None:
    slack.sandbox.limit_rates()
    delivered = slack.deliver(digest(*(entry(Standing.NEW, f"shop/job-{one}") for one in range(20))))
    assert (delivered.posted, delivered.left, delivered.problems) == (21, 0, ())
    assert slack.moment.slept
    assert set(slack.told().values()) == {1}


def test_when_the_time_is_over_the_rest_waits(slack: Scene) -> None:
    calls: list[str] = []

    def boundary(name: str) -> None:
        calls.append(name)
        if len(calls) == 7:
            slack.moment.now += timedelta(hours=1)

    delivered = slack.deliver(told(), boundary=boundary)
    assert 0 < delivered.posted < 7
    assert delivered.posted + delivered.left == 7
    assert slack.deliver(told()).posted == delivered.left
    assert set(slack.told().values()) == {1}


def test_words_that_slack_does_not_take_are_told_without_their_details_once(slack: Scene) -> None:
    slack.sandbox.fail_next("chat.postMessage", "invalid_blocks")
    delivered = slack.deliver(digest(entry()))
    assert "digest is told without its details" in delivered.problems[0]
    assert slack.told() == Counter({"digest": 1, f"finding:{entry().fingerprint}": 1})
    again = slack.deliver(digest(entry()))
    assert (again.edited, again.problems) == (0, ())


def test_a_message_that_slack_refuses_for_reasons_unknown_does_not_keep_the_others(slack: Scene) -> None:
    slack.deliver(digest())
    slack.sandbox.fail_next("chat.postMessage", "some_new_error", 1)
    delivered = slack.deliver(told(1))
    assert "some_new_error" in delivered.problems[0]
    assert delivered.posted == 5
    slack.deliver(told(1))
    assert set(slack.told().values()) == {1}


def test_a_channel_that_refuses_everything_is_given_up(slack: Scene) -> None:
    slack.deliver(digest())
    slack.sandbox.fail_next("chat.postMessage", "some_new_error", 99)
    many = [entry(Standing.NEW, f"shop/job-{one}") for one in range(50)]
    slack.calls()
    with pytest.raises(DeliveryFailed, match="some_new_error"):
        slack.deliver(digest(*many, night=NIGHT + DAY))
    assert len(slack.calls()) < 8


def test_a_month_of_nights_that_could_not_be_told_is_one_digest(slack: Scene) -> None:
    slack.deliver(told())
    slack.sandbox.revoke(slack.sandbox.token)
    for number in range(1, 30):
        with pytest.raises(DeliveryFailed, match="revoked"):
            slack.deliver(told(number))
    slack.sandbox.revoke(slack.sandbox.token, False)
    delivered = slack.deliver(told(30))
    assert (delivered.posted, delivered.edited) == (0, 2)
    assert set(slack.told().values()) == {1}


def test_a_delivery_killed_at_each_boundary_is_gone_on_with(slack: Scene) -> None:
    for number in range(1, 60):
        slack.sandbox.add_channel(f"killed-{number}")
        slack.channel = f"killed-{number}"
        slack.memory.book.clear()
        try:
            slack.deliver(told(), boundary=kill_at(number))
        except Killed:
            slack.deliver(told())
            assert set(slack.told().values()) == {1}, number
            assert len(slack.told()) == 7
            continue
        assert number > 20
        return
    raise AssertionError("there are more boundaries than that")


def test_an_intended_message_is_looked_for_however_our_clock_goes(slack: Scene) -> None:
    ahead = Scene(slack.sandbox, slack.token, Moment(slack.moment.now + timedelta(hours=20)))
    with pytest.raises(Killed):
        ahead.deliver(digest(), boundary=kill_at(2))
    assert ahead.memory.book["digest"].state is MessageState.INTENDED
    assert ahead.told() == Counter({"digest": 1})
    slack.memory = ahead.memory
    assert slack.deliver(digest()).posted == 0
    assert slack.told() == Counter({"digest": 1})


@pytest.mark.parametrize("at", [1, 2])
def test_the_entry_of_an_earlier_life_is_not_taken_for_the_new_one(slack: Scene, at: int) -> None:
    new, fixed = entry(Standing.NEW), entry(Standing.FIXED)
    for number, one in enumerate((new, fixed)):
        slack.moment.now += DAY
        slack.deliver(digest(one, night=NIGHT + number * DAY))
    slack.moment.now += DAY
    slack.deliver(digest(night=NIGHT + 2 * DAY))
    back = digest(new, night=NIGHT + 3 * DAY)
    with pytest.raises(Killed):
        slack.deliver(back, boundary=kill_at(2 + at))
    slack.deliver(back)
    assert [("Fixed" in words(one)) for one in slack.thread()] == [True, False]


def test_what_others_post_with_our_metadata_is_not_taken_for_ours(slack: Scene) -> None:
    with pytest.raises(Killed):
        slack.deliver(digest(), boundary=kill_at(1))
    other = slack.memory.book["digest"]
    mark = {"event_type": EVENT_TYPE, "event_payload": {"channel": "payments", "key": "digest"}}
    client_of(slack.sandbox).chat_postMessage(channel="sre", text="another channel of ours", metadata=mark)
    slack.sandbox.write("U0000000ANN", "sre", "driftbot_message digest")
    slack.deliver(digest())
    assert slack.memory.book["digest"].reference != other.reference
    assert slack.memory.book["digest"].reference == slack.message_of("sre", "digest")["ts"]


def test_of_two_messages_that_came_through_after_all_one_stays(slack: Scene) -> None:
    with pytest.raises(Killed):
        slack.deliver(digest(), boundary=kill_at(2))
    first = slack.message("digest")
    client_of(slack.sandbox).chat_postMessage(channel="sre", text="late", metadata=first["metadata"])
    assert slack.told() == Counter({"digest": 2})
    slack.deliver(digest())
    assert slack.message("digest")["ts"] == first["ts"]


def test_history_that_may_not_be_read_keeps_anything_from_being_told_twice(slack: Scene) -> None:
    with pytest.raises(Killed):
        slack.deliver(digest(), boundary=kill_at(2))
    slack.token.write_text(slack.sandbox.token_with(WRITES))
    for _ in range(2):
        with pytest.raises(DeliveryFailed, match="it needs channels:history") as caught:
            slack.deliver(digest())
        assert "Add the scope" in caught.value.next_step
    assert slack.told() == Counter({"digest": 1})
    slack.token.write_text(slack.sandbox.token_with(WRITES | HISTORY))
    assert slack.deliver(digest()).posted == 0


def test_a_stop_while_slack_is_waited_for_ends_the_delivery(slack: Scene) -> None:
    slack.sandbox.fail_next("conversations.list", "rate_limited", 1, retry_after=30)

    def stopped(_: float) -> None:
        raise DeliveryFailed("it was stopped (SIGTERM)", "`driftbot deliver` goes on from here.")

    slack.moment.sleep = stopped  # type: ignore[method-assign]
    with pytest.raises(DeliveryFailed) as caught:
        slack.deliver(digest())
    assert caught.value.reason == "it was stopped (SIGTERM)"
    del slack.moment.sleep  # type: ignore[method-assign]
    slack.deliver(digest())
    assert slack.told() == Counter({"digest": 1})
