"""Findings and coverage survive as documents, with everything they carry."""

from __future__ import annotations

import json

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Origin
from driftbot.store import documents
from driftbot.store.value_text import compact
from tests.store.scene import finding


def test_a_finding_survives_whole():
    told = finding()
    back = documents.finding(json.loads(compact(documents.of_finding(told))))
    assert back == told
    assert back.subject.labels == told.subject.labels


def test_coverage_survives_with_every_gap():
    gaps = (Gap(Origin("git", "a.yaml", 3, 4), "tab"), Gap(Origin("git", "http://x", query="up"), "503"))
    for told in (
        Coverage("git", "production", "workload"),
        Coverage("git", "production", "workload", frozenset({"b", "a"}), gaps, failed=True),
        Coverage("git", "production", "workload", gaps=gaps, settled=frozenset({"a"}), doubted=frozenset({"shop/b"})),
    ):
        assert documents.coverage(json.loads(compact(documents.of_coverage(told)))) == told
