"""Findings as people read them: message, arithmetic, evidence and recommendation of one judgement."""

from __future__ import annotations

from driftbot.core.fact import View
from driftbot.core.finding import Finding, Recommendation, Verdict
from driftbot.core.quantity import Quantity
from driftbot.engine.detection_chart import charts
from driftbot.engine.evidence import evidence, unread
from driftbot.engine.scene import UNREAD, Scene
from driftbot.engine.sentence import holding, observed_and_expected, to_blame, without_guards
from driftbot.rules import expression as ex
from driftbot.rules.program import Proposal, Slot


def finding(scene: Scene, line: int, verdict: Verdict, *, undecided: bool) -> Finding:
    """The finding about the scene's subject in that line. ``undecided``: ``where`` itself is not known."""
    program = scene.program
    rule = program.rule
    observed, expected = _arithmetic(scene, line, verdict)
    judged = [program.expect, *([program.where] if program.where and undecided else [])]
    return Finding(
        rule=rule.id,
        subject=scene.table.subjects[int(scene.rows[line])],
        verdict=verdict,
        severity=rule.severity,
        title=rule.title,
        message=_message(scene, line, verdict),
        observed=observed,
        expected=expected,
        evidence=evidence(scene, judged, line),
        recommendations=_recommendations(scene, line, verdict),
        reasons=_reasons(scene, line, verdict, undecided),
        rule_digest=rule.digest,
        charts=charts(scene, [program.expect], line) if verdict is Verdict.DRIFT else (),
    )


def _message(scene: Scene, line: int, verdict: Verdict) -> str:
    """The rule's message; of what is not known and would fill it nothing, for the reasons say it better."""
    slots = (part.node for part in scene.program.message if isinstance(part, Slot))
    if verdict is Verdict.UNKNOWN and not all(scene.known(node, line) for node in slots):
        return ""
    parts = (scene.words(part.node, line) if isinstance(part, Slot) else part for part in scene.program.message)
    return "".join(parts)


def _arithmetic(scene: Scene, line: int, verdict: Verdict) -> tuple[str, str]:
    """What was found and what should have been, of every condition that keeps the verdict from ``ok``."""
    if verdict is Verdict.OK:
        atoms = without_guards(holding(scene, scene.program.expect, line))
    else:
        atoms = to_blame(scene, scene.program.expect, line)
        # What breaks the rule is told, not what nobody could read beside it.
        atoms = tuple(atom for atom in atoms if scene.truth(atom[0], line) is (not atom[1])) or atoms
    said = [observed_and_expected(scene, node, wanted, line) for node, wanted in atoms]
    return "; ".join(observed for observed, _ in said), "; ".join(expected for _, expected in said)


def _reasons(scene: Scene, line: int, verdict: Verdict, undecided: bool) -> tuple[str, ...]:
    if verdict is not Verdict.UNKNOWN:
        return ()
    reasons: tuple[str, ...] = ()
    if undecided and scene.program.where:
        notes = unread(scene, [node for node, _ in to_blame(scene, scene.program.where, line)], line)
        reasons = ("whether the rule is meant for this subject is not known", *notes)
    blamed = [node for node, _ in to_blame(scene, scene.program.expect, line)]
    notes = unread(scene, [node for node in blamed if not scene.known(node, line)], line)
    found = tuple(dict.fromkeys((*reasons, *notes)))
    return found or ("the arithmetic has no finite result (a division by zero, or a number too large)",)


def _recommendations(scene: Scene, line: int, verdict: Verdict) -> tuple[Recommendation, ...]:
    if verdict is not Verdict.DRIFT:
        return ()
    proposals = (proposal for proposal in scene.program.proposals if not _restores_nothing(scene, proposal, line))
    return tuple(_recommendation(scene, proposal, line) for proposal in proposals)


def _restores_nothing(scene: Scene, proposal: Proposal, line: int) -> bool:
    """Whether it would restore an approved value that nobody approved, or that is in force."""
    node = scene.resolve(proposal.node)
    if not isinstance(node, ex.Reference) or node.view is not View.APPROVED:
        return False
    today = ex.Reference(proposal.key, None, node.type)
    return not scene.known(node, line) or scene.fact_value(node, line) == scene.fact_value(today, line)


def _recommendation(scene: Scene, proposal: Proposal, line: int) -> Recommendation:
    value = scene.fact_value(proposal.node, line)
    if isinstance(value, str) and proposal.node.type.sort is ex.Sort.QUANTITY:
        return Recommendation(proposal.key, None, f"there is no finite value: {value}")
    if value is not None and proposal.unit is not None and isinstance(value, Quantity):
        return Recommendation(proposal.key, Quantity(value.value, proposal.unit))
    if value is not None:
        return Recommendation(proposal.key, value)
    return Recommendation(proposal.key, None, "; ".join(unread(scene, [proposal.node], line)) or UNREAD)
