"""The reviewable file of decisions: it comes back as written, differences are small, and nothing good is lost."""

from __future__ import annotations

import difflib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.approvals_file import (
    FILE_NAME,
    ApprovalsFileError,
    Decisions,
    deciding,
    load_approvals,
    read_approvals,
    render_approvals,
    save_approvals,
)
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.finding import fingerprint
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import SubjectId

NOW = datetime(2026, 5, 4, 2, tzinfo=UTC)
CART = SubjectId("workload", "production", "shop/cart")

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda text: text.strip())
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text
)
subjects = st.builds(SubjectId, st.sampled_from(["workload", "job"]), st.sampled_from(["production", "staging"]), names)
values = st.one_of(
    st.builds(Quantity, st.floats(-1e12, 1e12), st.sampled_from(Unit)),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.booleans(),
    times,
    st.lists(words, max_size=3).map(lambda texts: tuple(sorted(texts))),
)
approvals = st.builds(Approval, subjects, st.sampled_from(["timeout.request", "replicas"]), values, words, words, times)


@st.composite
def waivers(draw):
    rule, subject, created = draw(names), draw(subjects), draw(times)
    expires = created + timedelta(days=draw(st.integers(1, 400)))
    return Waiver(fingerprint(rule, subject), rule, subject, draw(words), draw(words), created, expires)


def approval(**parts) -> Approval:
    return Approval(**{
        "subject": CART, "key": "timeout.request", "value": Quantity(2, Unit.SECONDS), "approved_by": "ada",
        "reason": "load test of March", "at": NOW, **parts,
    })  # fmt: skip


def waiver(rule: str = "probe-deadline", days: float = 90, created: datetime = NOW) -> Waiver:
    expires = created + timedelta(days=days)
    return Waiver(fingerprint(rule, CART), rule, CART, "ada", "being rebuilt", created, expires)


@given(st.lists(approvals, max_size=2), st.lists(waivers(), max_size=2))
def test_what_is_written_comes_back(some, others):
    text = render_approvals(Decisions(tuple(some), tuple(others)))
    read = read_approvals(text.encode())
    assert read.problems == ()
    assert {(a.subject, a.key) for a in read.approvals} == {(a.subject, a.key) for a in some}
    assert set(read.approvals) <= set(some)
    assert set(read.waivers) <= set(others)
    assert {w.fingerprint for w in read.waivers} == {w.fingerprint for w in others}
    assert render_approvals(read) == text


@pytest.mark.parametrize(
    "reason", ["a\x85", "a\u2028b", "a\nb", "\ttab", "true", "2026-05-04", "# no comment", "🧨", "a: b"]
)
def test_a_reason_that_yaml_would_bend_comes_back_as_it_was(reason):
    assert (
        read_approvals(render_approvals(Decisions((approval(reason=reason),))).encode()).approvals[0].reason == reason
    )


@given(st.permutations([approval(), approval(key="replicas"), approval(subject=SubjectId("job", "p", "a"))]))
def test_the_file_is_the_same_in_whatever_order_people_decide(some):
    assert render_approvals(Decisions(tuple(some))) == render_approvals(Decisions(tuple(sorted(some, key=str))))


def test_one_more_decision_is_a_difference_of_its_own_lines_only():
    before = render_approvals(Decisions((approval(), approval(key="replicas", value=Quantity(3, Unit.COUNT)))))
    after = render_approvals(
        Decisions((approval(), approval(key="replicas", value=Quantity(3, Unit.COUNT)), approval(key="retries")))
    )
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert all(line.startswith("+") for line in changed)
    assert len(changed) == 7


def test_the_file_reads_like_this():
    text = render_approvals(Decisions((approval(),), (waiver(),)))
    assert text.partition("\n\n")[2] == (
        "approvals:\n"
        "- subject: workload:production/shop/cart\n  key: timeout.request\n  value: 2s\n  unit: seconds\n"
        "  approved_by: ada\n  reason: load test of March\n  at: '2026-05-04T02:00:00+00:00'\n"
        "waivers:\n"
        "- rule: probe-deadline\n  subject: workload:production/shop/cart\n  owner: ada\n  reason: being rebuilt\n"
        "  created: '2026-05-04T02:00:00+00:00'\n  expires: '2026-08-02T02:00:00+00:00'\n"
    )


