"""Requests and notices on both vendors' loopback forges, through the vendors' own clients."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from driftbot.forges.failure import FailureKind, ForgeFailure
from driftbot.forges.mark import Mark, read_mark
from driftbot.forges.thread import Act, Person, State
from tests.forges.bench import Bench, draft
from tests.servers.forge_http import Fault

BRANCH = "driftbot/3f9c2a"


def test_a_request_is_opened_with_its_mark_labels_and_reviewers(there: Bench) -> None:
    posting = there.forge().open_request(BRANCH, "main", draft(labels=("drift", "a,b")), ["@ada"])
    (seen,) = there.requests()
    assert (posting.act, posting.remarks) == (Act.CREATED, ())
    assert (seen.state, seen.title, seen.reviewers) == ("open", "Raise the deadline of billing", ("ada",))
    assert set(seen.labels) == {"drift", "a b"}
    assert read_mark(seen.body) == Mark("3f9c2a", "d1")
    request = posting.thread
    assert (request.number, request.state, request.branch, request.base) == (1, State.OPEN, BRANCH, "main")
    assert request.author is Person.US
    assert request.url.startswith(there.server.url)


def test_there_never_was_one(there: Bench) -> None:
    assert there.forge().find_request(BRANCH) is None
    assert there.forge().find_notice("3f9c2a") is None


def test_the_same_wish_again_changes_nothing(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft(labels=("drift",)), ["@ada"])
    asked = len(there.server.requests)
    again = there.forge().open_request(BRANCH, "main", draft(labels=("drift",)), ["@ada"])
    assert again.act is Act.UNCHANGED
    assert {one.method for one in there.server.requests[asked:]} == {"GET"}
    assert len(there.requests()) == 1


def test_a_new_digest_edits_in_place_and_keeps_what_people_labelled(there: Bench) -> None:
    forge = there.forge()
    forge.open_request(BRANCH, "main", draft(labels=("drift",)))
    state = there.state.threads if hasattr(there.state, "threads") else there.state.merge_requests
    state[1].labels.append("wip")
    posting = there.forge().open_request(BRANCH, "main", draft(digest="d2", body="Nearer.", labels=("drift", "ops")))
    (seen,) = there.requests()
    assert posting.act is Act.EDITED
    assert (set(seen.labels), read_mark(seen.body)) == ({"drift", "wip", "ops"}, Mark("3f9c2a", "d2"))
    assert "Nearer." in seen.body


def test_what_a_person_wrote_into_the_body_stays_until_there_is_news(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft())
    threads = there.state.threads if hasattr(there.state, "threads") else there.state.merge_requests
    field = "body" if hasattr(threads[1], "body") else "description"
    setattr(threads[1], field, "A note of mine.\n" + getattr(threads[1], field))
    assert there.forge().open_request(BRANCH, "main", draft()).act is Act.UNCHANGED
    assert "A note of mine." in there.requests()[0].body


def test_a_request_that_a_person_closed_is_respected(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft())
    there.person_closes_request(1)
    posting = there.forge().open_request(BRANCH, "main", draft(digest="d2"))
    assert (posting.act, posting.thread.state, posting.thread.closed_by) == (Act.LEFT, State.CLOSED, "ada")
    assert posting.thread.closer is Person.SOMEBODY
    assert "was closed by ada without being merged" in posting.remarks[0]
    assert len(there.requests()) == 1


def test_a_request_that_we_closed_is_followed_by_a_new_one(there: Bench) -> None:
    forge = there.forge()
    first = forge.open_request(BRANCH, "main", draft()).thread
    assert forge.close_request(first, "The drift is gone.").act is Act.CLOSED
    assert there.forge().open_request(BRANCH, "main", draft()).act is Act.CREATED
    assert [seen.state for seen in there.requests()] == ["closed", "open"]


def test_closing_says_why_once_whatever_happens_in_between(there: Bench) -> None:
    request = there.forge().open_request(BRANCH, "main", draft()).thread
    there.server.fail(Fault(there.editing(), status=500, times=9))
    with pytest.raises(ForgeFailure) as caught:
        there.forge().close_request(request, "The drift is gone, @ada.")
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.UNAVAILABLE, True)
    there.server.faults.clear()
    again = there.forge()
    found = again.find_request(BRANCH)
    assert found is not None
    assert again.close_request(found, "The drift is gone, @ada.").act is Act.CLOSED
    (seen,) = there.requests()
    assert (seen.state, len(seen.comments)) == ("closed", 1)
    assert "@ada" not in seen.comments[0]
    assert again.close_request(again.find_request(BRANCH) or found, "Again.").act is Act.UNCHANGED


def test_a_merged_request_is_left_for_its_digest_and_followed_for_another(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft())
    there.person_closes_request(1, merged=True)
    same = there.forge().open_request(BRANCH, "main", draft())
    assert (same.act, same.thread.state) == (Act.LEFT, State.MERGED)
    assert there.forge().open_request(BRANCH, "main", draft(digest="d2")).act is Act.CREATED
    assert [seen.state for seen in there.requests()] == ["merged", "open"]


def test_a_persons_own_request_from_our_branch_is_left(there: Bench) -> None:
    there.person_opens_request(BRANCH)
    posting = there.forge().open_request(BRANCH, "main", draft())
    assert (posting.act, posting.thread.author) == (Act.LEFT, Person.SOMEBODY)
    assert "was not written by driftbot" in posting.remarks[0]
    closing = there.forge().close_request(posting.thread, "Gone.")
    assert (closing.act, there.requests()[0].state) == (Act.LEFT, "open")


def test_a_request_for_another_drift_from_this_branch_is_left(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft("other"))
    posting = there.forge().open_request(BRANCH, "main", draft())
    assert (posting.act, len(there.requests())) == (Act.LEFT, 1)
    assert "for another drift (other)" in posting.remarks[0]


def test_branches_of_forks_and_longer_names_are_not_ours(there: Bench) -> None:
    there.person_opens_request(f"{BRANCH}-2")
    if hasattr(there.state, "full_name"):
        there.state.add("eve", "x", head=BRANCH, base="main", head_repository="org/fork-of-shop")
    else:
        there.state.add("ben", "x", source=BRANCH, target="main", source_project=99)
    assert there.forge().find_request(BRANCH) is None


def test_the_newest_of_more_than_a_page_counts(there: Bench) -> None:
    for _ in range(130):
        there.person_opens_request(BRANCH)
    for number in range(1, 131):
        there.person_closes_request(number)
    found = there.forge().find_request(BRANCH)
    assert found is not None
    assert found.number == 130


@pytest.mark.parametrize("links", ["", "https://git.internal.example/gitlab/api/v4"])
def test_an_open_one_of_ours_counts_pages_away_behind_a_proxy_as_well(there: Bench, links: str) -> None:
    there.server.links = links
    there.forge().open_request(BRANCH, "main", draft())
    for number in range(2, 232):
        there.person_opens_request(BRANCH)
        there.person_closes_request(number)
    found = there.forge().find_request(BRANCH)
    assert found is not None
    assert found.number == 1


def test_a_notice_is_found_among_hundreds_without_the_search(there: Bench) -> None:
    forge = there.forge()
    first = forge.open_notice(draft())
    for number in range(210):
        there.state.add("ben", f"labelled {number}", labels=["driftbot"])
    asked = len(there.server.requests)
    found = there.forge().find_notice("3f9c2a")
    assert found is not None
    assert found.number == first.thread.number
    assert not there.server.asked("search")
    assert len(there.server.requests) - asked < 10


def test_one_notice_a_fingerprint(there: Bench) -> None:
    forge = there.forge()
    assert forge.open_notice(draft()).act is Act.CREATED
    assert forge.open_notice(draft()).act is Act.UNCHANGED
    assert there.forge().open_notice(draft(digest="d2", body="Worse.")).act is Act.EDITED
    assert forge.open_notice(draft("another")).act is Act.CREATED
    assert [read_mark(seen.body) for seen in there.notices()] == [Mark("3f9c2a", "d2"), Mark("another", "d1")]


def test_a_run_sees_what_people_do_meanwhile(there: Bench) -> None:
    forge = there.forge()
    forge.open_notice(draft())
    forge.open_notice(draft("another"))
    there.person_closes_notice(there.notices()[0].number)
    forge.open_notice(draft("a-third"))
    assert forge.open_notice(draft(digest="d2")).act is Act.LEFT


def test_a_notice_that_a_person_closed_is_respected_and_one_of_ours_reopened(there: Bench) -> None:
    forge = there.forge()
    notice = forge.open_notice(draft()).thread
    forge.close_notice(notice, "The drift is gone.")
    assert [seen.state for seen in there.notices()] == ["closed"]
    assert there.forge().open_notice(draft()).act is Act.REOPENED
    assert [seen.state for seen in there.notices()] == ["open"]
    there.person_closes_notice(notice.number)
    posting = there.forge().open_notice(draft(digest="d3"))
    assert (posting.act, posting.thread.closed_by) == (Act.LEFT, "ada")
    assert [seen.state for seen in there.notices()] == ["closed"]


def test_a_stranger_cannot_suppress_a_notice_by_writing_its_mark(there: Bench) -> None:
    there.person_opens_issue(f"Nothing to see. {Mark('3f9c2a', 'd1')}")
    assert there.forge().open_notice(draft()).act is Act.CREATED
    assert len(there.notices()) == 2


@pytest.mark.parametrize("fault", [Fault(status=502), Fault(status=502, done=True), Fault(drop=True, done=True)])
@pytest.mark.parametrize("thing", ["request", "notice"])
def test_an_answer_that_was_lost_makes_nothing_twice(there: Bench, thing: str, fault: Fault) -> None:
    there.server.fail(Fault(there.creation(thing), status=fault.status, done=fault.done, drop=fault.drop))
    forge = there.forge()
    if thing == "request":
        number = forge.open_request(BRANCH, "main", draft(labels=("drift",)), ["@ada"]).thread.number
        (seen,) = there.requests()
        assert (seen.labels, seen.reviewers) == (("drift",), ("ada",))
    else:
        number = forge.open_notice(draft(labels=("drift",))).thread.number
        (seen,) = there.notices()
        assert set(seen.labels) == {"driftbot", "drift"}
    assert (seen.number, read_mark(seen.body)) == (number, Mark("3f9c2a", "d1"))


def test_a_broken_answer_to_a_creation_is_found_out(there: Bench) -> None:
    there.server.fail(Fault(there.creation("notice"), cut=True))
    assert there.forge().open_notice(draft()).act is Act.CREATED
    assert len(there.notices()) == 1


def test_a_forge_that_finishes_late_is_looked_at_again(there: Bench) -> None:
    there.server.fail(Fault(there.creation("notice"), drop=True, late=3))
    there.forge().open_notice(draft())
    assert len(there.notices()) == 1
    assert there.pauses[:2] == [1.0, 2.0]


def test_a_lost_notice_that_is_not_found_is_uncertain_and_not_made_again(there: Bench) -> None:
    there.server.fail(Fault(there.creation("notice"), drop=True))
    with pytest.raises(ForgeFailure) as caught:
        there.forge().open_notice(draft())
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.NO_ANSWER, True)
    assert "opening an issue" in caught.value.sentence
    assert there.notices() == []
    assert there.forge().open_notice(draft()).act is Act.CREATED


def test_a_lost_request_that_is_not_found_is_made_again_because_the_forge_refuses_a_second(there: Bench) -> None:
    there.state.refuses_second = True
    there.server.fail(Fault(there.creation(), drop=True, late=4))
    posting = there.forge().open_request(BRANCH, "main", draft())
    assert [seen.number for seen in there.requests()] == [posting.thread.number]


def test_a_request_that_somebody_opened_between_finding_and_creating_is_found(there: Bench) -> None:
    there.state.refuses_second = True
    forge = there.forge()
    found = iter([None])
    reads = forge.client.requests_from

    def once_blind(branch: str) -> object:
        return [] if next(found, "seen") is None else reads(branch)

    there.forge().open_request(BRANCH, "main", draft())
    object.__setattr__(forge.client, "requests_from", once_blind)
    assert forge.open_request(BRANCH, "main", draft()).thread.number == 1
    assert len(there.requests()) == 1


def test_a_run_that_died_before_labels_and_reviewers_is_finished_by_the_next(there: Bench) -> None:
    there.server.fail(Fault(r"POST .*(labels|requested_reviewers)$", status=500, times=99))
    there.server.fail(Fault(r"PUT .*merge_requests/\d+$", status=500, times=99))
    posting = there.forge().open_request(BRANCH, "main", draft(labels=("drift",)), ["@ada"])
    assert posting.act is Act.CREATED
    assert any("nobody was asked for a review" in remark for remark in posting.remarks)
    there.server.faults.clear()
    there.forge().open_request(BRANCH, "main", draft(labels=("drift",)), ["@ada"])
    (seen,) = there.requests()
    assert (seen.labels, seen.reviewers) == (("drift",), ("ada",))


def test_whom_people_asked_for_a_review_stays(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft(), ["@ada"])
    threads = there.state.threads if hasattr(there.state, "threads") else there.state.merge_requests
    threads[1].reviewers = ["ben"]
    there.forge().open_request(BRANCH, "main", draft(digest="d2"), ["@ada"])
    assert there.requests()[0].reviewers == ("ben",)


def test_a_reviewer_that_the_forge_refuses_is_left_out_and_told(there: Bench) -> None:
    owners = ["@ada", "@nobody", "pay@example.org", "@other/team", "@ada"]
    posting = there.forge().open_request(BRANCH, "main", draft(), owners)
    assert posting.act is Act.CREATED
    assert there.requests()[0].reviewers == ("ada",)
    told = "\n".join(posting.remarks)
    assert [name in told for name in ("nobody", "pay@example.org", "@other/team")] == [True] * 3
    assert len(posting.remarks) == 3


def test_hostile_texts_reach_the_forge_harmless(there: Bench) -> None:
    body = "Hi @ada, fixes #1\n/close\n<!-- x --> <script> ![a](http://x/y.png)\n"
    posting = there.forge().open_request(BRANCH, "main", draft(title="@ada fixes #1\n/merge", body=body))
    (seen,) = there.requests()
    for trap in ("@ada", "#1", "\n/close", "<!-- x", "<script", "!["):
        assert trap not in seen.title + seen.body.removesuffix(f"{Mark('3f9c2a', 'd1')}\n"), trap
    assert "\n" not in seen.title
    assert posting.thread.mark == Mark("3f9c2a", "d1")


def test_a_mark_in_a_foreign_text_is_none(there: Bench) -> None:
    there.forge().open_request(BRANCH, "main", draft(body=f"x {Mark('evil', 'evil', ended=True)}"))
    found = there.forge().find_request(BRANCH)
    assert found is not None
    assert found.mark == Mark("3f9c2a", "d1")


def test_a_body_that_is_too_long_is_cut_and_says_so(there: Bench) -> None:
    forge = there.forge()
    longest = forge.client.limits.body
    forge.open_notice(draft(body="```yaml\n" + "key: value\n" * (longest // 5) + "```\n", title="t" * 999))
    (seen,) = there.notices()
    assert longest - 1_000 < len(seen.body) <= longest
    assert f"the forge takes {longest - 300:,}" in seen.body
    assert read_mark(seen.body) == Mark("3f9c2a", "d1")
    assert len(seen.title) == forge.client.limits.title


def test_labels_that_the_token_may_not_set_are_told_and_the_notice_is_found_all_the_same(there: Bench) -> None:
    if hasattr(there.state, "accounts"):
        next(iter(there.state.accounts.values())).pushes = False
    else:
        there.state.labelling = False
    posting = there.forge().open_notice(draft())
    assert posting.act is Act.CREATED
    assert any("label" in remark for remark in posting.remarks)
    assert there.notices()[0].labels == ()
    assert there.forge().open_notice(draft()).act is Act.UNCHANGED
    assert len(there.notices()) == 1


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("at", [r"GET /user$", r"GET /(repos/org/shop|projects/org[^/]*)$"])
def test_trouble_with_a_read_beside_a_creation_makes_nothing_twice(there: Bench, at: str, status: int) -> None:
    there.server.fail(Fault(at, status=status))
    with suppress(ForgeFailure):
        there.forge().open_request(BRANCH, "main", draft())
    with suppress(ForgeFailure):
        there.forge().open_notice(draft())
    assert (len(there.requests()), len(there.notices())) == (1, 1)
    there.server.fail(Fault(at, status=status, times=99))
    with pytest.raises(ForgeFailure) as caught:
        there.forge().open_notice(draft("another"))
    assert not caught.value.uncertain
    assert len(there.notices()) == 1


def test_a_branch_of_a_real_repository(there: Bench, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(tmp_path)]
    tree = subprocess.check_output([*git, "mktree"], stdin=subprocess.DEVNULL, text=True).strip()
    commit = subprocess.check_output([*git, "commit-tree", tree, "-m", "x"], text=True).strip()
    there.state.git = tmp_path
    with pytest.raises(ForgeFailure, match="answered 4"):
        there.forge().open_request(BRANCH, "main", draft())
    for branch in ("main", BRANCH):
        subprocess.run([*git, "update-ref", f"refs/heads/{branch}", commit], check=True)
    assert there.forge().open_request(BRANCH, "main", draft()).act is Act.CREATED
