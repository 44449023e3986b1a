"""The living digest: a reader knows in five seconds whether there is anything to do, and that somebody looked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from driftbot.core.coverage import AcceptedGap
from driftbot.core.digest import Counts, Digest, Entry, Standing
from driftbot.core.excuse import Approval
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.core.run import RunState
from driftbot.core.silence import Silence, SilenceState
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.options import SlackOptions
from tests.notices.digest_scene import DAY, NIGHT, NOW, digest, entry, notice, offer, silence, subject
from tests.notifiers.slack.hostile import HOSTILE, WORKSPACE, full_entry
from tests.notifiers.slack.payload_checks import faults, texts
from tests.notifiers.slack.runs import run

OPTIONS = SlackOptions(name="sre", channel="#sre")


def payload(told: Digest) -> dict[str, Any]:
    return digest_message(told, OPTIONS, WORKSPACE).payload()


def heading(told: Digest) -> str:
    words: str = payload(told)["blocks"][0]["text"]["text"]
    return words


def first(told: Digest) -> str:
    """What stands below the heading: what there is to do, and the heartbeat."""
    words: str = payload(told)["blocks"][1]["text"]["text"]
    return words


def whole(told: Digest) -> str:
    return "\n".join(text for text, _ in texts(payload(told)["blocks"]))


BILLING = "• *high* `job-deadline-headroom` `job:production/shop/billing`"
LOW = {"severity": Severity.LOW}


@pytest.mark.parametrize(
    ("told", "head", "todo"),
    [
        (digest(), "🟢 No drift", "*Nothing to do.*"),
        (digest(counts=Counts(drift=3)), "🟢 Nothing for this channel", "*Nothing to do.*"),
        (digest(exit_code=None, counts=Counts()), "⚪ Nothing was judged", "*Nothing to do.*"),
        (digest(entry()), "🔴 1 new finding, the worst is high", "*To do:* look at 1 finding"),
        (digest(entry(of_finding=LOW)), "🟠 1 new finding, the worst is low", "*To do:* look at 1 finding"),
        (
            digest(entry(of_finding=LOW), entry(Standing.WORSE)),
            "🔴 1 new finding and 1 that got worse, the worst is high",
            "*To do:* look at 2 findings",
        ),
        (digest(entry(Standing.WORSE)), "🔴 1 finding got worse, the worst is high", "*To do:* look at 1 finding"),
        (digest(entry(Standing.STANDING)), "🟡 Nothing new; 1 finding still stands", "*Nothing new to do.*"),
        (
            digest(entry(Standing.STANDING), entry(Standing.CHANGED)),
            "🟡 Nothing new; 2 findings still stand",
            "*Nothing new to do.*",
        ),
        (
            digest(entry(Standing.STANDING, offer=offer())),
            "🟠 Nothing new; 1 fix can be approved",
            "*To do:* approve or leave 1 fix",
        ),
        (
            digest(entry(Standing.STANDING, run=run(RunState.UNCERTAIN))),
            "🟠 1 fix cannot go on without a person",
            "*To do:* settle 1 run",
        ),
        (
            digest(entry(Standing.STANDING, escalated=NIGHT)),
            "🟡 Nothing new; 1 finding still stands",
            "*To do:* mend 1 finding that stood too long",
        ),
        (digest(silences=(silence(),)), "🟠 Nothing new; 1 waiver needs a decision", "*To do:* decide on 1 waiver"),
        (
            digest(exit_code=ExitCode.BLIND, blind=("a", "b")),
            "⚫ Blind in part: 2 things could not be read",
            "*To do:* find out why 2 things could not be read",
        ),
        (
            digest(exit_code=ExitCode.BLIND),
            "⚫ Blind in part: not everything could be read",
            "*To do:* find out why not everything could be read",
        ),
        (
            digest(entry(), exit_code=ExitCode.BLIND),
            "🔴 1 new finding, the worst is high; blind in part",
            "*To do:* look at 1 finding; find out why not everything could be read",
        ),
        (digest(entry(Standing.SNOOZED, offer=offer())), "🟢 Nothing new; 1 finding is snoozed", "*Nothing to do.*"),
        (digest(entry(Standing.WAIVED)), "🟢 No drift", "*Nothing to do.*"),
        (digest(entry(Standing.UNREAD)), "🟢 No drift", "*Nothing to do.*"),
        (digest(entry(Standing.FIXED)), "🟢 No drift", "*Nothing to do.*"),
    ],
)
def test_the_heading_says_what_is_worst_and_what_there_is_to_do(told: Digest, head: str, todo: str) -> None:
    assert heading(told) == head
    assert first(told).splitlines()[0] == todo


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (Counts(unknown=3, ok=211), "0 drift, 214 checks, 3 unknown · as judged in the night of <!date^1777861800^"),
        (Counts(drift=1), "1 drift, 1 check, 0 unknown · "),
        (Counts(12_345, 2, 1, 9_000), "12,345 drift, 21,348 checks, 2 unknown, 1 waived · "),
    ],
)
def test_the_heartbeat_says_that_somebody_looked(counts: Counts, told: str) -> None:
    assert first(digest(counts=counts)).splitlines()[1].startswith(told)
    assert told.partition(" ·")[0] in payload(digest(counts=counts))["text"]


@pytest.mark.parametrize(
    ("told", "part"),
    [
        (digest(entry()), f"*New* (1)\n{BILLING} – 1h50m, expected at most 1h24m = 0.7 × 2h (data-platform)"),
        (digest(entry(of_finding=LOW)), "• low `job-deadline-headroom`"),
        (digest(entry(Standing.WORSE)), f"*Worse* (1)\n{BILLING} – 1h40m → 1h50m"),
        (digest(entry(Standing.CHANGED)), "*Changed* (1)\n"),
        (digest(entry(Standing.FIXED)), f"*Fixed* (1)\n{BILLING} – stood since 2026-04-14"),
        (digest(entry(offer=offer())), "*Can be approved* (1)\n"),
        (digest(entry(Standing.STANDING, run=run(RunState.UNCERTAIN))), "*Waits for a person* (1)\n"),
        (digest(entry(Standing.STANDING, run=run(RunState.WAITING))), "*Being fixed* (1)\n"),
        (digest(entry(Standing.STANDING, escalated=NIGHT)), "*Stood too long, its owner is asked* (1)\n"),
        (digest(blind=("jobs/a.yaml:3: no YAML",)), "*Could not be read* (1)\n• jobs/a.yaml:3: no YAML"),
        (digest(silences=(silence(),)), "*Silences that need a decision* (1)\n• waiver of `job-deadline-headroom`"),
        (digest(silences=(silence(),)), "ends on 2026-05-14, by Ada &lt;ada@example.org&gt;"),
        (digest(entry(Standing.STANDING), entry(Standing.UNREAD)), "also 1 standing as before, 1 not readable"),
        (digest(entry(Standing.SNOOZED), entry(Standing.WAIVED)), "also 1 snoozed, 1 waived · details in the thread"),
        (digest(notices=(notice(), notice())), "2 notices in the thread"),
        (digest(held_until=NOW), "quiet until <!date^1777878000^"),
        (digest(), "next night <!date^1777948200^"),
    ],
)  # fmt: skip
def test_it_lists_what_happened(told: Digest, part: str) -> None:
    assert part in whole(told)


@pytest.mark.parametrize(
    ("about", "part"),
    [
        (
            Silence(AcceptedGap("manifests:charts/a.yaml", "ada", "a template", NOW + DAY), SilenceState.ENDS_SOON, ""),
            "• accepted gap `manifests:charts/a.yaml` – ends on 2026-05-05, by ada",
        ),
        (
            Silence(
                Approval(subject().id, "timeout.deadline", "2h", "Ann", "as agreed", NOW),
                SilenceState.MATCHES_NOTHING,
                "no fact has this key",
            ),
            "• approval of `timeout.deadline` `job:production/shop/billing` – no fact has this key, by Ann",
        ),
        (silence(state=SilenceState.OVERDUE), "– it ends in 10 days, by Ada"),
    ],
)
def test_a_silence_says_why_it_needs_a_decision(about: Silence, part: str) -> None:
    assert part in whole(digest(silences=(about,)))


def test_an_ordinary_digest_is_short() -> None:
    told = digest(entry(), entry(Standing.WORSE, "shop/mail"), entry(Standing.FIXED, "shop/f"))
    assert len(payload(told)["blocks"]) <= 8
    assert len(whole(told)) < 1_500


def test_it_mentions_nobody() -> None:
    assert "<@" not in str(payload(digest(entry(), entry(Standing.STANDING, escalated=NIGHT))))


def test_nothing_volatile_is_said() -> None:
    about = (entry(), entry(Standing.STANDING, "shop/mail"))
    later = digest(*about, now=NOW + DAY)
    assert digest_message(digest(*about), OPTIONS).content == digest_message(later, OPTIONS).content


def many(count: int, standing: Standing = Standing.NEW) -> tuple[Entry, ...]:
    return tuple(entry(standing, f"shop/job-{number}") for number in range(count))


def test_counts_never_lie() -> None:
    told = digest(*many(400), *many(300, Standing.FIXED), blind=tuple(f"file {number}" for number in range(30)))
    said = whole(told)
    assert "🔴 400 new findings, the worst is high" in said
    for title, count in (("New", 400), ("Fixed", 300), ("Could not be read", 30)):
        group = said.partition(f"*{title}* ({count})\n")[2].split("\n*")[0]
        listed = sum(line.startswith("•") for line in group.splitlines())
        assert listed >= 3
        assert f"… and {count - listed:,} more" in group
    assert "in the thread: the worst 50 in full, the others in lists" in said
    assert faults(payload(told)) == []


def test_every_group_has_its_share_of_a_full_message() -> None:
    states = (RunState.ESCALATED, RunState.UNCERTAIN, RunState.WAITING)
    crowd = [full_entry("<" * 5000, standing, state) for standing in Standing for state in states for _ in range(9)]
    told = digest(*crowd, silences=(silence(),) * 20, blind=("&" * 5000,) * 20)
    said = whole(told)
    assert faults(payload(told)) == []
    for title in ("New", "Worse", "Waits for a person", "Can be approved", "Could not be read", "Fixed", "Changed"):
        assert said.partition(f"*{title}* (")[2].split("\n*")[0].count("\n•") >= 1


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("count", [1, 60])
def test_hostile_text_stays_text(number: int, count: int) -> None:
    word = HOSTILE[number]
    crowd = [full_entry(word, standing) for standing in Standing for _ in range(count)]
    told = digest(
        *crowd, blind=(word,) * count, silences=(replace(silence(), detail=word, state=SilenceState.CHANGED),)
    )
    assert faults(payload(told)) == []


def test_what_no_channel_is_told_of_is_said() -> None:
    assert "told in no channel" not in whole(digest(entry()))
    assert "told in no channel: spare-nodes: 3; notices about what has been done: 1" in whole(
        digest(unrouted=("spare-nodes: 3", "notices about what has been done: 1"))
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_rule_that_no_channel_is_told_of_stays_text(text: str) -> None:
    said = payload(digest(entry(), unrouted=(text,) * 11))
    assert faults(said) == []
    assert "<!channel>" not in "".join(words for words, kind in texts(said["blocks"]) if kind == "mrkdwn")
