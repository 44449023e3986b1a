"""``pull_request``: a branch of ``git_change`` proposed to people, on GitHub or GitLab.

Look
    Reads which branch the step before pushes, and CODEOWNERS beside its files; the forge is not asked.
Propose
    Title, body (what, why, incident, evidence, diff, what was proved, risk, the way back), labels and reviewers.
Sight
    Finds the request by its branch and the hidden mark in its body: ``PENDING`` while it is open, ``AFTER`` once it is
    merged, ``DECLINED`` where a person closed it.
Perform
    Looks for it first: ours is edited in place, a second one is never opened, one that a person closed is respected.
Undo
    Closes it with a comment, if it is ours and not merged.

The ``git_change`` before it is written with ``wait: false``: the request waits for the merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, ValidationError

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.branch_intent import BranchIntent, branch_of
from driftbot.actions.change_message import subject_line
from driftbot.actions.forge_access import check_forge, forge_failures_told, forge_of
from driftbot.actions.git_change import NAME as GIT_CHANGE
from driftbot.actions.repository_access import failures_told, named, upstream
from driftbot.actions.request_body import request_body
from driftbot.actions.strict import Strict
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refusal, Refused
from driftbot.forges.failure import ForgeFailure
from driftbot.forges.forge import Forge, Posting
from driftbot.forges.mark import Mark
from driftbot.forges.thread import Act, Draft, Request, State
from driftbot.owners import find_owners

NAME = "pull_request"

CLOSED = "driftbot closes this request: the drift is gone, or the run was undone."
"""What is said when it is closed without being merged."""


class PullRequestSettings(Strict):
    """What the request is called, and who is asked for a review."""

    title: str = Field("", description="the title; the subject of the commit unless said")
    labels: tuple[str, ...] = Field(("driftbot",), description="labels; those that the repository lacks are made")
    reviewers: Literal["codeowners", "nobody"] | tuple[str, ...] = Field(
        "codeowners", description="who is asked for a review: codeowners, nobody, or names as CODEOWNERS writes them"
    )


class RequestIntent(Strict):
    """A request on a forge, from a branch of a repository. ``digest`` is of the changes that it is about."""

    forge: str
    repository: str
    branch: str
    fingerprint: str
    digest: str
    title: str
    body: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]

    @property
    def draft(self) -> Draft:
        """What it shall say."""
        return Draft(self.title, self.body, Mark(self.fingerprint, self.digest), self.labels)


class Opened(Strict):
    """What performing gave: the request's number and address."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Looked:
    """The branch that the request is opened from, on which forge, and whom CODEOWNERS names for its files."""

    branch: BranchIntent
    change: Step
    forge: str
    owners: tuple[str, ...]


class PullRequest:
    """The action; it keeps nothing."""

    name = NAME
    settings = PullRequestSettings
    irreversible = ""
    asks = True
    late = True

    def look(self, settings: PullRequestSettings, occasion: Occasion, tools: Tools) -> Looked:
        """The branch of the step before, its forge, and the owners of its files.

        Raises:
            Refused: no step before pushes a branch, or its repository names no forge.
        """
        change = next((step for step in reversed(occasion.before) if step.action == GIT_CHANGE), None)
        if change is None:
            raise Refused("a request needs a git_change step before it, which pushes its branch", Refusal.NOT_EDITED)
        try:
            branch = branch_of(change)
            options = named(branch.repository, tools)
        except ActionFailed as failure:
            raise Refused(failure.reason, Refusal.NOT_EDITED) from None
        if branch.wait:
            raise Refused("the git_change before a request needs `wait: false`: the request waits for the merge")
        check_forge(options.forge, tools)
        asked = settings.reviewers if isinstance(settings.reviewers, tuple) else ()
        if settings.reviewers == "codeowners":
            owners = find_owners(tools.root / options.folder)
            paths = branch.paths if owners else ()
            asked = tuple(dict.fromkeys(owner for path in paths if owners for owner in owners.of(path)))
        return Looked(branch, change, options.forge, asked)

    def propose(self, settings: PullRequestSettings, occasion: Occasion, seen: Looked) -> Step:
        """The request for one finding."""
        intent = RequestIntent(
            forge=seen.forge,
            repository=seen.branch.repository,
            branch=seen.branch.branch,
            fingerprint=seen.branch.key,
            digest=_digest(seen.branch),
            title=settings.title or subject_line([occasion], seen.change.changes),
            body=request_body([occasion], seen.change.changes, seen.change.preview),
            labels=settings.labels,
            reviewers=seen.owners,
        )
        return _step(intent, occasion.covered.message)

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        """One request for all findings that the branch before it mends.

        Raises:
            Refused: the requests are from several branches.
        """
        intents = [_intent(step) for step in steps]
        if len({(one.forge, one.repository, one.branch) for one in intents}) > 1:
            raise Refused("the requests are from several branches, and one request is from one", Refusal.SEVERAL)
        change = next(step for step in reversed(occasions[0].before) if step.action == GIT_CHANGE)
        titles = {one.title for one in intents}
        reviewers = tuple(dict.fromkeys(name for one in intents for name in one.reviewers))
        intent = intents[0].model_copy(
            update={
                "title": titles.pop() if len(titles) == 1 else subject_line(occasions, change.changes),
                "body": request_body(occasions, change.changes, change.preview),
                "reviewers": reviewers,
            }
        )
        return _step(intent, f"{len(steps)} findings of {occasions[0].rule.id}: {occasions[0].rule.title}")

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """How the request from the branch stands, if there is one."""
        try:
            intent, opened = _intent(step), _opened(effect)
            request = forge_of(intent.forge, tools).find_request(intent.branch)
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, failure.reason)
        except ForgeFailure as failure:
            return Sight(Standing.UNREADABLE, failure.sentence)
        if request is None:
            standing = Standing.BEFORE if opened is None else Standing.DECLINED
            return Sight(standing, f"there is no request from {intent.branch}")
        return _sight(intent, opened, request)

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - the mark in its body is its key
        """Open the request, or edit ours.

        Raises:
            ActionFailed: a person closed it or has one of their own, or the forge does not take it.
        """
        intent = _intent(step)
        with failures_told():
            base = upstream(named(intent.repository, tools), tools).fetch([intent.branch])
        if base.tips.get(intent.branch) is None:
            raise ActionFailed(f"the branch {intent.branch} is not at the remote", "plan again")
        forge = forge_of(intent.forge, tools)
        tools.boundary("pull_request.opening")
        with forge_failures_told():
            posting = forge.open_request(intent.branch, base.branch, intent.draft, intent.reviewers)
        tools.boundary("pull_request.opened")
        return _effect(posting)

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - as above
        """Close the request, if it is ours and open.

        Raises:
            ActionFailed: the forge does not tell, or it is a person's.
        """
        return _ended(step, tools)


