"""The report as JUnit XML: a suite a rule, a case a subject that is not ok, and what could not be read as errors."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree

from driftbot.core.evaluation import Tally
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife
from driftbot.report.harmless import harmless
from driftbot.report.report import Report
from driftbot.report.wording import best_origin, evidence_lines, state

LONGEST = 2000
"""Characters of one text in the XML."""


def render(report: Report) -> str:
    """The report as XML that test viewers of CI systems read.

    Drift is a failure, ``unknown`` and ``waived`` are skipped with their reason, and everything that makes the scan
    blind is an error of the suite ``driftbot``.
    """
    root = ElementTree.Element("testsuites", name=f"driftbot {report.version}")
    _blindness(root, report)
    lives = sorted((life for life in report.triage.lives if life.resolved is None), key=lambda life: life.finding.rule)
    by_rule = {rule: tuple(members) for rule, members in groupby(lives, key=lambda life: life.finding.rule)}
    tallies = {tally.rule: tally for tally in report.evaluation.tallies}
    for rule in sorted({*by_rule, *tallies}):
        _suite(root, report, tallies.get(rule, Tally(rule)), by_rule.get(rule, ()))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _blindness(root: ElementTree.Element, report: Report) -> None:
    cases = ElementTree.SubElement(root, "testsuite", name="driftbot", timestamp=_timestamp(report))
    for blind in report.blindness:
        case = ElementTree.SubElement(
            cases, "testcase", classname="driftbot", name=_text(f"{blind.cause}: {blind.place}")
        )
        ElementTree.SubElement(case, "error", type=blind.cause.value, message=_text(blind.reason))
    if not report.blindness:
        ElementTree.SubElement(cases, "testcase", classname="driftbot", name="everything the rules need was read")
    _totals(cases)


def _suite(root: ElementTree.Element, report: Report, tally: Tally, lives: Iterable[FindingLife]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(tally.rule), timestamp=_timestamp(report))
    properties = ElementTree.SubElement(suite, "properties")
    for verdict in Verdict:
        ElementTree.SubElement(properties, "property", name=verdict.value, value=str(getattr(tally, verdict.value)))
    ElementTree.SubElement(suite, "testcase", classname=_text(tally.rule), name=f"ok: {tally.ok}")
    for life in lives:
        _case(suite, life)
    _totals(suite)


def _case(suite: ElementTree.Element, life: FindingLife) -> None:
    finding = life.finding
    case = ElementTree.SubElement(
        suite, "testcase", classname=_text(finding.rule), name=_text(str(finding.subject)), id=finding.fingerprint
    )
    if origin := best_origin(finding):
        case.set("file", _text(origin.locator or origin.source))
        case.set("line", str(origin.line))
    if finding.verdict is Verdict.DRIFT:
        failure = ElementTree.SubElement(
            case, "failure", type=finding.severity.value, message=_text(finding.message or finding.title)
        )
        failure.text = "\n".join(
            (f"{state(life)}; driftbot explain {finding.fingerprint}", *evidence_lines(finding, LONGEST))
        )
        return
    reason = "; ".join(finding.reasons) or finding.title
    word = "not readable" if finding.verdict is Verdict.UNKNOWN else "waived"
    ElementTree.SubElement(case, "skipped", message=_text(f"{word}: {reason}"))


def _totals(suite: ElementTree.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _timestamp(report: Report) -> str:
    return report.as_of.isoformat(timespec="seconds")


def _text(text: str) -> str:
    return harmless(text, LONGEST)
