"""Runs in Slack's words: how far one is, who allowed it, and what a person has to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.core.run import PlanApproval, Run, RunState
from driftbot.notifiers.slack.mrkdwn import NOTHING, Mrkdwn, code, escaped, moment, mrkdwn
from driftbot.report.wording import plural

PEOPLE = 3
"""Approvals that are shown, the last ones."""
PERSON = 80
"""Characters of a person's name."""

_STATES = {
    RunState.RUNNING: "is being applied",
    RunState.WAITING: "waits for something outside, such as a merge",
    RunState.VERIFYING: "is done and being checked",
    RunState.UNDOING: "is being put back",
    RunState.UNCERTAIN: "stopped half-way, and a person has to look",
    RunState.RESOLVED: "helped",
    RunState.REFUSED: "was not begun: the world had moved",
    RunState.STOPPED: "stopped, and what was done stands",
    RunState.UNDONE: "was put back",
    RunState.DECLINED: "was declined by a person",
    RunState.ESCALATED: "did not help, and its owner was told",
}


def run_state(run: Run) -> Mrkdwn:
    """The run's number and how far it is."""
    return mrkdwn("run {} {}", run.number, _STATES[run.state])


def run_lines(run: Run) -> Iterator[Mrkdwn]:
    """The run in full: its state and last word, who began and allowed it, and when it goes on."""
    told = mrkdwn(": {}", run.told) if run.told else NOTHING
    yield mrkdwn("*Run {}* {}{}", run.number, _STATES[run.state], told)
    undone = mrkdwn(", put back by {}", escaped(run.undone_by, PERSON)) if run.undone_by else NOTHING
    ended = mrkdwn(", ended {}", moment(run.ended)) if run.ended else NOTHING
    yield mrkdwn("Begun {} by {}{}{}", moment(run.started), escaped(run.by, PERSON), ended, undone)
    yield from approvals(run.approvals)
    if run.state is RunState.UNCERTAIN:
        yield mrkdwn("What was done and what is not known: {}", code(f"driftbot runs show {run.number}"))
    elif run.due is not None and not run.state.ended:
        yield mrkdwn("Looked at again {}", moment(run.due))


def approvals(given: Sequence[PlanApproval]) -> Iterator[Mrkdwn]:
    """Who approved when."""
    for one in given[-PEOPLE:]:
        yield mrkdwn("*Approved* by {} {}", escaped(one.by, PERSON), moment(one.at))
    if len(given) > PEOPLE:
        yield mrkdwn("… and {} before", plural(len(given) - PEOPLE, "approval"))
