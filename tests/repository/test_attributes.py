"""Files that git stores otherwise than people see them are refused; those that only look so are written."""

from __future__ import annotations

import pytest

from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended
from tests.repository.scene import BRANCH, FILE, Scene, change

CR_LF = b"timeout: 60s\r\nretries: 3\r\n"


def with_attributes(scene: Scene, files: dict[str, str | None]) -> str:
    commit = scene.clone.commit("Attributes", files)
    scene.clone.git("push", "-q", "origin", "main")
    return commit


@pytest.mark.parametrize(
    "attributes",
    [
        {".gitattributes": "*.yaml filter=lfs diff=lfs merge=lfs -text\n"},
        {"deploy/.gitattributes": "cart.yaml filter=git-crypt\n"},
        {".gitattributes": "[attr]secret filter=vault\ndeploy/** secret\n"},
    ],
)
def test_a_file_behind_a_filter_is_refused(scene, attributes):
    base = with_attributes(scene, attributes)
    with pytest.raises(RepositoryFailure, match=r"it goes through the filter (lfs|git-crypt|vault)") as caught:
        scene.upstream().publish(change(base))
    assert caught.value.kind is Fault.FILTERED
    assert scene.remote_tip() is None


def test_a_filter_for_other_files_does_not_matter(scene):
    base = with_attributes(scene, {".gitattributes": "*.bin filter=lfs\n*.yaml filter=lfs\n/deploy/*.yaml -filter\n"})
    assert scene.upstream().publish(change(base)).ended is Ended.PUSHED


def test_attributes_of_the_working_tree_do_not_count(scene):
    base = scene.clone.head
    scene.clone.write({".gitattributes": "* filter=lfs\n"})
    assert scene.upstream().publish(change(base)).ended is Ended.PUSHED


@pytest.mark.parametrize("attributes", ["* text=auto\n", "*.yaml text\n", "*.yaml eol=crlf\n"])
def test_line_ends_of_a_working_tree_are_not_stored(scene, attributes):
    base = with_attributes(scene, {".gitattributes": attributes})
    with pytest.raises(RepositoryFailure, match="line ends are stored as LF") as caught:
        scene.upstream().publish(change(base, CR_LF))
    assert caught.value.kind is Fault.FILTERED
    assert scene.upstream().publish(change(base)).ended is Ended.PUSHED


@pytest.mark.parametrize("attributes", ["", "*.yaml -text\n", "*.yaml binary\n"])
def test_line_ends_are_written_as_given_where_git_stores_them_so(scene, attributes):
    base = with_attributes(
        scene, {".gitattributes": attributes or None, FILE: "timeout: 30s\r\n"} if attributes else {FILE: "a\n"}
    )
    upstream = scene.upstream()
    upstream.publish(change(base, CR_LF))
    tip = scene.remote_tip()
    assert tip
    assert upstream.read(tip, [FILE]) == {FILE: CR_LF}


def test_bytes_are_stored_whatever_the_machine_converts(scene):
    scene.clone.git("config", "core.autocrlf", "true")
    scene.clone.git("config", "core.safecrlf", "true")
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base, b"\xef\xbb\xbfa: 1\r\nb: 2\nnul: \x00\xff"))
    tip = scene.remote_tip(BRANCH)
    assert tip
    assert upstream.read(tip, [FILE])[FILE] == b"\xef\xbb\xbfa: 1\r\nb: 2\nnul: \x00\xff"


def test_line_ends_that_were_stored_before_somebody_normalised_them_stay(scene):
    scene.clone.commit("Written elsewhere", {FILE: "timeout: 30s\r\n"})
    base = with_attributes(scene, {".gitattributes": "* text=auto\n"})
    upstream = scene.upstream()
    assert upstream.read(base, [FILE]) == {FILE: b"timeout: 30s\r\n"}
    assert upstream.publish(change(base, CR_LF)).ended is Ended.PUSHED
