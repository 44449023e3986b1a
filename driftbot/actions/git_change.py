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
    back, for people to merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, ValidationError

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.change_message import change_message
from driftbot.actions.edit_file import read_file
from driftbot.actions.edit_settings import EditSettings
from driftbot.actions.file_intent import FileIntent, together
from driftbot.actions.repository_access import Home, failures_told, home_of, named, upstream
from driftbot.actions.setting_changes import FileChanges, changes_of, files_needed
from driftbot.actions.strict import Strict
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step, ValueChange
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import SettingFile
from driftbot.repository.change import Change, FileChange, check_branch
from driftbot.repository.closing import Closed
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended, Published
from driftbot.repository.standing import Place, Seen, State
from driftbot.repository.upstream import Upstream

NAME = "git_change"
_UNDO = "-undo"
_RACES = 3


class GitChangeSettings(EditSettings):
    """The changes, and the branch that they are made on."""

    branch: str = Field("", description="the branch's name; driftbot/<playbook>/<fingerprint> unless said")
    wait: bool = Field(
        True, description="whether the step is done once it is merged; false where pull_request follows, which waits"
    )


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
    """What performing did: the branch, the commit that ends it and the base below it, both as hashes."""

    branch: str
    commit: str | None = None
    base: str = ""
    ended: Ended


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
        intents = [_intent(step) for step in steps]
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
            intent, done = _intent(step), _pushed(effect)
            repository = upstream(named(intent.repository, tools), tools)
            seen = repository.fetch([intent.branch])
            return _sight(repository, intent, done, seen, tools)
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, failure.reason)
        except RepositoryFailure as failure:
            return Sight(Standing.UNREADABLE, str(failure))

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - the branch's content is its key
        """Commit and push.

        Raises:
            ActionFailed: the base has changed what was read, the branch is a person's, or the remote does not take it.
        """
        intent = _intent(step)
        with failures_told():
            repository = upstream(named(intent.repository, tools), tools)
            published = _published(repository, intent, tools)
        body = Pushed(branch=intent.branch, commit=published.commit, base=published.base, ended=published.ended)
        waits = intent.wait and published.ended is not Ended.MERGED
        told = f"{intent.branch} {_ENDED[published.ended]} at {repository.url}"
        return Effect(told, _body(body), pending=waits)

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - as above
        """Delete the branch, or commit the way back where it was merged.

        Raises:
            ActionFailed: the branch is a person's, or the base has something else by now.
        """
        intent, done = _intent(step), _pushed(effect)
        if done is not None and done.ended is Ended.MERGED:
            return Effect("the base had it before this step, and was left as it is", effect)
        with failures_told():
            repository = upstream(named(intent.repository, tools), tools)
            seen = repository.fetch([intent.branch])
            bodies = repository.read(seen.base, intent.paths)
            if intent.standing(bodies) is Standing.AFTER or _was_merged(repository, done, seen):
                return _taken_back(repository, intent, tools)
            return _closed(repository, intent)


def branch_of(step: Step) -> BranchIntent:
    """What a step of this action brings to which branch: for a request that is opened from it.

    Raises:
        ActionFailed: the step cannot be read.
    """
    return _intent(step)


def _intent(step: Step) -> BranchIntent:
    try:
        return BranchIntent.model_validate_json(step.intent)
    except ValidationError as error:
        reason = f"the step for {step.target} cannot be read: {error.error_count()} parts of it are not as expected"
        raise ActionFailed(reason, "plan again") from None


def _pushed(effect: str) -> Pushed | None:
    if effect in ("", "{}"):
        return None
    try:
        return Pushed.model_validate_json(effect)
    except ValidationError:
        raise ActionFailed("what performing the step gave cannot be read", "settle the run by hand") from None


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


def _change(intent: BranchIntent, files: tuple[FileChange, ...], base: str, tools: Tools) -> Change:
    return Change(intent.branch, intent.key, intent.message, files, base, tools.clock())


