"""Tokens for remotes over HTTP: given to that one host, and to nobody and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from driftbot.credential import Credential
from driftbot.repository.access import Access, without_secret
from driftbot.repository.clone import Terms
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import Git
from driftbot.repository.publishing import Ended
from tests.repository.http_remote import HttpRemote, http_remote
from tests.repository.scene import BRANCH, KEY, Scene, change

SECRET = "s3cr3t-`$HOME`-\"q'-%s"  # every character that a shell or a format would take otherwise


@pytest.fixture
def remote(scene: Scene) -> Iterator[HttpRemote]:
    with http_remote(scene.folder, SECRET) as server:
        scene.clone.git("remote", "set-url", "origin", f"{server.url}/up.git")
        yield server


@pytest.fixture
def terms(monkeypatch: pytest.MonkeyPatch) -> Terms:
    monkeypatch.setenv("GIT_TOKEN", SECRET)
    return Terms(access=Access(Credential(env="GIT_TOKEN"), "bot"))


def test_a_token_opens_the_remote(scene, remote, terms):
    upstream = scene.upstream(terms)
    base = upstream.fetch().base
    assert upstream.publish(change(base)).ended is Ended.PUSHED
    assert upstream.publish(change(base, "timeout: 90s\n")).ended is Ended.REPLACED
    upstream.close(BRANCH, KEY)
    assert scene.remote_tip() is None
    assert set(remote.heard) == {"", f"bot:{SECRET}"}


def test_it_is_in_no_argument_no_file_and_no_message(scene, remote, terms, tmp_path, monkeypatch):
    """A program in git's place keeps the arguments that it was started with."""
    real, log = os.environ["PATH"], tmp_path / "arguments"
    shim = tmp_path / "bin/git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{log}\nPATH={real} exec git "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{real}")
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    upstream = scene.upstream(terms)
    upstream.publish(change(upstream.fetch().base))
    remote.password = "another"
    with pytest.raises(RepositoryFailure) as caught:
        upstream.publish(change(scene.clone.head, "timeout: 90s\n"))
    assert caught.value.kind is Fault.DENIED
    assert "http.c" not in str(caught.value)  # what a trace prints, the credentials encoded among it
    written = [path for path in scene.clone.root.rglob("*") if path.is_file()]
    assert "ls-remote" in log.read_text()
    assert "s3cr3t" not in "".join([log.read_text(), str(caught.value), caught.value.next_step, repr(upstream)])
    assert not any(b"s3cr3t" in path.read_bytes() for path in written)


@pytest.mark.usefixtures("remote")
def test_a_wrong_token_and_none_are_told_and_nobody_is_asked(scene, terms, monkeypatch):
    monkeypatch.setenv("GIT_TOKEN", "expired")
    for some in (terms, Terms()):
        with pytest.raises(RepositoryFailure) as caught:
            scene.upstream(some).fetch()
        assert caught.value.kind is Fault.DENIED
        assert caught.value.next_step


@pytest.mark.parametrize("status", [403, 404, 500, 429])
def test_other_answers_are_told(scene, remote, terms, status):
    remote.status = status
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(terms).fetch()
    expected = {403: Fault.DENIED, 404: Fault.NO_REMOTE}.get(status, Fault.UNREACHABLE)
    assert caught.value.kind is expected


def test_a_redirect_to_another_host_is_not_given_the_token(scene, remote, terms):
    with http_remote(scene.folder, SECRET) as other:
        remote.redirect = other.url
        with pytest.raises(RepositoryFailure) as caught:
            scene.upstream(terms).fetch()
    assert caught.value.kind is Fault.DENIED
    assert other.heard
    assert set(other.heard) == {""}


@pytest.mark.usefixtures("remote")
def test_helpers_of_the_machine_are_not_asked(scene, terms):
    scene.clone.git("config", "credential.helper", f"!touch {scene.folder}/asked; false")
    scene.clone.git("config", "core.askPass", f"{scene.folder}/ask")
    upstream = scene.upstream(terms)
    upstream.publish(change(upstream.fetch().base))
    assert not Path(scene.folder, "asked").exists()


def test_without_a_token_the_helpers_of_the_machine_answer(scene, remote):
    remote.password = "plain"
    helper = '!f() { test "$1" = get && printf "username=x\\npassword=plain\\n"; }; f'
    scene.clone.git("config", "credential.helper", helper)
    assert scene.upstream().fetch().branch == "main"


def test_a_token_is_not_sent_in_the_clear(scene, terms):
    scene.clone.git("remote", "set-url", "origin", "http://me:pw@git.example.org/shop.git")
    with pytest.raises(RepositoryFailure, match=r"not sent to http://…@git\.example\.org/shop\.git") as caught:
        scene.upstream(terms)
    assert caught.value.kind is Fault.DENIED


def test_a_token_that_is_not_there(scene, remote):
    upstream = scene.upstream(Terms(access=Access(Credential(env="NO_SUCH_TOKEN"))))
    with pytest.raises(RepositoryFailure, match="NO_SUCH_TOKEN is not set") as caught:
        upstream.fetch()
    assert caught.value.kind is Fault.DENIED
    assert remote.heard == []


def test_a_token_for_a_remote_over_no_http_is_not_used(scene, terms):
    assert terms.access is not None
    assert terms.access.arguments("git@git.example.org:shop.git") == ()
    assert scene.upstream(terms).fetch().branch == "main"


def test_secrets_of_urls_are_not_shown(scene):
    scene.clone.git("remote", "set-url", "origin", "https://me:pw@127.0.0.1:1/shop.git")
    upstream = scene.upstream()
    with pytest.raises(RepositoryFailure) as caught:
        upstream.fetch()
    assert "pw" not in f"{caught.value} {upstream.url}"
    assert upstream.url == "https://…@127.0.0.1:1/shop.git"
    assert without_secret("token abc at https://abc@host/", "abc") == "token … at https://…@host/"


def test_the_environment_of_a_hook_does_not_lead_elsewhere(scene, monkeypatch, tmp_path):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    told = Git(scene.clone.root).ask("rev-parse", "--show-toplevel").decode().strip()
    assert Path(told) == scene.clone.root.resolve()
