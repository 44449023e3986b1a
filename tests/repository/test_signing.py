"""Signatures: made where they are wanted, with the key that git's configuration names, and missed where they fail."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from driftbot.repository.building import Signing
from driftbot.repository.clone import Terms
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended
from driftbot.repository.standing import State
from tests.repository.scene import BRANCH, Scene, change

SIGNED = Terms(signing=Signing.ON)


@pytest.fixture
def key(scene: Scene) -> str:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed (on Debian: apt-get install openssh-client)")
    path = scene.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    scene.clone.git("config", "gpg.format", "ssh")
    scene.clone.git("config", "user.signingKey", str(path))
    return path.with_suffix(".pub").read_text().strip()


def test_a_signed_commit_is_the_same_change_and_ours(scene, key):
    upstream = scene.upstream(SIGNED)
    base = upstream.fetch().base
    upstream.publish(change(base))
    allowed = scene.folder / "allowed"
    allowed.write_text(f"driftbot@localhost {key}\n")
    ours = scene.at_remote("-c", f"gpg.ssh.allowedSignersFile={allowed}", "log", "-1", "--format=%G? %GS %ae", BRANCH)
    assert ours == "G driftbot@localhost driftbot@localhost"
    assert scene.remote_file() == "timeout: 60s\nretries: 3"
    assert upstream.standing(change(base)).remote.state is State.OURS_SAME
    assert upstream.publish(change(base, "timeout: 90s\n")).ended is Ended.REPLACED


def test_nothing_is_signed_unless_it_is_wanted(scene, key):
    assert key
    scene.clone.git("config", "commit.gpgSign", "true")
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    assert "gpgsig" not in scene.at_remote("cat-file", "commit", BRANCH)


def test_a_key_that_cannot_sign_is_told(scene):
    scene.clone.git("config", "gpg.format", "ssh")
    scene.clone.git("config", "user.signingKey", str(scene.folder / "nowhere"))
    upstream = scene.upstream(SIGNED)
    with pytest.raises(RepositoryFailure) as caught:
        upstream.publish(change(upstream.fetch().base))
    assert caught.value.kind is Fault.SIGNING
    assert scene.remote_tip() is None
