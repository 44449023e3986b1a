"""``open_notice``: a drift that nothing is changed for is told: as an issue of a forge, or through the outbox.

Look
    Nothing is asked; the forge has to be one that may be reached.
Propose
    A title and a body, recognised by the finding's fingerprint.
Sight
    ``AFTER`` where the notice stands as it shall; ``DECLINED`` where a person closed the issue.
Perform
    One notice a drift: opened, edited in place, or reopened where driftbot closed it.
Undo
    Closes the issue, or takes the notice out of the outbox while nobody has delivered it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import Field, ValidationError

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.forge_access import check_forge, forge_failures_told, forge_of
from driftbot.actions.outbox import Outbox
from driftbot.actions.request_body import notice_body, notice_text
from driftbot.actions.strict import Strict
from driftbot.core.canonical import canonical
from driftbot.core.harmless import harmless
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.remedy import Step
from driftbot.forges.failure import ForgeFailure
from driftbot.forges.mark import Mark
from driftbot.forges.thread import Act, Draft, Notice, State

NAME = "open_notice"
OUTBOX = "outbox"
CLOSED = "driftbot closes this issue: the drift is gone, or the run was undone."
"""What is said when the issue is closed."""
KIND = "notice"
"""The kind of the outbox's notices about findings."""


class OpenNoticeSettings(Strict):
    """Where it is told, and what beside the finding itself."""

    to: str = Field(OUTBOX, description="a forge by its name in acting.reach.forges, or outbox: to who is told of runs")
    title: str = Field("", description="the title; the rule's title and the subject unless said")
    note: str = Field("", description="a sentence for whoever reads it: what to do")
    labels: tuple[str, ...] = Field(("driftbot",), description="labels of the issue")


class NoticeIntent(Strict):
    """A notice, where it is told, and the drift that it is known by."""

    to: str
    fingerprint: str
    title: str
    body: str
    labels: tuple[str, ...]
    note: str = ""

    @property
    def draft(self) -> Draft:
        """What the issue shall say."""
        digest = hashlib.sha256(f"{self.title}\n{self.body}".encode()).hexdigest()[:16]
        return Draft(self.title, self.body, Mark(self.fingerprint, digest), self.labels)


class Told(Strict):
    """What performing gave: the issue's number and address; 0 and nothing for the outbox."""

    number: int = 0
    url: str = ""


class OpenNotice:
    """The action; it keeps nothing."""

    name = NAME
    settings = OpenNoticeSettings
    irreversible = ""
    tells = True
    late = True

    def look(self, settings: OpenNoticeSettings, occasion: Occasion, tools: Tools) -> None:  # noqa: ARG002 - as asked
        """Whether the forge may be reached.

        Raises:
            Refused: it may not.
        """
        if settings.to != OUTBOX:
            check_forge(settings.to, tools)

    def propose(self, settings: OpenNoticeSettings, occasion: Occasion, seen: None) -> Step:  # noqa: ARG002 - as asked
        """The notice about one finding."""
        title = settings.title or f"{occasion.rule.title}: {occasion.finding.subject.name}"
        intent = NoticeIntent(
            to=settings.to,
            fingerprint=occasion.covered.fingerprint,
            title=harmless(title),
            body=_body(settings.to, [occasion], settings.note),
            labels=settings.labels,
            note=settings.note,
        )
        return _step(intent, occasion.covered.message)

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        """One notice about all findings of the rule."""
        if len(steps) == 1:
            return steps[0]
        intents, rule = [_intent(step) for step in steps], occasions[0].rule
        first, titles = intents[0], {one.title for one in intents}
        intent = first.model_copy(
            update={
                "fingerprint": f"{occasions[0].playbook}:{rule.id}",
                "title": titles.pop() if len(titles) == 1 else harmless(f"{rule.title}: {len(steps)} findings"),
                "body": _body(first.to, occasions, first.note),
            }
        )
        return _step(intent, f"{len(steps)} findings of {rule.id}: {rule.title}")

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:  # noqa: ARG002 - the fingerprint finds it
        """How the notice about the drift stands, if there is one."""
        try:
            intent = _intent(step)
            if intent.to == OUTBOX:
                return _sight_in(_outbox(tools), intent)
            return _sight(intent, forge_of(intent.to, tools).find_notice(intent.fingerprint))
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, failure.reason)
        except ForgeFailure as failure:
            return Sight(Standing.UNREADABLE, failure.sentence)

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - the fingerprint is its key
        """Tell it, once.

        Raises:
            ActionFailed: a person closed the issue, or the forge does not take it.
        """
        intent = _intent(step)
        if intent.to == OUTBOX:
            put = _outbox(tools).put_notice(
                OutboxNotice(intent.fingerprint, KIND, intent.title, intent.body, tools.clock())
            )
            return Effect("it waits to be told" if put else "it was told in these words already", canonical({}))
        with forge_failures_told():
            posting = forge_of(intent.to, tools).open_notice(intent.draft)
        if posting.act is Act.LEFT:
            raise ActionFailed("; ".join(posting.remarks) or f"{posting.thread.url} is closed", "reopen it there")
        remarks = "".join(f"; {remark}" for remark in posting.remarks)
        return Effect(f"{posting.thread.url} was {posting.act}{remarks}", _told(posting.thread))

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - as above
        """Close the issue, or take the notice back.

        Raises:
            ActionFailed: the forge does not tell.
        """
        return _ended(step, tools)


