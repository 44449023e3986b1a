"""Every rule of four public collections, edited: what pages less is told and which way, what means the same is not.

The rules are written as files, read as a scan reads them, edited as text, and read again by what is known of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.comparison import changes
from tests.alerts.mutations import HARMFUL, HARMLESS, Edit, Expected, Rule
from tests.alerts.trees import Tree, corpus_rules, in_order, read_tree, written

pytestmark = pytest.mark.corpus

DECKS = 8
"""Parts into which the edits of a kind are dealt like cards: neighbours, often alike, are in different ones."""
LEAST = 0.99


@dataclass(frozen=True)
class Estate:
    """All rules in the order of their files, and the tree that is read of them."""

    rules: list[Rule]
    tree: Tree


@pytest.fixture(scope="module")
def estate() -> Estate:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    rules = in_order(corpus_rules(Path(folder)))
    tree = read_tree(written(rules))
    assert len(rules) == len(tree.definitions) == len(tree.order) == 1887
    return Estate(rules, tree)


def part(estate: Estate, first: int, of: int) -> Estate:
    """Every so many files of the estate."""
    paths = sorted({rule.path for rule in estate.rules})[first::of]
    rules = [rule for rule in estate.rules if rule.path in paths]
    return Estate(rules, read_tree(written(rules)))


@dataclass
class Tally:
    """Edits, those told with the right way, those of the simple ones, and what else was told."""

    edits: int = 0
    told: int = 0
    simple: int = 0
    simple_told: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def decks(kind: str, rules: list[Rule]) -> list[dict[int, Edit]]:
    """All edits of a kind by the number of their rule, dealt out; no deck edits a rule twice."""
    dealt: list[dict[int, Edit]] = [{} for _ in range(DECKS)]
    for number, rule in enumerate(rules):
        for turn, edit in enumerate(HARMFUL[kind](rule)):
            dealt[(number + turn) % DECKS][number] = edit
    return dealt


@pytest.mark.parametrize("every", ["one deck", pytest.param("all decks", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("kind", HARMFUL)
def test_an_edit_that_pages_less_is_told(
    kind: str, every: str, estate: Estate, capsys: pytest.CaptureFixture[str]
) -> None:
    if every == "all decks" and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    tally, dealt = Tally(), decks(kind, estate.rules)
    for deck in dealt if every == "all decks" else dealt[list(HARMFUL).index(kind) % DECKS :][:1]:
        play(deck, estate, tally)
    with capsys.disabled():
        print(
            f"\n{kind}: {tally.edits} edits, {tally.told} told ({tally.told / tally.edits:.1%}); of one number only "
            f"{tally.simple}, {tally.simple_told} told; {dict(tally.ways)}; {len(tally.beyond)} told beyond"
        )
        print(*tally.lines[:25], *tally.beyond[:10], sep="\n")
    assert tally.edits > 50
    assert tally.told >= LEAST * tally.edits
    assert tally.simple_told >= LEAST * tally.simple
    assert tally.beyond == []


def play(deck: dict[int, Edit], estate: Estate, tally: Tally) -> None:
    """Edit, read, and hold what is told of every alert against what was done to it."""
    later = [deck[number].rule if number in deck else rule for number, rule in enumerate(estate.rules)]
    after = read_tree(written(rule for rule in later if rule is not None), estate.tree)
    for number, name in enumerate(estate.tree.order):
        said = changes(estate.tree.definitions[name], after.definitions.get(name))
        if number not in deck:
            tally.beyond += [f"  beyond: {estate.rules[number].name}: {one}" for one in said]
            continue
        edit = deck[number]
        right = is_told(edit, said)
        tally.edits, tally.told = tally.edits + 1, tally.told + right
        tally.simple, tally.simple_told = tally.simple + edit.simple, tally.simple_told + (edit.simple and right)
        tally.ways.update({str(one.direction) for one in said})
        if not right:
            tally.lines.append(_line(estate.rules[number], edit, said))


def is_told(edit: Edit, said: tuple[Change, ...]) -> bool:
    """Whether the edit is told as what it is and nothing is told beside it that goes the other way."""
    if edit.expected is Expected.EITHER:
        return bool(said) and not any(one.aspect is Aspect.ALERT for one in said)
    aspects = {Aspect(edit.aspect)}
    ways = {one.direction for one in said if one.aspect in aspects}
    return ways == {Direction(str(edit.expected))} and all(one.aspect in aspects for one in said)


def _line(rule: Rule, edit: Edit, said: tuple[Change, ...]) -> str:
    told = "; ".join(f"{one.direction} {one}" for one in said) or "nothing"
    was = " ".join(rule.expression.split())
    now = " ".join(edit.rule.expression.split()) if edit.rule else "nothing"
    return f"  {edit.expected} {rule.path} {rule.name}: {was} => {now}\n      told: {told}"


def differing(after: Tree, estate: Estate) -> Iterator[str]:
    for number, name in enumerate(estate.tree.order):
        for one in changes(estate.tree.definitions[name], after.definitions.get(name)):
            yield f"  {estate.rules[number].path} {estate.rules[number].name}: {estate.rules[number].expression}: {one}"
    for name in after.definitions.keys() - estate.tree.definitions.keys():
        yield f"  new: {name}"


@pytest.mark.parametrize("every", ["a quarter", pytest.param("all", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("kind", HARMLESS)
def test_an_edit_that_means_the_same_is_not_told(
    kind: str, every: str, estate: Estate, capsys: pytest.CaptureFixture[str]
) -> None:
    if every == "all" and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    if every == "a quarter":
        estate = part(estate, list(HARMLESS).index(kind) % 4, 4)
    later = [HARMLESS[kind](rule) for rule in estate.rules]
    edited = sum(one != other for one, other in zip(estate.rules, later, strict=True))
    after = read_tree(written(later), estate.tree)
    told = list(differing(after, estate))
    with capsys.disabled():
        print(f"\n{kind}: {edited} of {len(estate.rules)} rules edited, {len(told)} reports")
        print(*told[:12], sep="\n")
    assert edited > 20
    assert after.gaps == ()
    assert told == []
