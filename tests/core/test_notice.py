"""What a person is told: news and what resolved, once."""

from __future__ import annotations

from datetime import UTC, datetime

from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.notice import notices
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject
from driftbot.core.triage import Triage

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def life(name: str, state: Life, resolved: datetime | None = None) -> FindingLife:
    subject = Subject("job", "production", name)
    finding = Finding("r", subject, Verdict.DRIFT, Severity.HIGH, "title", "message", reasons=("why",))
    return FindingLife(finding, state, NOW, NOW, resolved=resolved)


def test_news_and_what_resolved_is_told_and_what_stands_is_not():
    new, standing, gone = life("a", Life.NEW), life("b", Life.ONGOING), life("c", Life.RULE_CHANGED, NOW)
    told = notices(Triage(NOW, news=(new,), standing=(standing,), resolved=(gone,)))
    assert [notice.title for notice in told] == ["r: job:production/a (new)", "r: job:production/c (resolved)"]
    assert (told[0].fingerprint, told[0].lines) == (new.finding.fingerprint, ("message", "why"))