def test_every_problem_is_told_with_its_line_and_every_good_entry_kept():
    content = b"""\
approvals:
  - {subject: no subject, key: replicas, value: 3, unit: count, approved_by: ada, reason: r, at: 2026-05-04}
  - {subject: "job:p/a", key: replicas, value: 3, unit: pieces, approved_by: ada, reason: r, at: 2026-05-04}
  - {subject: "job:p/b", key: replicas, value: 3, unit: count, approved_by: ada, reason: r, at: 2026-05-04}
  - {subject: "job:p/c", key: timeout, value: soon, unit: seconds, approved_by: ada, at: yesterday}
  - just words
waivers:
  - {rule: r, subject: "job:p/a", owner: ada, reason: x, created: 2026-05-04, expires: 2026-05-01}
  - {rule: r, subject: "job:p/b", owner: ada, reason: x, created: 2026-05-04, expires: 2026-08-01, forever: true}
  - {rule: r, subject: "job:p/c", owner: ada, reason: x, created: 2026-05-04, expires: 2026-08-01}
sillences: []
"""
    read = read_approvals(content)
    assert [str(entry.subject) for entry in read.approvals] == ["job:p/b"]
    assert [str(entry.subject) for entry in read.waivers] == ["job:p/c"]
    told = "\n".join(map(str, read.problems))
    expected = [
        (2, "not a subject"),
        (3, "pieces"),
        (5, "soon"),
        (5, "reason is missing"),
        (5, "at:"),
        (6, "a mapping"),
        (8, "expires is not after created"),
        (9, "forever"),
        (11, "sillences"),
    ]
    for line, word in expected:
        assert any(f"{FILE_NAME}:{line}:" in text and word in text for text in told.splitlines()), (line, word, told)


@pytest.mark.parametrize("content", [b"", b"approvals:\nwaivers: ~\n", b"{}", b"# nothing yet\n"])
def test_an_empty_file_decides_nothing(content):
    assert read_approvals(content) == Decisions()


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"approvals: [", b"- a\n", b"approvals: words", b"a: &a [*a, *a]"]
)
def test_a_broken_file_is_a_problem_and_never_raises(content):
    assert read_approvals(content).problems


def test_of_two_decisions_about_the_same_thing_the_later_one_holds():
    later = NOW + timedelta(days=1)
    old, new = approval(), approval(value=Quantity(3, Unit.SECONDS), at=later)
    assert Decisions((old,)).with_added([new], []).approvals == (new,)
    assert Decisions((new,)).with_added([old], []).approvals == (new,)
    renewed = waiver(created=later)
    assert Decisions((), (renewed,)).with_added([], [waiver(), waiver("other")]).waivers == (waiver("other"), renewed)


def test_the_file_is_replaced_as_a_whole_and_ended_waivers_leave_it(tmp_path: Path):
    assert load_approvals(tmp_path) == Decisions()
    decisions = Decisions((approval(),), (waiver(), waiver("other")))
    assert save_approvals(tmp_path, decisions) == tmp_path / FILE_NAME
    assert load_approvals(tmp_path) == Decisions(decisions.approvals, (waiver("other"), waiver()), filed=True)
    save_approvals(tmp_path, load_approvals(tmp_path).without([waiver().fingerprint]))
    assert load_approvals(tmp_path).waivers == (waiver("other"),)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_who_decides_at_the_same_time_loses_nobodys_decision(tmp_path: Path):
    rules = [f"rule-{number}" for number in range(40)]

    def decide(rule: str) -> None:
        with deciding(tmp_path):
            save_approvals(tmp_path, load_approvals(tmp_path).with_added((), (waiver(rule),)))

    with ThreadPoolExecutor(8) as people:
        list(people.map(decide, rules))
    assert {one.rule for one in load_approvals(tmp_path).waivers} == set(rules)


def test_a_folder_that_is_not_there_is_not_waited_for(tmp_path: Path):
    with deciding(tmp_path / "nowhere"):
        assert load_approvals(tmp_path / "nowhere") == Decisions()


def test_a_file_with_problems_is_not_written_over(tmp_path: Path):
    (tmp_path / FILE_NAME).write_text("approvals: [{key: a}]\n")
    with pytest.raises(ApprovalsFileError, match="not written over"):
        save_approvals(tmp_path, Decisions((approval(),)))
    assert (tmp_path / FILE_NAME).read_text() == "approvals: [{key: a}]\n"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    save_approvals(tmp_path, Decisions((approval(),)))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ApprovalsFileError, match="No space left on device"):
        save_approvals(tmp_path, Decisions())
    assert load_approvals(tmp_path).approvals == (approval(),)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_what_a_review_takes_out_of_the_file_is_out_of_force(tmp_path: Path) -> None:
    save_approvals(tmp_path, Decisions((approval(),)))
    assert load_approvals(tmp_path).in_force([approval()], [waiver()]) == Decisions((approval(),), filed=True)


def test_without_a_file_the_store_decides(tmp_path: Path) -> None:
    assert load_approvals(tmp_path).in_force([approval()], [waiver()]).waivers == (waiver(),)


def test_a_broken_file_ends_no_decision(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("approvals: []\noops: [\n")
    assert load_approvals(tmp_path).in_force([approval()], [waiver()]).waivers == (waiver(),)
