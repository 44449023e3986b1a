"""Our branches deleted, and everybody else's kept."""

from __future__ import annotations

import pytest

from driftbot.repository.boundary import Boundary
from driftbot.repository.clone import Terms
from driftbot.repository.closing import Closed
from driftbot.repository.failure import Fault, RepositoryFailure
from tests.repository.scene import BRANCH, KEY, change


def references_of_ours(scene) -> str:
    return scene.clone.git("for-each-ref", "--format=%(refname)", f"refs/driftbot/**/{BRANCH}")


def test_our_branch_is_deleted_here_and_there_and_once(scene):
    upstream = scene.upstream()
    published = upstream.publish(change(upstream.fetch().base))
    assert upstream.close(BRANCH, KEY, published.commit) is Closed.DELETED
    assert scene.remote_tip() is None
    assert references_of_ours(scene) == ""
    assert upstream.close(BRANCH, KEY, published.commit) is Closed.GONE


def test_a_persons_branch_stays(scene):
    upstream = scene.upstream()
    theirs = scene.person_adds()
    with pytest.raises(RepositoryFailure) as caught:
        upstream.close(BRANCH, KEY)
    assert caught.value.kind is Fault.PERSONS_COMMIT
    assert scene.remote_tip() == theirs


def test_another_commit_of_ours_than_expected_stays(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    first = upstream.publish(change(base))
    second = upstream.publish(change(base, "timeout: 90s\n"))
    with pytest.raises(RepositoryFailure, match=f"it ends with {second.commit}, not with {first.commit}"):
        upstream.close(BRANCH, KEY, first.commit)
    assert scene.remote_tip() == second.commit


def test_what_a_person_adds_meanwhile_stays(scene):
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    theirs: list[str] = []

    def add(name: str) -> None:
        if name == Boundary.LOOKED and not theirs:
            theirs.append(scene.person_adds())

    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(Terms(boundary=add)).close(BRANCH, KEY)
    assert caught.value.kind is Fault.RACED
    assert scene.remote_tip() == theirs[0]


def test_the_base_is_never_deleted(scene):
    with pytest.raises(RepositoryFailure, match="main is the base itself"):
        scene.upstream().close("main", KEY)
    assert scene.remote_tip("main")


def test_a_branch_merged_and_deleted_by_a_person_is_forgotten(scene):
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    scene.at_remote("update-ref", "-d", f"refs/heads/{BRANCH}")
    assert upstream.close(BRANCH, KEY) is Closed.GONE
    assert references_of_ours(scene) == ""
