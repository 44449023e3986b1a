"""Playbook files are read whole, or every problem of every file is named with its place."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from driftbot.core.body import Body
from driftbot.playbooks.document import OnFailure, json_schema
from driftbot.playbooks.reading import read_playbooks

GOOD = (Path(__file__).parents[2] / "fixtures/playbooks/raise-deadline.yaml").read_bytes()


def problems(content: bytes, locator: str = "raise-deadline.yaml") -> list[str]:
    return [str(problem) for problem in read_playbooks([Body(locator, content)]).problems]


def test_a_good_file_is_read_with_careful_defaults() -> None:
    shelf = read_playbooks([Body("jobs/raise-deadline.yaml", GOOD)])
    assert shelf.problems == ()
    (playbook,) = shelf.playbooks
    assert (playbook.approvals, playbook.on_failure, playbook.limits.share) == (1, OnFailure.UNDO, 0.1)
    assert [step.action for step in playbook.steps] == ["edit_file", "git_change"]


def test_the_published_schema_accepts_it_and_refuses_a_misspelt_field() -> None:
    document = yaml.safe_load(GOOD)
    jsonschema.validate(document, json_schema())
    with pytest.raises(jsonschema.ValidationError, match="sumary"):
        jsonschema.validate({**document, "sumary": "x"}, json_schema())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"summary:", b"sumary:", "raise-deadline.yaml:2:1: sumary: there is no such setting (did you mean summary?)"),
        (b"factor: 2", b"factor: 0.5", ":10:27: limits.factor: Input should be greater than 1 (it says 0.5)"),
        (b'"{deadline}"', b'"{dedline}"', ":7:46: there is no parameter 'dedline' (parameters: deadline)"),
        (b"parameters: {deadline: 9h}", b"parameters: {dedline: 9h}", ":18:27: there is no parameter 'dedline'"),
        (b"unit: seconds, ", b"", ":4:13: parameters.deadline: a unit belongs to a quantity"),
        (b"id: raise-deadline", b"id: raise", ":1:5: the id 'raise' is not the file's name 'raise-deadline'"),
        (b"    refused: more than 2 times\n", b"", "a case says the `steps` that are done, or why it is `refused`"),
        (b"verify: {after: 1d}", b"verify: {after: soon}", ":11:17: verify.after"),
        (b"cases:", b"cases: [", "raise-deadline.yaml"),
    ],
)
def test_a_problem_names_place_and_remedy(old: bytes, new: bytes, told: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new))
    assert any(told in problem for problem in found), found


def test_all_problems_of_a_file_come_at_once_and_good_files_are_kept() -> None:
    broken = GOOD.replace(b"summary:", b"sumary:").replace(b"factor: 2", b"factor: 0.5").replace(b"1d", b"soon")
    shelf = read_playbooks(
        [Body("raise-deadline.yaml", GOOD), Body("broken.yaml", broken), Body("x.yaml", problem="no")]
    )
    assert [playbook.id for playbook in shelf.playbooks] == ["raise-deadline"]
    assert len(shelf.problems) == 5


def test_one_id_in_two_files_is_a_problem() -> None:
    shelf = read_playbooks([Body("a/raise-deadline.yaml", GOOD), Body("b/raise-deadline.yaml", GOOD)])
    assert [str(problem) for problem in shelf.problems] == [
        "b/raise-deadline.yaml: a playbook 'raise-deadline' stands elsewhere, too"
    ]
