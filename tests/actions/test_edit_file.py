"""edit_file on real files: golden steps, files that move, and whatever a file system does to a write."""

from __future__ import annotations

import codecs
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.actions.action import ActionFailed, Standing
from driftbot.actions.edit_file import action
from driftbot.actions.edit_file_options import EditFileOptions
from driftbot.actions.options import ActionOptions
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused
from tests.actions.estate import Estate, proposed

CASES = Path(__file__).parents[2] / "fixtures" / "actions" / "edit_file"
RULES = """\
groups:
  - name: shop
    rules:
      - alert: Cart
        expr: x > 5
        for: 5m
      - alert: Till
        expr: y > 6  # six
        for: 5m
        labels: {severity: page}
"""
CART, TILL = "alert:production/shop/Cart", "alert:production/shop/Till"
PATH = "rules/shop.yml"


@pytest.fixture
def rules(tmp_path: Path) -> Estate:
    return Estate(tmp_path, "alert_files", {"path": "rules"}).write({PATH: RULES})


def hold(estate: Estate, subject: str, to: str) -> Step:
    return proposed(action, {"set": "hold", "to": to}, estate.occasion(subject), estate.tools())


def standing(estate: Estate, step: Step) -> Standing:
    return action.sight(step, "", estate.tools()).standing


def perform(estate: Estate, step: Step, boundary: Callable[[str], None] = lambda _name: None) -> str:
    return action.perform(step, "key", estate.tools(boundary)).body


def undo(estate: Estate, step: Step, effect: str = "") -> str:
    return action.undo(step, effect, "key", estate.tools()).told


def told(case: dict[str, Any], folder: Path) -> str:
    """What becomes of a case: the diff and the values that change, or why it is refused."""
    estate = Estate(folder, case["kind"], case["options"]).write(case["files"])
    try:
        step = proposed(action, case["settings"], estate.occasion(case["subject"]), estate.tools())
    except Refused as refusal:
        return f"refused: {refusal.reason}\n"
    before = {path: estate.read(path) for path in case["files"]}
    effect = perform(estate, step)
    assert standing(estate, step) is Standing.AFTER
    undo(estate, step, effect)
    assert {path: estate.read(path) for path in case["files"]} == before
    values = "".join(f"# {one.key}: {one.before or 'nothing'} -> {one.after}\n" for one in step.changes)
    return f"{step.target}\n{values}{step.preview}"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_steps_read_as_their_golden_file(path: Path, tmp_path: Path) -> None:
    found = told(yaml.safe_load(path.read_text("utf-8")), tmp_path)
    golden = path.with_suffix(".diff")
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text("utf-8")


@pytest.mark.parametrize(
    "content",
    [
        RULES.encode().replace(b"\n", b"\r\n"),
        codecs.BOM_UTF8 + RULES.encode(),
        RULES.encode().rstrip(b"\n"),
        codecs.BOM_UTF16_LE + RULES.encode("utf-16-le"),
        "# Kasse – naïve 🧨\n".encode() + RULES.encode(),
    ],
    ids=["crlf", "bom", "no-final-newline", "utf-16", "unicode"],
)
def test_the_bytes_around_survive_and_come_back(rules: Estate, content: bytes) -> None:
    rules.write({PATH: content})
    (rules.root / PATH).chmod(0o640)
    step = hold(rules, CART, "10m")
    effect = perform(rules, step)
    encoding = "utf-16-le" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8"
    assert rules.read(PATH) == content.replace("for: 5m".encode(encoding), "for: 10m".encode(encoding), 1)
    assert stat.S_IMODE((rules.root / PATH).stat().st_mode) == 0o640
    undo(rules, step, effect)
    assert rules.read(PATH) == content
    assert stat.S_IMODE((rules.root / PATH).stat().st_mode) == 0o640


def test_extended_attributes_stay(rules: Estate) -> None:
    try:
        os.setxattr(rules.root / PATH, "user.owner", b"shop")
    except OSError as error:
        pytest.skip(f"the file system keeps no extended attributes: {error.strerror}")
    perform(rules, hold(rules, CART, "10m"))
    assert os.getxattr(rules.root / PATH, "user.owner") == b"shop"


def test_two_steps_of_one_file_are_both_done_and_both_undone_in_any_order(rules: Estate) -> None:
    one, two = hold(rules, CART, "10m"), hold(rules, TILL, "90m")
    effects = [perform(rules, step) for step in (one, two)]
    assert rules.read(PATH) == RULES.replace("for: 5m", "for: 10m", 1).replace("for: 5m", "for: 90m").encode()
    assert [standing(rules, step) for step in (one, two)] == [Standing.AFTER, Standing.AFTER]
    undo(rules, one, effects[0])
    assert [standing(rules, step) for step in (one, two)] == [Standing.BEFORE, Standing.AFTER]
    undo(rules, two, effects[1])
    assert rules.read(PATH) == RULES.encode()


