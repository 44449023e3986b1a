"""How a change on a branch is undone: the branch is deleted, or after the merge a second one takes the change back.

The second branch waits for people as the first one did: until they merge it, the base has the change still.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftbot.actions.action import ActionFailed, Effect, Standing, Tools
from driftbot.actions.branch_intent import BranchIntent, Pushed
from driftbot.actions.branch_sight import body_of, change_of, was_merged
from driftbot.actions.change_message import way_back_message
from driftbot.actions.forge_access import forge_failures_told, forge_of
from driftbot.actions.repository_access import named
from driftbot.core.remedy import ValueChange
from driftbot.edits.edit import Refused
from driftbot.forges.forge import Posting
from driftbot.forges.mark import Mark
from driftbot.forges.markdown import code_block, code_span
from driftbot.forges.thread import Act, Draft, Request, State
from driftbot.repository.closing import Closed
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended
from driftbot.repository.standing import Seen
from driftbot.repository.upstream import Upstream

_UNDO = "-undo"
_RACES = 3


def undone(
    repository: Upstream, intent: BranchIntent, changes: Sequence[ValueChange], done: Pushed | None, tools: Tools
) -> Effect:
    """Delete the branch, or push one that takes the merged change back and wait for its merge.

    ``changes`` are the values that the branch brought; ``done`` is what pushing gave, or the undoing that waits: asked
    again, it goes on from there.

    Raises:
        RepositoryFailure: the branch is a person's, or the remote does not take it.
        ActionFailed: the base has something else by now, or people want to keep the change.
    """
    back = _way_back(intent, changes)
    for attempt in range(_RACES):
        try:
            return _undone(repository, (intent, back), done, tools)
        except RepositoryFailure as failure:
            if failure.kind is not Fault.MOVED or attempt == _RACES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _undone(
    repository: Upstream, there_and_back: tuple[BranchIntent, BranchIntent], done: Pushed | None, tools: Tools
) -> Effect:
    intent, back = there_and_back
    seen = repository.fetch([intent.branch, back.branch])
    bodies = repository.read(seen.base, intent.paths)
    standing = intent.standing(bodies)
    begun = done is not None and done.back is not None
    if standing is not Standing.AFTER and not begun and not was_merged(repository, done, seen):
        return _closed(repository, intent, done)
    if standing is Standing.BEFORE:
        return Effect(f"{seen.branch} of {repository.url} has what it had before the change")
    return _taken_back(repository, there_and_back, done, seen, tools)


def _closed(repository: Upstream, intent: BranchIntent, done: Pushed | None) -> Effect:
    """Delete the branch while it holds what was pushed: a later run may have brought another value to it."""
    if repository.close(intent.branch, intent.key, done.commit if done else None) is Closed.GONE:
        return Effect(f"{intent.branch} is not there any more")
    return Effect(f"{intent.branch} was deleted at {repository.url}")


def _taken_back(
    repository: Upstream,
    there_and_back: tuple[BranchIntent, BranchIntent],
    done: Pushed | None,
    seen: Seen,
    tools: Tools,
) -> Effect:
    """A commit on a branch of its own that takes the merged change back, and a request for it at the forge."""
    intent, back = there_and_back
    waits = seen.tips.get(back.branch) if done is not None and done.back is not None else ""
    if waits is None:
        told = f"{back.branch} was deleted without being merged: {seen.branch} of {repository.url} keeps the change"
        raise ActionFailed(told, "take it back by hand, if it shall go")
    commit = _pushed(repository, there_and_back, waits, seen, tools)
    asked = _asked(back, commit, seen, tools)
    known = done or Pushed(branch=intent.branch, ended=Ended.PUSHED)
    told = f"it was merged: {back.branch} at {repository.url} takes it back once it is merged, too{asked}"
    return Effect(told, body_of(known.model_copy(update={"back": commit})), pending=True)


def _way_back(intent: BranchIntent, changes: Sequence[ValueChange]) -> BranchIntent:
    message = way_back_message(intent.message, intent.branch, changes)
    return intent.model_copy(
        update={"branch": f"{intent.branch}{_UNDO}", "key": f"undo:{intent.key}", "message": message}
    )


def _pushed(
    repository: Upstream, there_and_back: tuple[BranchIntent, BranchIntent], waits: str, seen: Seen, tools: Tools
) -> str:
    """The commit that ends the branch; one that waits and that a person has gone on with stays as it is."""
    intent, back = there_and_back
    try:
        files = intent.reverted(repository.read(seen.base, intent.paths))
    except Refused as refusal:
        raise ActionFailed(f"{seen.branch} of {repository.url}: {refusal.reason}", "take it back by hand") from None
    try:
        return repository.publish(change_of(back, files, seen.base, tools), seen).commit or seen.base
    except RepositoryFailure as failure:
        if failure.kind is not Fault.PERSONS_COMMIT or not waits:
            raise
        return waits


def _asked(back: BranchIntent, commit: str, seen: Seen, tools: Tools) -> str:
    """What became of the request for the merge, as the end of a sentence; a forge that fails is asked again later."""
    forge = named(back.repository, tools).forge
    if not forge:
        return ""
    subject, _, rest = back.message.partition("\n\n")
    body = f"This takes back what {code_span(back.branch.removesuffix(_UNDO))} brought.\n\n{code_block(rest)}"
    draft = Draft(subject, body, Mark(back.key, commit), ("driftbot",))
    try:
        with forge_failures_told():
            posting = forge_of(forge, tools).open_request(back.branch, seen.branch, draft)
    except ActionFailed as failure:
        return f"; no request for it yet: {failure.reason}"
    return _answered(posting)


def _answered(posting: Posting[Request]) -> str:
    request = posting.thread
    if posting.act is Act.LEFT and request.state is State.CLOSED:
        raise ActionFailed(f"{request.url} was closed without being merged", "take it back by hand, if it shall go")
    return f"; {request.url} asks for it"
