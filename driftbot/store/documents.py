"""Origins, coverage and findings as JSON documents, whole, so that a finding explains itself without its sources."""

from __future__ import annotations

from typing import Any

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Origin, Provenance, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject, SubjectId, labels_of
from driftbot.store.chart_documents import chart, of_chart
from driftbot.store.value_text import from_document, to_document

Document = dict[str, Any]
_POSITION = ("line", "column", "start", "end")


def of_subject(subject: Subject | SubjectId) -> Document:
    """A subject's identity, with its labels where it has some."""
    document: Document = {"kind": subject.kind, "environment": subject.environment, "name": subject.name}
    if isinstance(subject, Subject) and subject.labels:
        document["labels"] = dict(subject.labels)
    return document


def subject(document: Document) -> Subject:
    """The subject of ``of_subject``."""
    labels = labels_of(document.get("labels", {}))
    return Subject(document["kind"], document["environment"], document["name"], labels)


def of_origin(origin: Origin) -> Document:
    """An origin; what is not known is left out."""
    parts = {name: getattr(origin, name) for name in ("source", "locator", *_POSITION, "query")}
    return {name: part for name, part in parts.items() if part}


def origin(document: Document) -> Origin:
    """The origin of ``of_origin``."""
    return Origin(**{"source": "", **document})


def of_coverage(coverage: Coverage) -> Document:
    """What one source looked at, with every gap."""
    return {
        "source": coverage.source,
        "environment": coverage.environment,
        "kind": coverage.kind,
        "keys": sorted(coverage.keys),
        "gaps": [{"origin": of_origin(gap.origin), "reason": gap.reason} for gap in coverage.gaps],
        "failed": coverage.failed,
        **{name: sorted(names) for name in ("settled", "doubted") if (names := getattr(coverage, name))},
    }


def coverage(document: Document) -> Coverage:
    """The coverage of ``of_coverage``."""
    return Coverage(
        source=document["source"],
        environment=document["environment"],
        kind=document["kind"],
        keys=frozenset(document["keys"]),
        gaps=tuple(Gap(origin(gap["origin"]), gap["reason"]) for gap in document["gaps"]),
        failed=document["failed"],
        settled=frozenset(document.get("settled", ())),
        doubted=frozenset(document.get("doubted", ())),
    )


def of_finding(finding: Finding) -> Document:
    """A finding with all its evidence."""
    return {
        "rule": finding.rule,
        "subject": of_subject(finding.subject),
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "title": finding.title,
        "message": finding.message,
        "observed": finding.observed,
        "expected": finding.expected,
        "evidence": [_of_evidence(evidence) for evidence in finding.evidence],
        "recommendations": [_of_recommendation(recommendation) for recommendation in finding.recommendations],
        "reasons": list(finding.reasons),
        "rule_digest": finding.rule_digest,
        **({"charts": [of_chart(drawn) for drawn in finding.charts]} if finding.charts else {}),
    }


def finding(document: Document) -> Finding:
    """The finding of ``of_finding``."""
    return Finding(
        rule=document["rule"],
        subject=subject(document["subject"]),
        verdict=Verdict(document["verdict"]),
        severity=Severity(document["severity"]),
        title=document["title"],
        message=document["message"],
        observed=document["observed"],
        expected=document["expected"],
        evidence=tuple(_evidence(evidence) for evidence in document["evidence"]),
        recommendations=tuple(_recommendation(entry) for entry in document["recommendations"]),
        reasons=tuple(document["reasons"]),
        rule_digest=document["rule_digest"],
        charts=tuple(chart(entry) for entry in document.get("charts", ())),
    )


def _of_evidence(evidence: Evidence) -> Document:
    return {
        "name": evidence.name,
        "value": None if evidence.value is None else to_document(evidence.value),
        "view": evidence.view and evidence.view.value,
        "provenance": evidence.provenance and evidence.provenance.value,
        "origins": [of_origin(origin) for origin in evidence.origins],
        "note": evidence.note,
    }


def _evidence(document: Document) -> Evidence:
    return Evidence(
        name=document["name"],
        value=None if document["value"] is None else from_document(document["value"]),
        view=None if document["view"] is None else View(document["view"]),
        provenance=None if document["provenance"] is None else Provenance(document["provenance"]),
        origins=tuple(origin(entry) for entry in document["origins"]),
        note=document["note"],
    )


def _of_recommendation(recommendation: Recommendation) -> Document:
    value = recommendation.value
    return {
        "key": recommendation.key,
        "value": None if value is None else to_document(value),
        "note": recommendation.note,
    }


def _recommendation(document: Document) -> Recommendation:
    value = document["value"]
    return Recommendation(document["key"], None if value is None else from_document(value), document["note"])
