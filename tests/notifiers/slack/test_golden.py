"""Golden messages and windows, one file a case; written again with DRIFTBOT_WRITE_GOLDEN=1."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from driftbot.core.digest import Counts, Digest, Entry, Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.core.run import RunState
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.explanation_view import explanation_view
from driftbot.notifiers.slack.modals import snooze_form, waive_form
from driftbot.notifiers.slack.notice_message import escalation_message, notice_message
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.rest_pages import rest_pages
from driftbot.report.explanation import Background, explanation
from tests.notices.digest_scene import (
    DAY,
    NIGHT,
    NOW,
    approval,
    chart,
    digest,
    entry,
    finding,
    life,
    notice,
    offer,
    rule,
    silence,
    waiver,
)
from tests.notifiers.slack.hostile import HOSTILE, WORKSPACE, full_entry
from tests.notifiers.slack.payload_checks import faults
from tests.notifiers.slack.runs import run

FIXTURES = Path(__file__).parents[3] / "fixtures" / "notifiers" / "slack"
OPTIONS = SlackOptions(name="sre", channel="#sre")
MIXED = " ".join(HOSTILE[:5])


def told(about: Digest) -> dict[str, Any]:
    return digest_message(about, OPTIONS, WORKSPACE).payload()


def of_entry(about: Entry) -> dict[str, Any]:
    return entry_message(digest(about), about, WORKSPACE).payload()


def ordinary() -> Digest:
    """A morning on which everything happened."""
    standing = [
        entry(of_finding={"severity": Severity.CRITICAL}, offer=offer()),
        entry(Standing.WORSE, "shop/mail"),
        entry(Standing.CHANGED, "shop/export", of_finding={"severity": Severity.LOW}),
        entry(Standing.STANDING, "shop/rank", run=run(RunState.UNCERTAIN)),
        entry(Standing.STANDING, "shop/index", escalated=NIGHT),
        entry(Standing.STANDING, "shop/sync", run=run(RunState.WAITING)),
        entry(Standing.UNREAD, "shop/search"),
        entry(Standing.SNOOZED, "shop/cart"),
        entry(Standing.WAIVED, "shop/legacy"),
        entry(Standing.FIXED, "shop/orders"),
    ]
    return digest(*standing, silences=(silence(),), notices=(notice(),), held_until=NOW + DAY / 24)


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "digest_quiet": lambda: told(digest(counts=Counts(unknown=3, ok=211))),
    "digest_ordinary": lambda: told(ordinary()),
    "digest_first_night": lambda: told(digest(*(entry(name=f"shop/job-{number}") for number in range(300)))),
    "digest_blind": lambda: told(
        digest(
            exit_code=ExitCode.BLIND, blind=("prometheus: http://prometheus:9090 did not answer", "jobs/a.yaml:3:1: no")
        )
    ),
    "digest_hostile": lambda: told(digest(*(full_entry(MIXED, standing) for standing in Standing), blind=(MIXED,))),
    "entry_new": lambda: of_entry(entry(offer=offer())),
    "entry_approved": lambda: of_entry(entry(Standing.STANDING, offer=offer(approvals=(approval(),), missing=1))),
    "entry_verifying": lambda: of_entry(entry(Standing.STANDING, run=run(RunState.VERIFYING))),
    "entry_uncertain": lambda: of_entry(entry(Standing.WORSE, run=run(RunState.UNCERTAIN), not_useful=2)),
    "entry_fixed": lambda: of_entry(entry(Standing.FIXED, run=run(RunState.RESOLVED))),
    "entry_unread": lambda: of_entry(entry(Standing.UNREAD)),
    "entry_snoozed": lambda: of_entry(entry(Standing.SNOOZED)),
    "entry_waived": lambda: of_entry(entry(Standing.WAIVED)),
    "entry_hostile": lambda: of_entry(full_entry(MIXED)),
    "rest_page": lambda: rest_pages(digest(), ordinary().entries)[0].payload(),
    "notice": lambda: notice_message(digest(), notice()).payload(),
    "escalation": lambda: escalation_message(digest(), entry(Standing.STANDING, escalated=NIGHT), WORKSPACE).payload(),
    "waive_form": lambda: waive_form(life(finding()), NOW).to_dict(),
    "snooze_form": lambda: snooze_form(life(finding()), NOW).to_dict(),
    "explanation": lambda: explanation_view(
        explanation(life(about := finding(charts=(chart(),))), Background(rule(), waiver(about))), about.fingerprint
    ).to_dict(),
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_it_said(case: str) -> None:
    payload = CASES[case]()
    path = FIXTURES / f"{case}.json"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        path.write_text(json.dumps(payload, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    assert payload == json.loads(path.read_text("utf-8"))
    assert faults(payload) == []


def test_every_file_is_a_case() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(CASES)


def test_the_same_digest_is_the_same_message() -> None:
    first, again = ordinary(), replace(ordinary(), now=NOW + DAY)
    assert digest_message(first, OPTIONS).content == digest_message(again, OPTIONS).content
    assert digest_message(first, OPTIONS).content != digest_message(digest(), OPTIONS).content
