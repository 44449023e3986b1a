"""Tonight's rules beside last night's: what comes or goes because a rule did, and not the estate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from driftbot.core.finding import Finding
from driftbot.core.history import Life
from driftbot.core.rule import Rule

RULE_IS_NEW = "the rule is new"
RULE_CHANGED = "the rule's text changed since the last night"


class RuleChanges:
    """Tonight's rules beside last night's."""

    def __init__(self, rules: Sequence[Rule], digests: Mapping[str, str] | None, every_rule_read: bool) -> None:
        self._tonight = {rule.id: rule.digest for rule in rules}
        self._before = digests
        self._complete = every_rule_read

    def changed(self, rule: str) -> bool:
        """Whether its text decides otherwise than last night; a rule without a last night did not change."""
        tonight, before = self._tonight.get(rule), (self._before or {}).get(rule)
        return tonight is not None and before is not None and tonight != before

    def life(self, rule: str, otherwise: Life) -> Life:
        """The life of a finding that comes or goes, unless that is because its rule's text changed."""
        return Life.RULE_CHANGED if self.changed(rule) else otherwise

    def appeared(self, finding: Finding) -> Finding:
        """The finding with a word about its rule where that is why it appears."""
        if self.changed(finding.rule):
            return replace(finding, reasons=(*finding.reasons, RULE_CHANGED))
        if self._before is not None and finding.rule not in self._before:
            return replace(finding, reasons=(*finding.reasons, RULE_IS_NEW))
        return finding

    def missing(self, rule: str) -> bool:
        """Whether it is not among tonight's rules."""
        return rule not in self._tonight

    def retired(self, rule: str) -> bool:
        """Whether it is missing, and not because its file could not be read."""
        return self._complete and self.missing(rule)