def test_what_was_performed_is_not_performed_again(rules: Estate) -> None:
    step = hold(rules, CART, "10m")
    perform(rules, step)
    after = rules.read(PATH)
    effect = perform(rules, step)
    assert rules.read(PATH) == after
    assert undo(rules, step, effect) == f"{PATH} had not been changed by this step, and was left as it is"
    assert rules.read(PATH) == after


def test_a_value_is_found_again_where_a_person_moved_it(rules: Estate) -> None:
    step = hold(rules, TILL, "10m")
    shelf = "      - alert: Shelf\n        expr: z > 7\n        for: 5m\n"
    moved = RULES.replace("      - alert: Cart", f"{shelf}      - alert: Cart")
    rules.write({PATH: moved})
    assert standing(rules, step) is Standing.BEFORE
    effect = perform(rules, step)
    assert rules.read(PATH) == moved.replace("# six\n        for: 5m", "# six\n        for: 10m").encode()
    undo(rules, step, effect)
    assert rules.read(PATH) == moved.encode()


@pytest.mark.parametrize(
    "changed",
    [
        RULES.replace("alert: Till", "alert: Tills"),
        RULES.replace("        for: 5m\n        labels", "        for: 6m\n        labels"),
        RULES.replace("        for: 5m\n        labels", "        labels"),
        RULES.replace("alert: Cart", "alert: Till"),
        RULES.replace("groups:", "groups: ["),
        RULES.replace("        for: 5m\n        labels", "        for: '5m'\n        labels"),
        "",
    ],
    ids=["renamed", "another-value", "gone", "two-of-a-name", "unreadable", "quoted", "empty"],
)
def test_a_file_that_says_something_else_is_left_alone(rules: Estate, changed: str) -> None:
    step = hold(rules, TILL, "10m")
    rules.write({PATH: changed})
    assert standing(rules, step) is Standing.OTHER
    with pytest.raises(ActionFailed):
        perform(rules, step)
    assert rules.read(PATH) == changed.encode()


def test_undo_leaves_alone_what_somebody_changed_since(rules: Estate) -> None:
    step = hold(rules, TILL, "10m")
    effect = perform(rules, step)
    by_hand = rules.read(PATH).replace(b"10m", b"20m")
    rules.write({PATH: by_hand})
    with pytest.raises(ActionFailed, match="does not stand where it stood"):
        undo(rules, step, effect)
    assert rules.read(PATH) == by_hand


def test_a_file_that_is_gone_is_other_and_not_made(rules: Estate) -> None:
    step = hold(rules, TILL, "10m")
    (rules.root / PATH).unlink()
    assert standing(rules, step) is Standing.OTHER
    with pytest.raises(ActionFailed, match="gone"):
        perform(rules, step)
    assert not (rules.root / PATH).exists()


def test_a_person_who_writes_at_the_last_moment_wins(rules: Estate) -> None:
    step = hold(rules, TILL, "10m")

    def meddle(name: str) -> None:
        if name == "edit_file.written":
            rules.write({PATH: RULES + "# by hand\n"})

    with pytest.raises(ActionFailed, match="changed by somebody else"):
        perform(rules, step, meddle)
    assert rules.read(PATH) == f"{RULES}# by hand\n".encode()
    assert [path.name for path in (rules.root / "rules").iterdir()] == ["shop.yml"]


@pytest.mark.parametrize("what", ["perform", "undo"])
@pytest.mark.parametrize("boundary", ["edit_file.written", "edit_file.replaced"])
def test_killed_between_two_effects_the_file_is_the_old_one_or_the_new_one(
    rules: Estate, what: str, boundary: str
) -> None:
    step = hold(rules, TILL, "10m")
    if what == "undo":
        perform(rules, step)
    before = standing(rules, step)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.actions.crashing", str(rules.root), what, boundary],
        input=step.intent.encode(), cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert killed.returncode == -9
    left = {path.name for path in (rules.root / "rules").iterdir()}
    assert left == ({"shop.yml", ".shop.yml.driftbot-new"} if boundary == "edit_file.written" else {"shop.yml"})
    other = Standing.BEFORE if before is Standing.AFTER else Standing.AFTER
    assert standing(rules, step) is (before if boundary == "edit_file.written" else other)
    assert [path.name for path in (rules.root / "rules").iterdir()] == ["shop.yml"]


def test_a_link_inside_the_folder_is_followed_and_stays_a_link(rules: Estate) -> None:
    occasion = rules.occasion(CART)
    rules.write({"real/shop.yml": RULES})
    (rules.root / PATH).unlink()
    (rules.root / PATH).symlink_to("../real/shop.yml")
    perform(rules, proposed(action, {"set": "hold", "to": "10m"}, occasion, rules.tools()))
    assert (rules.root / PATH).is_symlink()
    assert rules.read("real/shop.yml") == RULES.replace("for: 5m", "for: 10m", 1).encode()


