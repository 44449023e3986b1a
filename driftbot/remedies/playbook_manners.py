"""The manners of a playbook: what whoever approves it at night needs, and whether the rules that name it fit it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from driftbot.actions.action import Action
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem, Rule
from driftbot.lessons.manners import Remark, Weight
from driftbot.playbooks.document import PlaybookDocument
from driftbot.playbooks.filling import named

_NOTHING_CHANGED = frozenset({"open_notice", "verify"})
"""Actions that tell or look: a playbook of these alone has no risk to speak of."""


def remarks_on_playbook(playbook: PlaybookDocument, at: Origin, actions: Mapping[str, Action]) -> Iterator[Remark]:
    """What a reader of the playbook would ask."""
    used = {name for step in playbook.steps for name in named(step.settings)}
    for name in sorted(set(playbook.parameters) - used):
        yield _warning(at, f"the parameter {name!r} is used by no step", "use it, or leave it out")
    changes = not all(step.action in _NOTHING_CHANGED for step in playbook.steps)
    if changes and not playbook.risk:
        yield _warning(at, "it does not say what could go wrong", "add `risk`, a sentence for who approves it")
    if changes and not any(case.refused for case in playbook.cases):
        yield _warning(at, "no case shows what it refuses", "add a case with `refused`")
    for step in playbook.steps:
        action = actions.get(step.action)
        if action is not None and action.irreversible and not playbook.approvals:
            told = f"{step.action} cannot be undone ({action.irreversible}), and nobody has to approve it"
            yield _warning(at, told, "ask for an approval")


def remarks_on_rules(
    rules: Iterable[Rule], playbooks: Mapping[str, PlaybookDocument], broken: Iterable[str]
) -> Iterator[Remark]:
    """Rules that name a playbook which is not there, or which takes what they do not recommend."""
    unread = frozenset(broken)
    for rule in rules:
        if rule.playbook is None or rule.playbook in unread:
            continue
        playbook = playbooks.get(rule.playbook)
        if playbook is None:
            near = difflib.get_close_matches(rule.playbook, playbooks, n=1)
            hint = f"did you mean {near[0]}?" if near else "write one, or name another"
            problem = Problem(rule.origin, f"{rule.id}: there is no playbook {rule.playbook!r}", hint)
            yield Remark(Weight.ERROR, problem)
            continue
        advised = {advice.name for advice in rule.recommend}
        wanted = {one.recommended for one in playbook.parameters.values() if one.recommended}
        for key in sorted(wanted - advised):
            told = f"{rule.id}: the playbook {playbook.id} takes {key}, and the rule does not recommend it"
            yield Remark(Weight.ERROR, Problem(rule.origin, told, f"add {key} to `recommend`"))


def _warning(at: Origin, message: str, hint: str) -> Remark:
    return Remark(Weight.WARNING, Problem(at, message, hint))
