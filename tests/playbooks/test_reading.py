"""Playbook files are read whole, or every problem of every file is named with its place."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from driftbot.core.body import Body
from driftbot.playbooks.document import OnFailure, json_schema
from driftbot.playbooks.parameter import Rounding
from driftbot.playbooks.reading import read_playbooks
from driftbot.playbooks.together import Together

GOOD = (Path(__file__).parents[2] / "fixtures/playbooks/raise-deadline.yaml").read_bytes()


class EditSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str = Field(alias="set")
    to: str


ACTIONS = {"edit_file": EditSettings}


def problems(content: bytes, locator: str = "raise-deadline.yaml") -> list[str]:
    return [str(problem) for problem in read_playbooks([Body(locator, content)], ACTIONS).problems]


def test_a_good_file_is_read_with_careful_defaults() -> None:
    shelf = read_playbooks([Body("jobs/raise-deadline.yaml", GOOD)], ACTIONS)
    assert shelf.problems == ()
    (playbook,) = shelf.playbooks
    assert (playbook.approvals, playbook.on_failure, playbook.limits.share) == (1, OnFailure.UNDO, 0.1)
    assert (playbook.together, playbook.parameters["deadline"].rounding) == (Together.FINDING, Rounding.UP)
    assert [step.action for step in playbook.steps] == ["edit_file"]
    assert playbook.bound("timeout.deadline") == (None, 86_400)
    assert playbook.bound("timeout.request") == (None, None)


def test_the_published_schema_accepts_it_and_refuses_a_misspelt_field() -> None:
    document = yaml.safe_load(GOOD)
    jsonschema.validate(document, json_schema())
    with pytest.raises(jsonschema.ValidationError, match="sumary"):
        jsonschema.validate({**document, "sumary": "x"}, json_schema())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"summary:", b"sumary:", "raise-deadline.yaml:2:1: sumary: there is no such setting (did you mean summary?)"),
        (b"factor: 2", b"factor: 0.5", ":9:27: limits.factor: Input should be greater than 1 (it says 0.5)"),
        (b'"{deadline}"', b'"{dedline}"', ":8:43: there is no parameter 'dedline' (parameters: deadline)"),
        (b"unit: seconds, ", b"", ":5:13: parameters.deadline: a unit belongs to a quantity"),
        (b"recommended: timeout.deadline}", b"fact: a, subject: name}", "has one of `recommended`, `fact`, `subject`"),
        (b"recommended: timeout.deadline}", b"subject: nam}", "'nam' is nothing that a subject has"),
        (b"recommended: timeout.deadline}", b'document: "spec"}', "'spec' is no JSONPath"),
        (b"recommended: timeout.deadline}", b"default: soon}", "parameters.deadline: the default: 'soon'"),
        (b"recommended: timeout.deadline}", b"recommended: a, default: 1h}", "a recommended value has no default"),
        (b"{most: 1d}", b"{most: 4Gi}", ":9:57: limits.bounds.timeout.deadline: '4Gi' is not a quantity in seconds"),
        (b"{most: 1d}", b"{least: 2d, most: 1d}", "the least, 2d, is more than the most, 1d"),
        (b"{most: 1d}", b"{}", "a bound says `least`, `most` or both"),
        (b"{timeout.deadline: {most", b"{timeout.dedline: {most", "no parameter takes the quantity 'timeout.dedline'"),
        (b"action: edit_file", b"action: edit_fle", ":7:13: there is no action 'edit_fle' (did you mean edit_file?"),
        (b"set: timeout.deadline, to", b"sett: timeout.deadline, to", ":8:16: sett: there is no such setting"),
        (b"id: raise-deadline", b"id: raise", ":1:5: the id 'raise' is not the file's name 'raise-deadline'"),
        (b"    refused: the rule", b"    # refused: the rule", "a case says the `diff` or the `steps` that come of it"),
        (b"name: nothing that could be recommended", b"name: half as long again", "two cases are called"),
        (b"verify: {after: 1d}", b"verify: {after: soon}", ":10:17: verify.after"),
        (b"cases:", b"cases: [", "raise-deadline.yaml"),
    ],
)
def test_a_problem_names_place_and_remedy(old: bytes, new: bytes, told: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new))
    assert any(told in problem for problem in found), found


def test_all_problems_of_a_file_come_at_once_and_good_files_are_kept() -> None:
    broken = (
        GOOD.replace(b"summary:", b"sumary:")
        .replace(b"factor: 2", b"factor: 0.5")
        .replace(b"after: 1d", b"after: soon")
    )
    broken = broken.replace(b"edit_file", b"edit_fle").replace(b'"{deadline}"', b'"{dedline}"')
    shelf = read_playbooks(
        [Body("raise-deadline.yaml", GOOD), Body("broken.yaml", broken), Body("x.yaml", problem="no")], ACTIONS
    )
    assert [playbook.id for playbook in shelf.playbooks] == ["raise-deadline"]
    assert len(shelf.problems) == 7, shelf.problems


def test_one_id_in_two_files_is_a_problem() -> None:
    shelf = read_playbooks([Body("a/raise-deadline.yaml", GOOD), Body("b/raise-deadline.yaml", GOOD)], ACTIONS)
    assert [str(problem) for problem in shelf.problems] == [
        "b/raise-deadline.yaml: a playbook 'raise-deadline' stands elsewhere, too"
    ]


@pytest.mark.parametrize("content", [b"", b"just text\n", b"- a\n- b\n", b"a: 1\n---\nb: 2\n", b"\xff\xfe\x00"])
def test_what_is_no_playbook_is_a_problem(content: bytes) -> None:
    assert problems(content)