def _published(repository: Upstream, intent: BranchIntent, tools: Tools) -> Published:
    """The changes made in the base's newest files, and pushed; again where the base moved meanwhile."""
    for attempt in range(_RACES):
        seen = repository.fetch([intent.branch])
        bodies = repository.read(seen.base, intent.paths)
        try:
            change = _change(intent, intent.made(bodies), seen.base, tools)
        except Refused as refusal:
            raise ActionFailed(f"{seen.branch} of {repository.url}: {refusal.reason}", "plan again") from None
        try:
            return repository.publish(change)
        except RepositoryFailure as failure:
            if failure.kind is not Fault.MOVED or attempt == _RACES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _sight(repository: Upstream, intent: BranchIntent, done: Pushed | None, seen: Seen, tools: Tools) -> Sight:
    bodies = repository.read(seen.base, intent.paths)
    at_base = intent.standing(bodies)
    if at_base is Standing.AFTER:
        return Sight(Standing.AFTER, f"{seen.branch} of {repository.url} has the change")
    if _was_merged(repository, done, seen):
        return Sight(Standing.OTHER, f"{intent.branch} was merged, and {seen.branch} has been changed since")
    try:
        change = _change(intent, intent.made(bodies), seen.base, tools)
    except Refused as refusal:
        return _without_base(intent, done, seen, refusal)
    remote = repository.standing(change, seen).remote
    return _by_branch(intent, done, remote, seen.base)


def _by_branch(intent: BranchIntent, done: Pushed | None, remote: Place, base: str) -> Sight:
    """The standing of a change that the base has not, by what the branch at the remote is to it."""
    branch, why, commit = intent.branch, remote.why, remote.commit
    match remote.state:
        case State.OURS_SAME:
            return _waiting(intent, commit, base)
        case State.OURS_OLD if done is not None:
            return _waiting(intent, commit, base)
        case State.PERSONS if done is not None:
            return Sight(Standing.PENDING, f"{branch} waits to be merged; {why}")
        case State.PERSONS:
            return Sight(Standing.OTHER, f"{branch} is not driftbot's alone: {why}")
        case State.ABSENT if done is not None:
            return Sight(Standing.DECLINED, f"{branch} was deleted without being merged")
        case State.UNREADABLE:
            return Sight(Standing.UNREADABLE, why)
        case _:
            return Sight(Standing.BEFORE, f"{branch} does not have the change, and the base takes it")


def _without_base(intent: BranchIntent, done: Pushed | None, seen: Seen, refusal: Refused) -> Sight:
    """The base has something else by now; a branch that waits is people's to merge or to close."""
    if done is None:
        return Sight(Standing.OTHER, f"{seen.branch}: {refusal.reason}")
    if seen.tips.get(intent.branch) is None:
        return Sight(Standing.DECLINED, f"{intent.branch} was deleted without being merged")
    return Sight(Standing.PENDING, f"{intent.branch} waits, and {seen.branch} has changed beneath it")


def _waiting(intent: BranchIntent, commit: str | None, base: str) -> Sight:
    body = _body(Pushed(branch=intent.branch, commit=commit, base=base, ended=Ended.UNCHANGED))
    if intent.wait:
        return Sight(Standing.PENDING, f"{intent.branch} waits to be merged", body=body)
    return Sight(Standing.AFTER, f"{intent.branch} has the change", body=body)


def _body(pushed: Pushed) -> str:
    return canonical(pushed.model_dump(mode="json"))


def _was_merged(repository: Upstream, done: Pushed | None, seen: Seen) -> bool:
    """Whether the commit that was pushed is part of the base's history."""
    if done is None or done.commit is None:
        return False
    answer = repository.clone.git.run("merge-base", "--is-ancestor", done.commit, seen.base)
    return answer.code == 0


def _closed(repository: Upstream, intent: BranchIntent) -> Effect:
    closed = repository.close(intent.branch, intent.key)
    if closed is Closed.GONE:
        return Effect(f"{intent.branch} is not there any more")
    return Effect(f"{intent.branch} was deleted at {repository.url}")


def _taken_back(repository: Upstream, intent: BranchIntent, tools: Tools) -> Effect:
    """A commit on a branch of its own that takes the merged change back."""
    seen = repository.fetch([])
    bodies = repository.read(seen.base, intent.paths)
    try:
        files = intent.reverted(bodies)
    except Refused as refusal:
        raise ActionFailed(f"{seen.branch} of {repository.url}: {refusal.reason}", "take it back by hand") from None
    back = intent.model_copy(
        update={"branch": f"{intent.branch}{_UNDO}", "key": f"undo:{intent.key}", "message": _back(intent.message)}
    )
    published = repository.publish(_change(back, files, seen.base, tools))
    body = Pushed(branch=back.branch, commit=published.commit, base=published.base, ended=published.ended)
    told = f"it was merged: {back.branch} at {repository.url} takes it back once it is merged, too"
    return Effect(told, _body(body))


def _back(message: str) -> str:
    subject, _, rest = message.partition("\n\n")
    return f"Take back: {subject}\n\n{rest}"


_ENDED = {
    Ended.PUSHED: "was pushed",
    Ended.REPLACED: "was updated",
    Ended.UNCHANGED: "has the change already",
    Ended.MERGED: "is not needed: the base has the change already,",
}

action = GitChange()
