"""What a branch is to hold: the changes of its files, the commit's message, and the drift that it is for. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, ValidationError

from driftbot.actions.action import ActionFailed, Standing
from driftbot.actions.file_intent import FileIntent
from driftbot.actions.strict import Strict
from driftbot.core.remedy import Step
from driftbot.repository.change import FileChange
from driftbot.repository.publishing import Ended


class FileInRepository(Strict):
    """What becomes of one file, and its path from the repository's root."""

    path: str
    intent: FileIntent


class BranchIntent(Strict):
    """What a branch is to hold. ``key`` names the drift that it is for."""

    repository: str
    branch: str
    key: str
    message: str
    files: tuple[FileInRepository, ...] = Field(min_length=1)
    wait: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """The files' paths from the repository's root."""
        return tuple(file.path for file in self.files)

    def standing(self, bodies: Mapping[str, bytes]) -> Standing:
        """How the files of a commit stand to it, all together."""
        found = {file.intent.standing(bodies.get(file.path)) for file in self.files}
        return found.pop() if len(found) == 1 else Standing.OTHER

    def made(self, bodies: Mapping[str, bytes]) -> tuple[FileChange, ...]:
        """The files of a commit after the changes; those that have them already are as they are.

        Raises:
            Refused: one of them cannot be changed as it was proposed.
        """
        return tuple(FileChange(file.path, self._made(file, bodies.get(file.path))) for file in self.files)

    def reverted(self, bodies: Mapping[str, bytes]) -> tuple[FileChange, ...]:
        """The files of a commit without the changes.

        Raises:
            Refused: what they made does not stand there any more.
        """
        return tuple(FileChange(file.path, file.intent.reverted(bodies.get(file.path))) for file in self.files)

    def _made(self, file: FileInRepository, body: bytes | None) -> bytes:
        if body is not None and file.intent.standing(body) is Standing.AFTER:
            return body
        return file.intent.made(body)


class Pushed(Strict):
    """What performing did: the branch, the commit that ends it and the base below it, both as hashes.

    ``back`` is the commit that takes it back, on a branch of its own that waits to be merged.
    """

    branch: str
    commit: str | None = None
    base: str = ""
    ended: Ended
    back: str | None = None


def branch_of(step: Step) -> BranchIntent:
    """What a step of ``git_change`` brings to which branch.

    Raises:
        ActionFailed: the step was written by another version, or changed by hand.
    """
    try:
        return BranchIntent.model_validate_json(step.intent)
    except ValidationError as error:
        reason = f"the step for {step.target} cannot be read: {error.error_count()} parts of it are not as expected"
        raise ActionFailed(reason, "plan again") from None


def pushed_of(effect: str) -> Pushed | None:
    """What performing gave, None where that is unknown.

    Raises:
        ActionFailed: it cannot be read.
    """
    if effect in ("", "{}"):
        return None
    try:
        return Pushed.model_validate_json(effect)
    except ValidationError:
        raise ActionFailed("what performing the step gave cannot be read", "settle the run by hand") from None
