"""The repository that changes go to, by one clone of it: looked at, read, written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from driftbot.repository.change import Change, check_commit
from driftbot.repository.clone import Clone, Terms, open_clone
from driftbot.repository.closing import Closed, close
from driftbot.repository.examination import examine
from driftbot.repository.failure import RepositoryFailure
from driftbot.repository.file_path import check_path
from driftbot.repository.publishing import Outcome, Published, publish
from driftbot.repository.seeing import last_seen, see
from driftbot.repository.standing import Place, Seen, Standing, State
from driftbot.repository.tree import check_place, contents, entries


@dataclass(frozen=True, slots=True)
class Upstream:
    """A remote and the clone it is reached through. Every method raises ``RepositoryFailure``, and nothing else.

    The clone's working tree, index, HEAD, branches and tracking branches are never read for a change and never
    touched. Methods that talk to the remote are ``fetch``, ``standing``, ``publish``, ``publish_all`` and ``close``.
    """

    clone: Clone

    @classmethod
    def open(
        cls, folder: Path, remote: str = "origin", base: str | None = None, terms: Terms | None = None
    ) -> Upstream:
        """Open the clone that ``folder`` lies in; ``base`` is the branch to build on (None: the remote's default)."""
        return cls(open_clone(folder, remote, base, terms or Terms()))

    @property
    def url(self) -> str:
        """Where branches are pushed, without what is secret in it."""
        return self.clone.url

    def fetch(self, branches: Sequence[str] = ()) -> Seen:
        """Look at the base and at these branches of ours, and fetch what is new of them."""
        return see(self.clone, branches)

    def read(self, commit: str, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The files at these paths of a commit, as git stores them; what is not there is left out.

        Links, submodules and paths that lead through them are refused (``UNSAFE_PATH``).
        """
        check_commit(commit)
        wanted = sorted(set(paths))
        for path in wanted:
            check_path(path)
        standing = entries(self.clone.git, commit, wanted)
        for path in wanted:
            check_place(path, standing)
        there = {path: standing[path].name for path in wanted if path in standing}
        bodies = contents(self.clone.git, there.values())
        return {path: bodies[name] for path, name in there.items()}

    def has(self, commit: str, part: str) -> bool:
        """Whether ``part`` belongs to the history of ``commit``, as a merge without squashing leaves it.

        A shallow clone answers for the history that it has.
        """
        check_commit(commit)
        check_commit(part)
        return self.clone.git.run("merge-base", "--is-ancestor", part, commit).code == 0

    def standing(self, change: Change, seen: Seen | None = None) -> Standing:
        """How a change stands to what was seen; without ``seen`` the remote is looked at now.

        What cannot be read is ``UNREADABLE`` with the reason, and not raised: reading back after a crash has to tell
        that apart from "not there".
        """
        change.check()
        try:
            look = seen or see(self.clone, [change.branch])
        except RepositoryFailure as failure:
            return self._unseen(change, failure)
        try:
            return examine(self.clone, [change], look)[0].standing
        except RepositoryFailure as failure:
            lost = Place(State.UNREADABLE, why=str(failure))
            return Standing(lost, lost, look.base)

    def publish(self, change: Change, seen: Seen | None = None) -> Published:
        """Bring the change to its branch at the remote: one commit on the base's newest one.

        ``seen`` saves a look at the remote where one was just taken; a stale one costs a second attempt, no more.
        Safe to repeat: a branch that makes this change already is left alone, as is one of ours that still merges
        cleanly; one of ours that makes another is replaced; a person's is refused.
        """
        (outcome,) = publish(self.clone, [change], seen)
        if isinstance(outcome, RepositoryFailure):
            raise outcome
        return outcome

    def publish_all(self, changes: Sequence[Change]) -> tuple[Outcome, ...]:
        """Bring many changes to their branches at once; what became of each, in their order."""
        return publish(self.clone, changes)

    def close(self, branch: str, key: str, expected: str | None = None) -> Closed:
        """Delete our branch for the drift ``key``, if it is ours alone (and ends with ``expected``)."""
        return close(self.clone, branch, key, expected)

    def _unseen(self, change: Change, failure: RepositoryFailure) -> Standing:
        """What this clone knows while the remote does not tell."""
        remote = Place(State.UNREADABLE, why=str(failure))
        try:
            known = last_seen(self.clone, [change.branch])
            own = examine(self.clone, [change], known)[0].standing.own if known else remote
        except RepositoryFailure as error:
            own = Place(State.UNREADABLE, why=str(error))
        return Standing(own, remote)
