"""Cases of playbooks are played with what every night uses; the shipped ones and those of the docs hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.core.body import Body
from driftbot.core.fact import Origin
from driftbot.inventory import vocabulary
from driftbot.lessons.manners import Weight
from driftbot.playbooks.document import PlaybookDocument
from driftbot.plugins import actions
from driftbot.remedies.playbook_manners import remarks_on_playbook, remarks_on_rules
from driftbot.remedies.playbook_trial import CaseOutcome, tried
from driftbot.remedies.shelf import playbook_files, understood
from driftbot.rules.reading import read_rules
from driftbot.shipped import playbooks_root, rules_root
from driftbot.tape.folder import read_folder

ROOT = Path(__file__).parents[2]
SHELF = understood(playbook_files(playbooks_root()), actions())
RAISE = (ROOT / "fixtures/playbooks/raise-deadline.yaml").read_bytes()
CASES = [(playbook, case) for playbook in SHELF.playbooks for case in playbook.cases]


def test_all_shipped_playbooks_can_be_read() -> None:
    assert SHELF.problems == ()
    assert len(SHELF.playbooks) == 8


@pytest.mark.parametrize(("playbook", "case"), CASES, ids=[f"{one.id}: {case.name}" for one, case in CASES])
def test_a_shipped_case_comes_out_as_it_says(playbook: PlaybookDocument, case: Any, tmp_path: Path) -> None:
    assert tried(playbook, case, tmp_path, actions()).wrong == ()


def test_shipped_playbooks_and_the_rules_that_name_them_have_manners() -> None:
    known = {playbook.id: playbook for playbook in SHELF.playbooks}
    rules = read_rules(read_folder(rules_root(), ("*.yaml",), ()), vocabulary(())).rules
    assert {rule.playbook for rule in rules} == set(known)
    assert list(remarks_on_rules(rules, known, ())) == []
    assert [one for playbook in known.values() for one in remarks_on_playbook(playbook, Origin("x"), actions())] == []


def test_the_playbook_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs/playbooks.md").read_text(encoding="utf-8")
    (text,) = (block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if block.startswith("id: "))
    shelf = understood([Body("raise-client-timeout.yaml", text.encode())], actions())
    assert shelf.problems == ()
    for number, case in enumerate(shelf.playbooks[0].cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert tried(shelf.playbooks[0], case, folder, actions()).wrong == ()


def outcome(tmp_path: Path, **changes: Any) -> CaseOutcome:
    """What comes of the first case of the fixture with some of it changed."""
    document: Mapping[str, Any] = yaml.safe_load(RAISE)
    case = {name: value for name, value in {**document["cases"][0], **changes}.items() if value is not None}
    shelf = understood([Body("raise-deadline.yaml", yaml.safe_dump({**document, "cases": [case]}).encode())], actions())
    assert shelf.problems == ()
    return tried(shelf.playbooks[0], shelf.playbooks[0].cases[0], tmp_path, actions())


def test_the_fixtures_case_is_as_it_says(tmp_path: Path) -> None:
    assert outcome(tmp_path).wrong == ()


RELOADED = """
id: restore-and-reload
summary: Put a threshold back, and load it.
risk: It may page.
parameters:
  threshold: {unit: count, meaning: The approved threshold., recommended: threshold, rounding: exact}
steps:
  - {action: git_change, settings: {set: threshold, to: "{threshold}", wait: false}}
  - {action: pull_request}
  - {action: prometheus_reload, settings: {source: prometheus}}
cases:
  - name: put back and loaded
    source: {kind: alert_files}
    files:
      alerts/node.yaml: |
        groups: [{name: node, rules: [{alert: NodeMemoryHigh, expr: memory_used > 90, for: 5m}]}]
    subject: NodeMemoryHigh/1
    recommended: {threshold: 85}
    reach:
      git_change: {repositories: [{folder: ., forge: shop}]}
      forges: {shop: {kind: github, repository: example/shop, token: {env: FORGE_TOKEN}}}
      prometheus_reload: {sources: [prometheus]}
    servers: {prometheus: {kind: prometheus, url: "http://prometheus.example:9090"}}
    steps:
      - {action: git_change, shows: memory_used > 85}
      - {action: pull_request}
      - {action: prometheus_reload, shows: "POST http://prometheus.example:9090/-/reload"}
