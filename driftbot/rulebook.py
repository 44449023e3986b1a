"""The rulebook: every enabled rule from the folders that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from driftbot.collectors.collector import Tape
from driftbot.config import Config, RuleRoot
from driftbot.core.body import Body
from driftbot.core.fact import Origin
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Problem
from driftbot.rules.reading import RuleBook, read_rules
from driftbot.shipped import rules_root
from driftbot.tape.folder import read_folder

RULES = "rules"
"""The source under which a tape keeps the user's rule files."""

RULE_FILES = ("*.yaml", "*.yml")


def load_rulebook(config: Config, tape: Tape, vocabulary: Vocabulary) -> RuleBook:
    """Read all enabled rules; what is wrong with any file is among the book's problems.

    The file of a disabled rule is not read: whoever disables a rule because it is broken is not told of it every night.
    Rules that driftbot ships are read from the installation, also when a recorded bundle is replayed.
    """
    bodies = [body for root in config.rule_roots for body in _bodies(root, tape)]
    book = read_rules([body for body in bodies if _identity(body) not in config.disabled_rules], vocabulary)
    strangers = _strangers(config, {_identity(body) for body in bodies})
    rules = tuple(replace(rule, playbook=config.playbook_for.get(rule.id, rule.playbook)) for rule in book.rules)
    return replace(book, rules=rules, problems=tuple(sorted((*book.problems, *strangers))))


def _identity(body: Body) -> str:
    """The id of a file's rule: its name without its ending, which ``read_rules`` holds it to."""
    return PurePosixPath(body.locator).stem


def _bodies(root: RuleRoot, tape: Tape) -> Iterator[Body]:
    if root.path == rules_root():
        bodies = read_folder(root.path, RULE_FILES, ())
    else:
        bodies = tape.files(RULES, root.source, RULE_FILES, ())
    for body in bodies:
        if root.only is None or _identity(body) in root.only:
            yield replace(body, locator=body.locator if root.path == rules_root() else f"{root.source}/{body.locator}")


def _strangers(config: Config, known: set[str]) -> Iterator[Problem]:
    """Rules that the configuration names and no folder holds: a misspelt id must not silently hold nothing."""
    wanted = {identity for root in config.rule_roots for identity in root.only or ()} | config.disabled_rules
    wanted |= config.playbook_for.keys()
    for identity in sorted(wanted - known):
        yield Problem(Origin("configuration", str(config.path)), f"rules: no folder holds a rule {identity!r}")
