"""The service graph: every longest path once, circles end and are reported, limits hide no entry."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.graph import Cycle, Ending, Path, paths, walk
from driftbot.core.subject import Subject, labels_of


def call(source: str, target: str, environment: str = "production", suffix: str = "") -> Subject:
    labels = labels_of({"from": source, "to": target})
    return Subject("call", environment, f"{source}->{target}{suffix}", labels)


def calls(*arrows: str) -> list[Subject]:
    return [call(*arrow.split(">")) for arrow in arrows]


def names(found: tuple[Path, ...]) -> list[str]:
    return [path.subject.name for path in found]


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        (["a>b"], ["a->b"]),
        (["a>b", "b>c"], ["a->b->c"]),
        (["a>b", "a>c", "b>d", "c>d"], ["a->b->d", "a->c->d"]),
        (["a>c", "b>c"], ["a->c", "b->c"]),
        (["a>b", "b>c", "c>b"], ["a->b->c"]),
        (["a>b", "b>a"], ["a->b"]),
        (["a>b", "b>a", "b>c"], ["a->b->c"]),
        (["a>a"], []),
        (["a>a", "a>b"], ["a->b"]),
        ([], []),
    ],
)
def test_every_longest_path_once(arrows: list[str], expected: list[str]) -> None:
    for order in permutations(calls(*arrows)):
        assert names(paths(order)) == expected


def test_a_path_says_why_it_ends() -> None:
    found = {
        path.subject.name: path.ending for path in paths(calls("a>b", "b>c", "c>b", "a>d", "a>e", "e>f"), max_hops=2)
    }
    assert found == {"a->b->c": Ending.CYCLE, "a->d": Ending.LEAF, "a->e->f": Ending.LEAF}
    (cut,) = paths(calls("a>b", "b>c"), max_hops=1)
    assert (cut.subject.name, cut.ending) == ("a->b", Ending.HOP_LIMIT)


def test_cycles_are_reported() -> None:
    found = walk(calls("a>b", "b>c", "c>b", "d>d", "a>d"))
    assert found.cycles == (Cycle("production", ("b", "c")), Cycle("production", ("d",)))


def test_a_limit_hides_no_entry_and_is_reported() -> None:
    arrows = [f"a>m{number}" for number in range(50)] + ["b>x", "c>y"]
    found = walk(calls(*arrows), max_paths=10)
    assert len(found.paths) == 10
    assert {path.services[0] for path in found.paths} == {"a", "b", "c"}
    assert found.unfinished == ("a",)
    assert walk(calls(*arrows)).unfinished == ()


def test_environments_do_not_mix_and_parallel_calls_are_two_paths() -> None:
    both = [call("a", "b"), call("b", "c", "staging"), call("a", "b", suffix="/search")]
    assert [str(path.subject) for path in paths(both)] == [
        "path:production/a->b",
        "path:production/a->b[/search]",
        "path:staging/b->c",
    ]


def test_limits_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="max_hops=0"):
        paths(calls("a>b"), max_hops=0)


def test_a_ladder_of_a_billion_paths_stops_at_the_limit() -> None:
    rungs = [call(f"n{step}", f"n{step + 1}", suffix=suffix) for step in range(30) for suffix in ("", "/again")]
    found = walk(rungs, max_hops=40, max_paths=1000)
    assert len(found.paths) == 1000
    assert found.unfinished == ("n0",)


@given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))), st.randoms())
def test_paths_are_simple_maximal_distinct_and_independent_of_order(edges: set[tuple[str, str]], random) -> None:
    subjects = [call(*edge) for edge in sorted(edges)]
    found = paths(subjects)
    random.shuffle(subjects)
    assert paths(subjects) == found
    assert len({path.subject for path in found}) == len(found)
    for path in found:
        assert len(set(path.services)) == len(path.services)
        onward = {target for source, target in edges if source == path.services[-1]}
        assert onward <= set(path.services)
        assert (path.ending is Ending.LEAF) == (not onward)
