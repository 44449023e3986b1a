"""``git_change``: settings changed in one commit on a branch of driftbot's, pushed for people to merge.

Look
    Reads the files as they stand in the working tree, as the scan did; the remote is not asked.
Propose
    One commit on one branch: ``driftbot/<playbook>/<fingerprint>`` unless the setting ``branch`` says otherwise.
Sight
    ``AFTER`` once the base has what the step makes (merged, squashed, or done by somebody else); ``PENDING`` while our
    branch waits; ``DECLINED`` where a person deleted the branch without merging it. With ``wait: false`` the pushed
    branch is enough: so it has to be where ``pull_request`` follows, which waits itself.
Perform
    Fetches the base, makes the same changes in the base's files (found again where they moved), commits on the base's
    newest commit and pushes. The working tree, the index and HEAD are not touched. A branch of ours is updated in
    place; one that a person has committed to is never overwritten.
Undo
    Before the merge the branch is deleted while it is ours. After it a commit on ``<branch>-undo`` takes the change
    back, with a request where the repository has a forge; the step is undone once people have merged it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.branch_intent import BranchIntent, FileInRepository, Pushed, branch_of, pushed_of
from driftbot.actions.branch_sight import body_of, branch_sight, change_of
from driftbot.actions.branch_undoing import undone
from driftbot.actions.change_message import change_message
from driftbot.actions.edit_file import read_file
from driftbot.actions.edit_settings import EditSettings
from driftbot.actions.file_intent import FileIntent, together
from driftbot.actions.repository_access import Home, failures_told, home_of, named, top_of, upstream
from driftbot.actions.setting_changes import FileChanges, changes_of, files_needed
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step, ValueChange
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import SettingFile
from driftbot.repository.change import check_branch
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended, Published
from driftbot.repository.upstream import Upstream

NAME = "git_change"
_RACES = 3


class GitChangeSettings(EditSettings):
    """The changes, and the branch that they are made on."""

    branch: str = Field("", description="the branch's name; driftbot/<playbook>/<fingerprint> unless said")
    wait: bool = Field(
        True, description="whether the step is done once it is merged; false where pull_request follows, which waits"
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """The files that changes are proposed for, and the repository that all of them are in."""

    contents: Mapping[str, SettingFile | None]
    homes: Mapping[str, tuple[Home, str]]


class GitChange:
    """The action; it keeps nothing."""

    name = NAME
    settings = GitChangeSettings
    irreversible = ""
    asks = True
    late = True

    def look(self, settings: GitChangeSettings, occasion: Occasion, tools: Tools) -> Looked:
        """The files that the settings are about, each with its repository.

        Raises:
            Refused: one cannot be read, or is in no repository that may be changed.
        """
        paths = files_needed(settings, occasion)
        homes = {path: home_of(path, tools) for path in paths}
        contents = {path: read_file(path, occasion.finding.subject.kind, tools) for path in paths}
        return Looked(contents, {path: (home, home.path_of(tools.root, path)) for path, home in homes.items()})

    def propose(self, settings: GitChangeSettings, occasion: Occasion, seen: Looked) -> Step:
        """The commit with all changes.

        Raises:
            Refused: one of them cannot be made and proved, or they are in several repositories.
        """
        changes = changes_of(settings, occasion, seen.contents)
        folders = {seen.homes[one.intent.path][0].options.folder for one in changes}
        if len(folders) != 1:
            raise Refused(f"one commit is in one repository, not in {', '.join(sorted(folders))}", Refusal.SEVERAL)
        fingerprint = occasion.covered.fingerprint
        branch = settings.branch or f"driftbot/{occasion.playbook}/{fingerprint}"
        values = tuple(value for one in changes for value in one.values)
        intent = BranchIntent(
            repository=folders.pop(),
            branch=_checked(branch),
            key=fingerprint,
            message=change_message([occasion], values),
            files=tuple(FileInRepository(path=seen.homes[one.intent.path][1], intent=one.intent) for one in changes),
            wait=settings.wait,
        )
        return _step(intent, occasion.covered.message, _preview(changes), values)

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        """One commit on one branch that makes the changes of all these steps.

        Raises:
            Refused: they are in several repositories, or two of them exclude each other.
        """
        intents = [branch_of(step) for step in steps]
        if len(intents) == 1:
            return steps[0]
        if len({(one.repository, one.wait) for one in intents}) > 1:
            raise Refused("the changes are in several repositories, and one commit is in one", Refusal.SEVERAL)
        by_path: dict[str, list[FileIntent]] = {}
        for file in (file for one in intents for file in one.files):
            by_path.setdefault(file.path, []).append(file.intent)
        values = tuple(dict.fromkeys(value for step in steps for value in step.changes))
        first = occasions[0]
        own = {one.branch for one in intents}
        named_alike = f"driftbot/{first.playbook}/{first.rule.id}"
        intent = BranchIntent(
            repository=intents[0].repository,
            branch=_checked(own.pop() if len(own) == 1 else named_alike),
            key=f"{first.playbook}:{first.rule.id}",
            message=change_message(occasions, values),
            files=tuple(FileInRepository(path=path, intent=together(by_path[path])) for path in sorted(by_path)),
            wait=intents[0].wait,
        )
        because = f"{len(steps)} findings of {first.rule.id}: {first.rule.title}"
        return _step(intent, because, "".join(dict.fromkeys(step.preview for step in steps)), values)

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """How the base and the branch at the remote stand to the step."""
        try:
            intent, done = branch_of(step), pushed_of(effect)
            repository = upstream(named(intent.repository, tools), tools)
            seen = repository.fetch([intent.branch])
            return branch_sight(repository, intent, done, seen, tools)
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, failure.reason)
        except RepositoryFailure as failure:
            return Sight(Standing.UNREADABLE, str(failure))

    def not_here(self, step: Step, tools: Tools) -> str:
        """Which files of the clone that scans read do not have the change yet: somebody has to pull."""
        intent = branch_of(step)
        folder = top_of(named(intent.repository, tools), tools)
        found = {file.path: file.intent.standing(_content(folder / file.path)) for file in intent.files}
        behind = ", ".join(sorted(path for path, standing in found.items() if standing is Standing.BEFORE))
        return f"the clone that is scanned lacks the merged change of {behind}: git pull there" if behind else ""

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - the branch's content is its key
        """Commit and push.

        Raises:
            ActionFailed: the base has changed what was read, the branch is a person's, or the remote does not take it.
        """
        intent = branch_of(step)
        with failures_told():
            repository = upstream(named(intent.repository, tools), tools)
            published = _published(repository, intent, tools)
        body = Pushed(branch=intent.branch, commit=published.commit, base=published.base, ended=published.ended)
        waits = intent.wait and published.ended is not Ended.MERGED
        told = f"{intent.branch} {_ENDED[published.ended]} at {repository.url}"
        return Effect(told, body_of(body), pending=waits)

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - as above
        """Delete the branch, or push the way back where it was merged, and wait for that to be merged.

        Raises:
            ActionFailed: the branch is a person's, the base has something else by now, or people keep the change.
        """
        intent, done = branch_of(step), pushed_of(effect)
        if done is not None and done.ended is Ended.MERGED:
            return Effect("the base had it before this step, and was left as it is", effect)
        with failures_told():
            repository = upstream(named(intent.repository, tools), tools)
            return undone(repository, intent, step.changes, done, tools)


def _checked(branch: str) -> str:
    try:
        check_branch(branch)
    except RepositoryFailure as failure:
        raise Refused(f"{failure}; {failure.next_step}", Refusal.UNWRITABLE_VALUE) from None
    return branch


def _step(intent: BranchIntent, because: str, preview: str, values: tuple[ValueChange, ...]) -> Step:
    digests = {file.path: file.intent.before for file in intent.files}
    at = "" if intent.repository == "." else f"{intent.repository}:"
    return Step(
        action=NAME,
        target=f"branch:{at}{intent.branch}",
        precondition=canonical({"repository": intent.repository, "sha256": digests}),
        intent=canonical(intent.model_dump(mode="json")),
        because=because,
        preview=preview,
        changes=values,
    )


def _preview(changes: Sequence[FileChanges]) -> str:
    return "".join(one.diff for one in changes)


def _published(repository: Upstream, intent: BranchIntent, tools: Tools) -> Published:
    """The changes made in the base's newest files, and pushed; again where the base moved meanwhile."""
    for attempt in range(_RACES):
        seen = repository.fetch([intent.branch])
        bodies = repository.read(seen.base, intent.paths)
        try:
            change = change_of(intent, intent.made(bodies), seen.base, tools)
        except Refused as refusal:
            raise ActionFailed(f"{seen.branch} of {repository.url}: {refusal.reason}", "plan again") from None
        try:
            return repository.publish(change, seen)
        except RepositoryFailure as failure:
            if failure.kind is not Fault.MOVED or attempt == _RACES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


_ENDED = {
    Ended.PUSHED: "was pushed",
    Ended.REPLACED: "was updated",
    Ended.UNCHANGED: "has the change already",
    Ended.MERGED: "is not needed: the base has the change already,",
}


def _content(file: Path) -> bytes | None:
    """The file's bytes, or None where there is none that can be read."""
    try:
        return file.read_bytes()
    except OSError:
        return None


action = GitChange()
