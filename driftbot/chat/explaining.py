"""What `driftbot explain` says of a finding, for a chat: without git, to be there within Slack's three seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from driftbot.approvals_file import load_approvals
from driftbot.config import Config
from driftbot.core.history import FindingLife
from driftbot.core.rule import Rule
from driftbot.inventory import vocabulary
from driftbot.report.explanation import Background, explanation
from driftbot.report.outline import Outline
from driftbot.rulebook import load_rulebook
from driftbot.store.store import Store
from driftbot.tape.live import LiveTape


def explained(config: Config, store: Store, life: FindingLife, now: datetime) -> Outline:
    """The finding in words: the arithmetic, where it was read, the lesson, since when, and what to do.

    Who touched the lines last, and the edit that is proposed, `driftbot explain` says.

    Raises:
        Failure: the store, the rules or the approvals file cannot be read.
    """
    waivers = load_approvals(config.root).in_force((), store.waivers()).waivers
    about = (one for one in waivers if one.fingerprint == life.finding.fingerprint and one.holds(now))
    background = Background(
        rule=_rule(config, life.finding.rule),
        waiver=next(about, None),
        intervals=store.history(life.finding.subject),
    )
    return explanation(life, background)


def _rule(config: Config, identity: str) -> Rule | None:
    """That rule alone: reading every rule that driftbot ships takes as long as Slack waits."""
    wanted = frozenset({identity})
    roots = tuple(replace(root, only=wanted if root.only is None else wanted & root.only) for root in config.rule_roots)
    book = load_rulebook(replace(config, rule_roots=roots), LiveTape(config.root), vocabulary(config.sources))
    return next((rule for rule in book.rules if rule.id == identity), None)
