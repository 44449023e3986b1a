"""Who is who among look-alikes: the most similar first, and nobody who is not similar enough."""

from driftbot.core.matching import Crowd, Stage, match


def closeness(one: str, other: str) -> float:
    return len(set(one) & set(other)) / len(set(one) | set(other))


def matched(new: list[str], old: list[str], crowd: Crowd = Crowd.PAIR) -> dict[str, str]:
    found = match(new, old, [Stage(len, crowd)], closeness, 0.6)
    return {new[mine]: old[other] for mine, other in found.items()}


def test_in_a_crowd_only_the_similar_belong_together() -> None:
    assert matched(["abcd", "wxyz"], ["abce", "abcd"]) == {"abcd": "abcd"}


def test_a_crowd_may_be_left_alone() -> None:
    assert matched(["abcd", "wxyz"], ["abcd", "wxyz"], Crowd.LEAVE) == {}


def test_one_and_one_belong_together_whatever_they_look_like() -> None:
    assert matched(["abcd"], ["wxyz"]) == {"abcd": "wxyz"}
