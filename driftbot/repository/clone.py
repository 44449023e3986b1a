"""A clone that changes are written through: where it is, which remote it has, and how it may be written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftbot.core.harmless import harmless
from driftbot.repository.access import Access, without_secret
from driftbot.repository.blob import ObjectFormat
from driftbot.repository.boundary import AtBoundary, unbounded
from driftbot.repository.building import Signing
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import TIMEOUT_SECONDS, Git
from driftbot.repository.identity import Identity

_NAME = re.compile(r"(?!-)[^\s:*?\[\\^~\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms is written: who commits, signed or not, with which token, and how long git may take (seconds).

    ``boundary`` is called between any two effects; whatever it raises stops there.
    """

    identity: Identity = field(default_factory=Identity)
    signing: Signing = Signing.OFF
    access: Access | None = None
    timeout: float = TIMEOUT_SECONDS
    boundary: AtBoundary = unbounded


@dataclass(frozen=True, slots=True)
class Clone:
    """An opened clone.

    ``remote`` is a configured remote's name, ``place`` where our branches are pushed (that name, or its push URL where
    it has one of its own), ``url`` the same as a person may see it. ``base`` is None for the remote's default branch.
    """

    git: Git
    git_folder: Path
    format: ObjectFormat
    remote: str
    place: str
    url: str
    base: str | None
    terms: Terms


def open_clone(folder: Path, remote: str, base: str | None, terms: Terms) -> Clone:
    """Open the clone that ``folder`` lies in, a bare one included.

    Raises:
        RepositoryFailure: ``NO_REPOSITORY``, ``NO_REMOTE``, or ``DENIED`` where the token must or can not be used.
    """
    _check_names(remote, base)
    git = Git(folder, terms.timeout)
    told = git.ask("rev-parse", "--show-object-format", "--path-format=absolute", "--git-common-dir")
    name, _, common = told.decode("utf-8", "surrogateescape").rstrip("\n").partition("\n")
    fetched = git.ask("remote", "get-url", remote).decode("utf-8", "surrogateescape").strip()
    pushed = git.ask("remote", "get-url", "--push", remote).decode("utf-8", "surrogateescape").strip()
    # A clone made with --mirror refuses to push single branches otherwise.
    options: tuple[str, ...] = ("-c", f"remote.{remote}.mirror=false")
    if terms.access:
        options = (*options, *terms.access.arguments(fetched), *terms.access.arguments(pushed))
    place = remote if fetched == pushed else pushed
    git = replace(git, options=options)
    return Clone(git, Path(common), ObjectFormat(name), remote, place, without_secret(pushed), base, terms)


def is_one_name(name: str) -> bool:
    """Whether git takes this for one name, and not for an option, a pattern or a pair."""
    return _NAME.fullmatch(name) is not None


def _check_names(remote: str, base: str | None) -> None:
    """Refuse names that git would take for an option, or for more than one branch."""
    if not is_one_name(remote):
        raise RepositoryFailure(Fault.NO_REMOTE, f"{harmless(remote)!r} is no remote's name", "git remote lists them")
    if base is not None and not is_one_name(base):
        raise RepositoryFailure(Fault.NO_BASE, f"{harmless(base)!r} is no branch's name", "git branch -r lists them")


def with_network(clone: Clone) -> Git:
    """Git with the token in its environment: only for commands that talk to the remote.

    Raises:
        RepositoryFailure: ``DENIED``, the token's place holds none.
    """
    access = clone.terms.access
    return replace(clone.git, variables=access.environment()) if access else clone.git
