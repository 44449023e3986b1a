"""The entry of a finding: it says all that is known of it, over its whole life, and has the controls that work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from driftbot.core.digest import Entry, Standing
from driftbot.core.fact import show
from driftbot.core.history import Life
from driftbot.core.ladder import Level
from driftbot.core.rule import Severity
from driftbot.core.run import RunState
from driftbot.engine.evaluate import _waived
from driftbot.notifiers.slack.controls import Control, SnoozeFor
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.words import is_offered, line
from driftbot.notifiers.slack.workspace import Applying, SlackWorkspace
from tests.notices.digest_scene import NIGHT, NOW, REMEDY, approval, digest, entry, finding, offer, snooze, waiver
from tests.notifiers.slack.hostile import HOSTILE, WORKSPACE, full_entry
from tests.notifiers.slack.payload_checks import faults, texts
from tests.notifiers.slack.runs import run


def told(about: Entry, workspace: SlackWorkspace | None = WORKSPACE) -> str:
    payload = entry_message(digest(about), about, workspace).payload()
    return "\n".join(text for text, kind in texts(payload["blocks"]) if kind == "mrkdwn")


def controls(about: Entry, workspace: SlackWorkspace | None = WORKSPACE) -> dict[str, dict[str, Any]]:
    blocks = entry_message(digest(about), about, workspace).payload()["blocks"]
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return {element["action_id"]: element for row in rows for element in row}


def test_it_says_what_where_why_and_what_to_do() -> None:
    said = told(entry(offer=offer()))
    for part in (
        "*New* · *high* · *Batch jobs finish well inside their deadline*",
        "`job:production/shop/billing`",
        "1h50m of 2h used",
        "*Observed*\n1h50m",
        "*Expected*\nat most 1h24m = 0.7 × 2h",
        "*Where*\n`jobs/billing.yaml:14`",
        "*Since*\n2026-05-04",
        "<https://example.org/reviews/billing-2025-03|billing-2025-03> (2025-03-11): Nightly billing grew",
        "*Recommended:* `timeout.deadline` = `2h45m` (1.5 × p99 of 30d)",
        "*Fix:* timeout.deadline of job:production/shop/billing: 2h → 2h45m",
        f"digest `{REMEDY[:12]}`",
        "*1 approval* needed before it is done: the button below",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("standing", "life", "head"),
    [
        (Standing.NEW, {}, "*New* · *high* · *Batch"),
        (Standing.NEW, {"life": Life.REOPENED, "times_opened": 2}, "*Back* · *high* · *Batch"),
        (Standing.NEW, {"life": Life.RULE_CHANGED}, "*New, because the rule changed* ·"),
        (Standing.NEW, {"life": Life.ONGOING}, "*No longer waived* ·"),
        (Standing.WORSE, {}, "*Before 2026-05-04*\n1h40m"),
        (Standing.STANDING, {}, "*Since*\n2026-04-14"),
        (Standing.STANDING, {"times_opened": 2}, "2026-04-14, came back once"),
        (Standing.STANDING, {"times_opened": 4}, "2026-04-14, came back 3 times"),
        (Standing.UNREAD, {}, "self.duration is not readable"),
        (Standing.FIXED, {}, "*Fixed* · ~Batch jobs finish well inside their deadline~"),
        (Standing.FIXED, {}, "*Stood*\n2026-04-14 to 2026-05-04"),
        (Standing.FIXED, {"life": Life.RULE_CHANGED}, "*Gone, because the rule changed* · ~"),
        (Standing.WAIVED, {}, "*Waived* by Ada &lt;ada@example.org&gt;"),
        (Standing.WAIVED, {}, "Reason: being rebuilt until June"),
        (Standing.SNOOZED, {}, "*Snoozed* by Ann &lt;ann@example.org&gt;"),
    ],
)
def test_it_says_how_the_finding_stands(standing: Standing, life: dict[str, Any], head: str) -> None:
    assert head in told(entry(standing, of_life=life))


@pytest.mark.parametrize("standing", [Standing.WAIVED, Standing.NEW])
def test_a_waiver_is_told_once_and_only_while_it_holds(standing: Standing) -> None:
    """A scan writes the waiver of its night among the reasons."""
    about = finding(message="", observed="", expected="", reasons=("nobody read the deadline",))
    judged = _waived(about, given := waiver(about))
    assert "waived by" in judged.reasons[0]
    one = entry(standing, of_life={"life": Life.ONGOING, "finding": judged})
    said = told(one)
    assert said.count("Ada &lt;ada@example.org&gt;") == (standing is Standing.WAIVED)
    assert said.count(given.reason) == (standing is Standing.WAIVED)
    assert "nobody read the deadline" in said
    assert "waived by" not in line(one)


@pytest.mark.parametrize("standing", Standing)
def test_a_snooze_is_told_where_it_keeps_something_from_somebody(standing: Standing) -> None:
    said = told(entry(standing, snooze=snooze(finding())))
    assert ("*Snoozed* by" in said) is (standing not in {Standing.FIXED, Standing.WAIVED})


@pytest.mark.parametrize("state", RunState)
def test_it_says_what_became_of_a_run_and_who_allowed_it(state: RunState) -> None:
    said = told(entry(Standing.STANDING, run=run(state)))
    assert "*Run 4* " in said
    assert "*Approved* by Ann &lt;ann@example.org&gt; <!date^" in said
    assert ("`driftbot runs show 4`" in said) is (state is RunState.UNCERTAIN)
    assert ("Looked at again" in said) is (not state.ended and state is not RunState.UNCERTAIN)


def test_every_state_of_a_run_has_its_own_words() -> None:
    heads = {told(entry(Standing.STANDING, run=run(state, told=""))).partition("*Run 4* ")[2] for state in RunState}
    assert len({head.partition("\n")[0] for head in heads}) == len(RunState)


@pytest.mark.parametrize(
    ("offered", "part"),
    [
        (offer(missing=2), "*2 approvals* needed"),
        (offer(approvals=(approval(),)), "*1 more approval* needed"),
        (offer(approvals=(approval(),)), "*Approved* by Ann &lt;ann@example.org&gt; <!date^1777878000^"),
        (offer(approvals=(approval(),), missing=0), "It has the approvals it needs."),
        (offer(level=Level.OBSERVE), "It is only shown"),
        (offer(level=Level.PROPOSE), f"A person applies it: `driftbot apply {REMEDY[:12]}`"),
        (offer(level=Level.AUTO), "The next night does it"),
        (offer(held=("frozen until Monday",)), "Held back: frozen until Monday"),
        (offer(held=("too far",), lasting=("too far",)), "No approval helps until a person changes"),
    ],
)
def test_it_says_how_far_a_fix_is(offered: Any, part: str) -> None:
    assert part in told(entry(offer=offered))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("missing", [0, 1])
def test_only_what_may_be_approved_has_the_button(level: Level, missing: int) -> None:
    shown = Control.APPROVE in controls(entry(offer=offer(level=level, missing=missing)))
    assert shown is (level is Level.APPROVE and missing > 0)


def test_what_only_a_person_can_end_has_no_button_and_is_not_counted() -> None:
    about = entry(offer=offer(held=("too far",), lasting=("too far",)))
    assert Control.APPROVE not in controls(about)
    assert not is_offered(about)


def test_approving_names_the_digest_and_asks_first() -> None:
    about = entry(offer=offer())
    button = controls(about)[Control.APPROVE]
    assert button["value"] == f"{about.fingerprint}:{REMEDY}"
    asked = button["confirm"]["text"]["text"]
    assert "2h → 2h45m" in asked
    assert REMEDY[:12] in asked
    assert asked.endswith("It is done at once.")


def test_the_dialog_says_when_it_is_done() -> None:
    tonight = WORKSPACE.model_copy(update={"applying": Applying.TONIGHT})
    asked = controls(entry(offer=offer(missing=2)), tonight)[Control.APPROVE]["confirm"]["text"]["text"]
    assert asked.endswith("It is done on the next night after 2 approvals.")


def test_what_is_held_back_is_not_promised_at_once() -> None:
    asked = controls(entry(offer=offer(held=("frozen",))))[Control.APPROVE]["confirm"]["text"]["text"]
    assert asked.endswith("It is done when nothing holds it back any more.")


@pytest.mark.parametrize("state", RunState)
def test_what_is_begun_is_not_approved_again(state: RunState) -> None:
    about = entry(Standing.STANDING, offer=offer(), run=run(state))
    assert (Control.APPROVE in controls(about)) is state.ended
    assert ("needed before it is done" in told(about)) is state.ended


@pytest.mark.parametrize("word", ["x" * 5000, "\ud800" * 5000])
def test_a_long_change_leaves_the_dialogs_digest_and_time(word: str) -> None:
    asked = controls(entry(offer=offer(told=word, playbook=word)))[Control.APPROVE]["confirm"]["text"]["text"]
    assert len(asked) <= 300
    assert asked.endswith(f"Digest {REMEDY[:12]}. It is done at once.")


@pytest.mark.parametrize(
    ("changes", "here"),
    [
        ({}, True),
        ({"approvers": ()}, False),
        ({"app_token": None}, False),
        ({"app_token": None, "signing_secret": WORKSPACE.token}, True),
    ],
)
def test_who_cannot_approve_in_slack_is_told_the_command(changes: dict[str, Any], here: bool) -> None:
    workspace = WORKSPACE.model_copy(update=changes)
    about = entry(offer=offer())
    assert (Control.APPROVE in controls(about, workspace)) is here
    assert (f"needed before it is done: `driftbot apply {REMEDY[:12]}`" in told(about, workspace)) is not here


@pytest.mark.parametrize(
    ("standing", "shown"),
    [
        (Standing.NEW, {Control.SNOOZE, Control.WAIVE, Control.EXPLAIN, Control.NOT_USEFUL}),
        (Standing.UNREAD, {Control.SNOOZE, Control.WAIVE, Control.EXPLAIN, Control.NOT_USEFUL}),
        (Standing.SNOOZED, {Control.SNOOZE, Control.WAIVE, Control.EXPLAIN, Control.NOT_USEFUL}),
        (Standing.WAIVED, {Control.EXPLAIN, Control.NOT_USEFUL}),
        (Standing.FIXED, {Control.EXPLAIN, Control.NOT_USEFUL}),
    ],
)
def test_only_controls_that_would_do_something_are_shown(standing: Standing, shown: set[Control]) -> None:
    about = entry(standing, offer=None)
    found = controls(about)
    assert set(found) == shown
    assert {one["value"] for one in found.values() if "value" in one} == {about.fingerprint}
    assert controls(about, None) == controls(about, WORKSPACE.model_copy(update={"app_token": None})) == {}


def test_snoozing_offers_every_span() -> None:
    about = entry()
    options = controls(about)[Control.SNOOZE]["options"]
    assert [option["value"] for option in options] == [f"{about.fingerprint}:{span}" for span in SnoozeFor]


@pytest.mark.parametrize(
    ("standing", "severity", "owner", "mention"),
    [
        (Standing.NEW, Severity.HIGH, "data-platform", "<!subteam^S0DATA>"),
        (Standing.NEW, Severity.CRITICAL, "payments", "<@U012ANN>"),
        (Standing.NEW, Severity.MEDIUM, "data-platform", ""),
        (Standing.NEW, Severity.HIGH, "", ""),
        (Standing.STANDING, Severity.HIGH, "data-platform", ""),
        (Standing.WORSE, Severity.CRITICAL, "data-platform", ""),
        (Standing.FIXED, Severity.CRITICAL, "data-platform", ""),
    ],
)
def test_people_are_mentioned_only_when_it_is_theirs(
    standing: Standing, severity: Severity, owner: str, mention: str
) -> None:
    about = entry(standing, of_finding={"severity": severity}, owner=owner)
    said = entry_message(digest(about), about, WORKSPACE).payload()
    assert ("<@" in str(said) or "<!subteam" in str(said)) is bool(mention)
    assert said["text"].startswith(mention)


def test_a_finding_whose_rule_is_gone_says_so() -> None:
    assert "Its rule is not enabled any more." in told(entry(rule=None))


def test_it_counts_whom_it_did_not_help() -> None:
    assert "1 person finds this not useful" in told(entry(not_useful=1))
    assert "3 people find this not useful" in told(entry(not_useful=3))


def test_what_is_not_shown_is_counted() -> None:
    about = entry()
    advice = about.finding.recommendations * 5
    life = replace(about.life, finding=replace(about.finding, recommendations=advice, reasons=("r",) * 5))
    said = told(replace(about, life=life, offer=offer(held=("h",) * 5, approvals=(approval(),) * 5)))
    assert "… and 2 more recommendations" in said
    assert said.count("… and 2 more reasons") == 2
    assert "… and 2 approvals before" in said


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_an_entry_with_everything_fits(standing: Standing, number: int) -> None:
    for state in (RunState.ESCALATED, RunState.UNCERTAIN, RunState.WAITING):
        about = full_entry(HOSTILE[number], standing, state)
        assert faults(entry_message(digest(about), about, WORKSPACE).payload()) == []


def test_what_does_not_fit_is_told_elsewhere() -> None:
    crowded = full_entry("word " * 1000)
    assert f"… and more: `driftbot explain {crowded.fingerprint}`" in told(crowded)
    assert "… and more" not in told(entry(offer=offer(), run=run(RunState.WAITING)))


def test_the_fallback_tells_it_in_a_sentence() -> None:
    about = entry()
    assert entry_message(digest(about), about).text == (
        "New, high: Batch jobs finish well inside their deadline – job:production/shop/billing. "
        "1h50m, expected at most 1h24m = 0.7 × 2h"
    )


def test_nothing_volatile_is_said() -> None:
    about = entry(Standing.WAIVED, run=run(RunState.WAITING), offer=offer(), escalated=NIGHT)
    first = entry_message(digest(about), about, WORKSPACE)
    later = entry_message(digest(about, now=NOW.replace(year=2027)), about, WORKSPACE)
    assert first.content == later.content
    assert show(about.finding.recommendations[0].value or "") in str(first.payload())