def _ended(step: Step, tools: Tools) -> Effect:
    intent = _intent(step)
    if intent.to == OUTBOX:
        withdrawn = _outbox(tools).withdraw_notice(intent.fingerprint, KIND)
        return Effect("nobody is told any more" if withdrawn else "it was told already, or is gone")
    with forge_failures_told():
        forge = forge_of(intent.to, tools)
        notice = forge.find_notice(intent.fingerprint)
        if notice is None or notice.state is not State.OPEN:
            return Effect("there is no open issue about it")
        return Effect(f"{notice.url} was closed", _told(forge.close_notice(notice, CLOSED).thread))


def _sight(intent: NoticeIntent, notice: Notice | None) -> Sight:
    if notice is None:
        return Sight(Standing.BEFORE, f"there is no issue about {intent.fingerprint}")
    if notice.state is State.CLOSED and not notice.closed_by_us:
        who = f" by {notice.closed_by}" if notice.closed_by else ""
        return Sight(Standing.DECLINED, f"{notice.url} was closed{who}")
    same = notice.state is State.OPEN and notice.mark is not None and notice.mark.digest == intent.draft.mark.digest
    return Sight(Standing.AFTER if same else Standing.BEFORE, f"{notice.url} is {notice.state}")


def _sight_in(outbox: Outbox, intent: NoticeIntent) -> Sight:
    notice = outbox.notice(intent.fingerprint, KIND)
    if notice is not None and (notice.title, notice.body) == (intent.title, intent.body):
        return Sight(Standing.AFTER, "it waits to be told" if notice.delivered is None else "it was told")
    return Sight(Standing.BEFORE, "it is not told in these words")


def _body(to: str, occasions: Sequence[Occasion], note: str) -> str:
    return notice_text(occasions, note) if to == OUTBOX else notice_body(occasions, note)


def _outbox(tools: Tools) -> Outbox:
    if tools.outbox is None:
        raise ActionFailed("there is no outbox here", "name a forge in `to`")
    return tools.outbox


def _told(notice: Notice) -> str:
    return canonical({"number": notice.number, "url": notice.url})


def _step(intent: NoticeIntent, because: str) -> Step:
    return Step(
        action=NAME,
        target=f"notice:{intent.to}:{intent.fingerprint}",
        precondition=canonical({"fingerprint": intent.fingerprint}),
        intent=canonical(intent.model_dump(mode="json")),
        because=because,
        preview=f"{intent.title}\n\n{intent.body}\n",
    )


def _intent(step: Step) -> NoticeIntent:
    try:
        return NoticeIntent.model_validate_json(step.intent)
    except ValidationError as error:
        reason = f"the step for {step.target} cannot be read: {error.error_count()} parts of it are not as expected"
        raise ActionFailed(reason, "plan again") from None


action = OpenNotice()