"""


def reloaded(tmp_path: Path, **changes: Any) -> CaseOutcome:
    document = yaml.safe_load(RELOADED)
    case = {**document["cases"][0], **changes}
    body = Body("restore-and-reload.yaml", yaml.safe_dump({**document, "cases": [case]}).encode())
    shelf = understood([body], actions())
    assert shelf.problems == ()
    return tried(shelf.playbooks[0], shelf.playbooks[0].cases[0], tmp_path, actions())


def test_a_case_shows_steps_that_reach_for_servers_forges_and_repositories(tmp_path: Path) -> None:
    found = reloaded(tmp_path)
    assert found.wrong == ()
    assert [step.action for step in found.steps] == ["git_change", "pull_request", "prometheus_reload"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reach": {}}, "in no repository that may be changed"),
        ({"servers": {}}, "prometheus"),
        ({"servers": {"prometheus": {"kind": "nothing"}}}, "no source kind 'nothing'"),
        ({"servers": {"prometheus": {"kind": "prometheus"}}}, "url"),
        ({"reach": {"git_change": {"repositories": [{"folder": "../out"}]}}}, "'../out' does not"),
        ({"reach": {"nonsense": {}}}, "nonsense"),
    ],
)
def test_what_a_case_does_not_let_be_reached_is_refused(tmp_path: Path, changes: Any, told: str) -> None:
    (tmp_path / "case").mkdir()
    assert told in " ".join(reloaded(tmp_path / "case", **changes).wrong)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"diff": "+ something else"}, "changes other lines than it says: -      activeDeadlineSeconds: 7200"),
        ({"diff": None, "refused": "whatever"}, "is to be refused (whatever), but is done"),
        ({"recommended": {"timeout.deadline": "9h"}}, "is to be done, but is refused: timeout.deadline of"),
        ({"diff": None, "refused": "x", "recommended": {}}, "because of “x”, but is because: deadline"),
        ({"steps": [{"action": "git_change"}]}, "takes the steps edit_file"),
        ({"steps": [{"action": "edit_file", "target": "file:x"}]}, "is to act on file:x, but acts on file:jobs"),
        ({"steps": [{"action": "edit_file", "shows": "no such"}]}, "edit_file is to show “no such”, but shows"),
        ({"subject": "shop/else"}, "the files declare no subject 'shop/else'; those they do: container:default"),
        ({"recommended": {"timeout.dedline": "3h"}}, "nobody provides 'timeout.dedline' for a job; did you mean"),
        ({"recommended": {"timeout.deadline": "soon"}}, "recommended.timeout.deadline: 'soon' is not a quantity"),
        ({"source": {"kind": "kubernetse"}}, "there is no source kind 'kubernetse'; known: "),
        ({"source": {"kind": "kubernetes_manifests", "exlude": []}}, "exlude"),
        ({"files": {"../x.yaml": "a: 1"}}, "stands in the case's own folder"),
    ],
)  # fmt: skip
def test_a_case_that_does_not_hold_says_what_is_otherwise(tmp_path: Path, changes: Any, told: str) -> None:
    (wrong,) = outcome(tmp_path, **changes).wrong
    assert told in wrong


def test_a_case_is_planned_for_and_never_performed(tmp_path: Path) -> None:
    assert outcome(tmp_path).diff[1] == "+      activeDeadlineSeconds: 10800  # two hours"
    assert "activeDeadlineSeconds: 7200" in (tmp_path / "jobs/report.yaml").read_text()


def test_lint_says_what_who_approves_it_would_ask() -> None:
    (playbook,) = understood([Body("raise-deadline.yaml", RAISE)], actions()).playbooks
    spare = playbook.parameters["deadline"]
    bare = playbook.model_copy(
        update={"risk": None, "cases": playbook.cases[:1], "parameters": {"deadline": spare, "spare": spare}}
    )
    told = [remark.problem.message for remark in remarks_on_playbook(bare, Origin("x"), actions())]
    assert told == [
        "the parameter 'spare' is used by no step",
        "it does not say what could go wrong",
        "no case shows what it refuses",
    ]


def test_lint_says_which_rules_do_not_fit() -> None:
    (playbook,) = understood([Body("raise-deadline.yaml", RAISE)], actions()).playbooks
    rules = read_rules(read_folder(rules_root(), ("job-deadline-headroom.yaml",), ()), vocabulary(())).rules
    lost = replace(rules[0], playbook="raise-dedline")
    blunt = replace(rules[0], playbook="raise-deadline", recommend=())
    (gone, unfit) = remarks_on_rules((lost, blunt), {playbook.id: playbook}, ())
    assert (gone.weight, gone.problem.hint) == (Weight.ERROR, "did you mean raise-deadline?")
    assert "takes timeout.deadline, and the rule does not recommend it" in unfit.problem.message
    assert list(remarks_on_rules((lost,), {}, ("raise-dedline",))) == []