def _ended(step: Step, tools: Tools) -> Effect:
    intent = _intent(step)
    with forge_failures_told():
        forge = forge_of(intent.forge, tools)
        request = forge.find_request(intent.branch)
        if request is None:
            return Effect(f"there is no request from {intent.branch}")
        if request.state is State.MERGED:
            return Effect(f"{request.url} was merged; what it brought is taken back on a branch of its own")
        if request.state is State.CLOSED:
            return Effect(f"{request.url} is closed already")
        return _closed(forge, intent, request)


def _closed(forge: Forge, intent: RequestIntent, request: Request) -> Effect:
    if request.mark is None or request.mark.fingerprint != intent.fingerprint:
        raise ActionFailed(f"{request.url} is not driftbot's for this drift", "close it by hand, if it shall be closed")
    posting = forge.close_request(request, CLOSED)
    return Effect(f"{posting.thread.url} was closed", _body(posting.thread))


def _sight(intent: RequestIntent, opened: Opened | None, request: Request) -> Sight:
    mark = request.mark
    ours = mark is not None and mark.fingerprint == intent.fingerprint
    same = ours and mark is not None and mark.digest == intent.digest
    match request.state:
        case State.OPEN if not ours:
            return Sight(Standing.OTHER, f"{request.url} is open from this branch, and not driftbot's for this drift")
        case State.OPEN if same or opened is not None:
            return Sight(Standing.PENDING, f"{request.url} waits to be merged", body=_body(request))
        case State.MERGED if same or opened is not None:
            return Sight(Standing.AFTER, f"{request.url} was merged", body=_body(request))
        case State.CLOSED if not request.closed_by_us:
            who = f" by {request.closed_by}" if request.closed_by else ""
            return Sight(Standing.DECLINED, f"{request.url} was closed{who} without being merged")
        case _:
            return Sight(Standing.BEFORE, f"{request.url} is {request.state}, and for another change")


def _effect(posting: Posting[Request]) -> Effect:
    request, told = posting.thread, "; ".join(posting.remarks)
    if posting.act is Act.LEFT and request.state is not State.MERGED:
        raise ActionFailed(told or f"{request.url} is a person's", "settle it there")
    words = f"{request.url} was {posting.act}" if posting.act is not Act.LEFT else told
    remarks = f"; {told}" if told and posting.act is not Act.LEFT else ""
    return Effect(f"{words}{remarks}", _body(request), pending=request.state is State.OPEN)


def _body(request: Request) -> str:
    return canonical({"number": request.number, "url": request.url})


def _digest(branch: BranchIntent) -> str:
    return hashlib.sha256(canonical(branch.model_dump(mode="json", include={"files"})).encode()).hexdigest()[:16]


def _step(intent: RequestIntent, because: str) -> Step:
    return Step(
        action=NAME,
        target=f"request:{intent.forge}:{intent.branch}",
        precondition=canonical({"branch": intent.branch}),
        intent=canonical(intent.model_dump(mode="json")),
        because=because,
        preview=f"{intent.title}\n\n{intent.body}\n",
    )


def _intent(step: Step) -> RequestIntent:
    try:
        return RequestIntent.model_validate_json(step.intent)
    except ValidationError as error:
        reason = f"the step for {step.target} cannot be read: {error.error_count()} parts of it are not as expected"
        raise ActionFailed(reason, "plan again") from None


def _opened(effect: str) -> Opened | None:
    try:
        return None if effect in ("", "{}") else Opened.model_validate_json(effect)
    except ValidationError:
        raise ActionFailed("what performing the step gave cannot be read", "settle the run by hand") from None


action = PullRequest()