def test_a_link_that_leads_out_is_refused(rules: Estate, tmp_path_factory: pytest.TempPathFactory) -> None:
    step, occasion = hold(rules, CART, "10m"), rules.occasion(CART)
    outside = tmp_path_factory.mktemp("outside") / "shop.yml"
    (rules.root / PATH).rename(outside)
    (rules.root / PATH).symlink_to(outside)
    assert standing(rules, step) is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match="does not lie below a folder that may be changed"):
        perform(rules, step)
    with pytest.raises(Refused, match="does not lie below a folder that may be changed"):
        proposed(action, {"set": "hold", "to": "10m"}, occasion, rules.tools())
    assert outside.read_text() == RULES


def test_only_the_folders_that_are_named_are_reached(rules: Estate) -> None:
    narrow = replace(rules, reach=ActionOptions(edit_file=EditFileOptions(folders=("deploy",))))
    with pytest.raises(Refused, match=r"\(deploy\)"):
        hold(narrow, CART, "10m")


def test_a_file_with_a_second_name_is_refused(rules: Estate) -> None:
    (rules.root / "rules" / "other.txt").hardlink_to(rules.root / PATH)
    with pytest.raises(ActionFailed, match="2 names"):
        perform(rules, hold(rules, CART, "10m"))
    assert rules.read(PATH) == RULES.encode()


def test_a_read_only_file_is_refused(rules: Estate) -> None:
    step = hold(rules, CART, "10m")
    (rules.root / PATH).chmod(0o444)
    with pytest.raises(ActionFailed, match="read-only"):
        perform(rules, step)
    assert rules.read(PATH) == RULES.encode()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_is_refused(rules: Estate) -> None:
    step = hold(rules, CART, "10m")
    (rules.root / "rules").chmod(0o555)
    try:
        with pytest.raises(ActionFailed, match=r"the folder of .* is read-only"):
            perform(rules, step)
    finally:
        (rules.root / "rules").chmod(0o755)


def test_a_full_disk_loses_nothing(rules: Estate) -> None:
    step = hold(rules, CART, "10m")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        with pytest.raises(ActionFailed, match="cannot be written: File too large"):
            perform(rules, step)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert rules.read(PATH) == RULES.encode()
    assert [path.name for path in (rules.root / "rules").iterdir()] == ["shop.yml"]


@pytest.mark.parametrize("path", [".git/config.yaml", "driftbot.yaml", "sub/driftbot.approvals.yaml"])
def test_gits_own_files_and_driftbots_configuration_are_never_written(rules: Estate, path: str) -> None:
    settings = {"new_file": {"path": path, "document": {"a": 1}}}
    with pytest.raises(Refused, match="never changed"):
        proposed(action, settings, rules.occasion(CART), rules.tools())


def test_a_new_file_is_made_once_and_taken_away_unless_somebody_changed_it(rules: Estate) -> None:
    settings = {"new_file": {"path": "budgets/shop.yaml", "document": {"kind": "Budget", "least": 1}}}
    step = proposed(action, settings, rules.occasion(CART), rules.tools())
    assert standing(rules, step) is Standing.BEFORE
    effect = perform(rules, step)
    assert rules.read("budgets/shop.yaml") == b"kind: Budget\nleast: 1\n"
    assert standing(rules, step) is Standing.AFTER
    rules.write({"budgets/shop.yaml": "kind: Budget\nleast: 2\n"})
    assert standing(rules, step) is Standing.OTHER
    with pytest.raises(ActionFailed, match="changed since"):
        undo(rules, step, effect)
    rules.write({"budgets/shop.yaml": "kind: Budget\nleast: 1\n"})
    undo(rules, step, effect)
    assert not (rules.root / "budgets/shop.yaml").exists()
    assert standing(rules, step) is Standing.BEFORE


def test_a_file_that_appears_meanwhile_is_not_overwritten(rules: Estate) -> None:
    settings = {"new_file": {"path": "budgets/shop.yaml", "document": {"least": 1}}}
    step = proposed(action, settings, rules.occasion(CART), rules.tools())

    def meddle(name: str) -> None:
        if name == "edit_file.written":
            rules.write({"budgets/shop.yaml": "mine: true\n"})

    with pytest.raises(ActionFailed, match="changed by somebody else"):
        perform(rules, step, meddle)
    assert rules.read("budgets/shop.yaml") == b"mine: true\n"


@pytest.mark.parametrize("intent", ["", "{}", '{"path": "a"}', "[1]", "no json"])
def test_a_step_that_was_tampered_with_is_refused(rules: Estate, intent: str) -> None:
    step = replace(hold(rules, CART, "10m"), intent=intent)
    assert standing(rules, step) is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match="cannot be read"):
        perform(rules, step)


def test_a_step_whose_bytes_were_exchanged_is_refused(rules: Estate) -> None:
    step = hold(rules, CART, "10m")
    with pytest.raises(ActionFailed, match="does not give the content that it names"):
        perform(rules, replace(step, intent=step.intent.replace('"new":"10m"', '"new":"99m"')))
    assert rules.read(PATH) == RULES.encode()
