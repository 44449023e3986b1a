"""The enabled rules of the folders that a configuration names."""

from __future__ import annotations

from pathlib import Path

from driftbot.config import parse_config
from driftbot.inventory import vocabulary
from driftbot.rulebook import load_rulebook
from driftbot.rules.reading import RuleBook
from driftbot.shipped import rules_root
from driftbot.tape import LiveTape


def book(root: Path, rules: str) -> RuleBook:
    config = parse_config(f"rules: {{{rules}}}\n".encode(), root / "driftbot.yaml")
    return load_rulebook(config, LiveTape(root), vocabulary(()))


def test_a_broken_rule_can_be_disabled(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "broken.yaml").write_text("id: broken\n", "utf-8")
    assert {problem.origin.locator for problem in book(tmp_path, "paths: [ours]").problems} == {"ours/broken.yaml"}
    disabled = book(tmp_path, "paths: [ours], disable: [broken]")
    assert disabled.problems == ()
    assert len(disabled.rules) == len(list(rules_root().rglob("*.yaml")))


def test_a_rule_that_no_folder_holds_is_told(tmp_path: Path) -> None:
    for setting in ("disable: [mispelt]", "shipped: [mispelt]"):
        (problem,) = book(tmp_path, setting).problems
        assert "no folder holds a rule 'mispelt'" in problem.message


def test_a_disabled_rule_is_not_held(tmp_path: Path) -> None:
    held = {rule.id for rule in book(tmp_path, "disable: [threshold-as-approved]").rules}
    assert held
    assert "threshold-as-approved" not in held


def test_an_estate_says_which_playbook_mends_what_a_shipped_rule_finds(tmp_path: Path) -> None:
    text = b"playbooks: {for_rules: {threshold-as-approved: ours, mispelt: ours}}\n"
    read = load_rulebook(parse_config(text, tmp_path / "driftbot.yaml"), LiveTape(tmp_path), vocabulary(()))
    named = {rule.id: rule.playbook for rule in read.rules}
    assert named["threshold-as-approved"] == "ours"
    assert [rule for rule, playbook in named.items() if playbook == "ours"] == ["threshold-as-approved"]
    assert [problem.message for problem in read.problems] == ["rules: no folder holds a rule 'mispelt'"]
