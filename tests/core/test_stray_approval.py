"""Approvals of subjects that are gone or renamed need a decision; what a gap may hide does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from driftbot.core.approved import approved_facts
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.excuse import Approval
from driftbot.core.fact import Fact, Origin
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.silence import SilenceState
from driftbot.core.snapshot import Snapshot
from driftbot.core.stray_approval import stray_approvals
from driftbot.core.subject import Subject, SubjectId, labels_of

AS_OF = datetime(2026, 5, 1, 2, tzinfo=UTC)
HELD = SubjectId("condition", "production", "HostDown/1")
APPROVAL = Approval(HELD, "threshold", Quantity(500.0, Unit.COUNT), "dana", "load test", AS_OF)
LOOKED = Coverage("files", "production", "condition")
GAP = replace(LOOKED, gaps=(Gap(Origin("files", "broken.yaml"), "not YAML"),))
GONE = "an approval of threshold = 500 matches nothing: the subject is gone or renamed"


def condition(name: str, alertname: str) -> Subject:
    return Subject("condition", "production", name, labels_of({"alertname": alertname, "group": "g"}))


def stray(*subjects: Subject, coverage: Coverage = LOOKED) -> list[str]:
    facts = (*(Fact(subject, "comparison", ">") for subject in subjects), *approved_facts([APPROVAL]))
    found = stray_approvals([APPROVAL], Snapshot(AS_OF, facts, coverage=(coverage,)))
    assert {silence.state for silence in found} <= {SilenceState.MATCHES_NOTHING}
    return [silence.detail for silence in found]


@pytest.mark.parametrize(
    ("subjects", "coverage", "told"),
    [
        ([condition("HostDown/1", "HostDown")], LOOKED, []),
        ([], LOOKED, [GONE]),
        ([], GAP, []),
        ([], replace(LOOKED, environment="staging"), [GONE]),
        ([condition("Other/1", "Other")], LOOKED, [GONE]),
        (
            [condition("g/HostDown/1", "HostDown")],
            LOOKED,
            [f"{GONE}; perhaps it is condition:production/g/HostDown/1 now"],
        ),
        ([condition("g/HostDown/1", "HostDown"), condition("h/HostDown/1", "HostDown")], LOOKED, [GONE]),
    ],
)
def test_an_approval_that_matches_nothing_needs_a_decision(subjects, coverage, told):
    assert stray(*subjects, coverage=coverage) == told


def test_it_says_who_approved_it_and_never_ends_by_itself():
    (silence,) = stray_approvals([APPROVAL], Snapshot(AS_OF, coverage=(LOOKED,)))
    assert (silence.owner, silence.expires) == ("dana", None)
    assert silence.fingerprint == "condition:production/HostDown/1 threshold"
