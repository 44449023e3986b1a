"""What is to be done is what differs: done, nothing is left to do, whatever stood before."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.slack.difference import Act, Step, difference
from driftbot.notifiers.slack.mrkdwn import Mrkdwn
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.wanted import Posting, Wanted, WantedChart
from tests.notices.digest_scene import NOW, entry

FINGERPRINTS = ("3f9c2a71b0de", "46b2c11dc02d")
KEYS = (
    "place", "digest", "rest:1", "rest:2", "notice:3f9c2a71b0de:escalated",
    *(f"{kind}:{one}" for kind in ("finding", "fixed", "escalation", "chart") for one in FINGERPRINTS),
)  # fmt: skip
WORDS = some.sampled_from(["a", "b"]).map(lambda text: Said(Mrkdwn(text), ()))


def message(key: str, content: str) -> Message:
    return Message("sre", key, "C1", content, NOW, MessageState.SENT, "1.0")


@some.composite
def stood(draw: some.DrawFn) -> dict[str, Message]:
    keys = draw(some.sets(some.sampled_from(KEYS)))
    return {key: message(key, draw(WORDS).content) for key in keys}


@some.composite
def wishes(draw: some.DrawFn) -> list[Wanted | WantedChart]:
    """Each finding is told as it stands or as it was fixed, never both."""
    made: list[Wanted | WantedChart] = []
    for key in sorted(draw(some.sets(some.sampled_from([one for one in KEYS if one != "place"])))):
        kind, _, about = key.partition(":")
        posting = draw(some.sampled_from(Posting))
        if kind == "chart":
            made.append(WantedChart(key, entry(), draw(WORDS).content, posting))
        elif kind == "fixed":
            made = [one for one in made if one.key != f"finding:{about}"]
            made.append(Wanted(key, draw(WORDS), Posting.NEVER, f"finding:{about}"))
        else:
            made.append(Wanted(key, draw(WORDS), posting))
    return made


def done(steps: tuple[Step, ...], known: dict[str, Message]) -> dict[str, Message]:
    """What stands once the steps were done."""
    now = dict(known)
    for step in steps:
        if step.wanted is not None and step.act in {Act.POST, Act.UPLOAD}:
            now[step.wanted.key] = message(step.wanted.key, step.wanted.content)
        elif step.wanted is not None and step.message is not None and step.act is Act.EDIT:
            now.pop(step.message.key)
            now[step.wanted.key] = replace(step.message, key=step.wanted.key, content=step.wanted.content)
        elif step.message is not None and step.act in {Act.RETIRE, Act.REMOVE, Act.FORGET}:
            now.pop(step.message.key)
    return now


@given(stood(), wishes(), some.sets(some.sampled_from(FINGERPRINTS)))
def test_once_it_is_done_nothing_is_left_to_do(
    known: dict[str, Message], wanted: list[Wanted | WantedChart], told: set[str]
) -> None:
    after = done(difference(wanted, known, told), known)
    assert {step.act for step in difference(wanted, after, told)} <= {Act.KEEP, Act.HOLD}
    assert after.get("place") == known.get("place")
    assert not {one.former for one in wanted if isinstance(one, Wanted)} & set(after)


@given(stood(), wishes(), some.sets(some.sampled_from(FINGERPRINTS)))
def test_nothing_is_posted_that_stands_and_nothing_edited_that_says_the_same(
    known: dict[str, Message], wanted: list[Wanted | WantedChart], told: set[str]
) -> None:
    for step in difference(wanted, known, told):
        if step.act is Act.POST:
            assert step.wanted is not None and step.wanted.key not in known
        if step.act is Act.EDIT:
            assert step.wanted is not None and step.message is not None
            assert (step.message.content, step.message.key) != (step.wanted.content, step.wanted.key)


@given(stood(), wishes(), some.sets(some.sampled_from(FINGERPRINTS)))
def test_a_finding_that_is_told_no_more_has_a_last_word(
    known: dict[str, Message], wanted: list[Wanted | WantedChart], told: set[str]
) -> None:
    claimed = {one.key for one in wanted} | {one.former for one in wanted if isinstance(one, Wanted)}
    retired = {step.message.key for step in difference(wanted, known, told) if step.act is Act.RETIRE and step.message}
    assert retired == {key for key in known if key.startswith("finding:") and key not in claimed}
