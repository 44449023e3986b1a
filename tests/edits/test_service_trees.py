"""Every scalar of every file of public service trees, changed: exactly one value and only its bytes differ."""

from __future__ import annotations

import os
import random
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from driftbot.documents.format import Format, format_of
from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.edit import Refused
from driftbot.edits.insertion import insert_value
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.value import set_value
from tests.edits.reread import Unreadable, Wrong, check_bytes, check_inserted, check_value

pytestmark = pytest.mark.corpus

SEED = 5
SAMPLE = 400
MOST_A_FILE = 20
"""Insertions in one file: there are dashboards with thousands of collections."""
MOST_REFUSED = 0.01
HOSTILE = "yes # no: \"b\" 'c' \\d {e} [f] é\u2028x"


@dataclass
class Tally:
    """What became of the edits of one kind of file."""

    files: set[str] = field(default_factory=set)
    asked: int = 0
    done: int = 0
    unjudged: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        refused = "".join(f"; {count} refused: {kind}" for kind, count in self.refusals.most_common())
        unjudged = f"; {self.unjudged} that the other parser does not read" if self.unjudged else ""
        return (
            f"{len(self.files)} files, {self.done} of {self.asked} values edited "
            f"({1 - self.done / max(self.asked, 1):.2%} refused){refused}{unjudged}"
        )


def files() -> Iterator[SettingFile]:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    with tarfile.open(Path(folder) / "config" / "service-trees.tar.xz") as archive:
        for member in archive:
            if member.isfile() and format_of(member.name):
                opened = archive.extractfile(member)
                assert opened is not None
                yield SettingFile(member.name, opened.read())


def scalars(file: SettingFile) -> Iterator[tuple[Location, Node]]:
    """Every scalar once, at the first place where it counts."""
    seen: set[int] = set()
    for location, node in file.nodes:
        if node.shape is Shape.SCALAR and id(node) not in seen:
            seen.add(id(node))
            yield location, node


def other(node: Node) -> str:
    """A value of the same sort that the scalar does not have."""
    if isinstance(node.value, bool):
        return {"true": "false", "True": "False", "yes": "no", "on": "off"}.get(node.text, "true")
    if node.is_null:
        return "30s"
    return f"{node.text}2" if re.search(r"[\w]\Z", node.text) else f"other {node.text}"


def judge(file: SettingFile, location: Location, node: Node, new: str, tally: Tally) -> None:
    """Ask for the edit; what comes back is right, or it is refused for a reason that is counted."""
    tally.files.add(file.path)
    tally.asked += 1
    try:
        edit = set_value(file, location, new)
    except Refused as refusal:
        tally.refusals[refusal.kind] += 1
        return
    after = edit.apply(file.content)
    try:
        check_bytes(file.content, after, node.start, node.end)
        check_value(file.content, after, file.known_format.value, new, templated=file.masked is not None)
    except Unreadable:
        tally.unjudged += 1
    except Wrong as wrong:
        pytest.fail(f"{file.path}:{node.line} {location} {node.raw!r} → {new!r}: {wrong}\n{edit.diff}")
    tally.done += 1


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_exactly_one_value_and_only_its_bytes_differ(whole: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if whole and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    tallies: dict[str, Tally] = defaultdict(Tally)
    unreadable: Counter[str] = Counter()
    chosen = random.Random(SEED)
    for file in files():
        if not file.documents.complete:
            unreadable[file.known_format.value] += 1
            continue
        kind = f"{file.known_format}, templates" if file.masked else file.known_format.value
        found = list(scalars(file))
        if not whole:
            found = chosen.sample(found, min(len(found), max(1, len(found) * SAMPLE // 28_000)))
        for location, node in found:
            judge(file, location, node, other(node), tallies[kind])
            judge(file, location, node, HOSTILE, tallies[f"{kind}, hostile text"])
    with capsys.disabled():
        print()
        for kind, tally in sorted(tallies.items()):
            print(f"  {kind}: {tally}")
        print(f"  cannot be read: {dict(unreadable)}")
    plain = [tally for kind, tally in tallies.items() if "," not in kind]
    assert sum(tally.asked - tally.done for tally in plain) <= MOST_REFUSED * sum(tally.asked for tally in plain)
    assert all(tally.done for tally in tallies.values() if tally.asked > 20)


def collections(file: SettingFile) -> Iterator[tuple[Location, Node]]:
    for location, node in file.nodes:
        if node.shape is not Shape.SCALAR and len(file.locations(node)) == 1:
            yield location, node


def inserted(file: SettingFile, location: Location, node: Node, value: Plain, tally: Tally) -> None:
    """Ask for an insertion; what comes back is right, or it is refused for a reason that is counted."""
    tally.files.add(file.path)
    tally.asked += 1
    key = "driftbot-key" if node.shape is Shape.MAPPING else None
    try:
        edit = insert_value(file, location, key, value)
    except Refused as refusal:
        tally.refusals[refusal.kind] += 1
        return
    after = edit.apply(file.content)
    path = [*(location if file.known_format is Format.YAML else location[1:]), key]
    try:
        check_inserted(file.content, after, file.known_format.value, path, value, templated=file.masked is not None)
    except Unreadable:
        tally.unjudged += 1
    except Wrong as wrong:
        pytest.fail(f"{file.path}:{node.line} {location} + {value!r}: {wrong}\n{edit.diff}")
    tally.done += 1


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_exactly_one_value_is_there_for_the_first_time(whole: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if whole and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    tallies: dict[str, Tally] = defaultdict(Tally)
    chosen = random.Random(SEED)
    for file in files():
        if not file.documents.complete:
            continue
        kind = f"{file.known_format}, templates" if file.masked else file.known_format.value
        found = list(collections(file))
        found = chosen.sample(found, min(len(found), MOST_A_FILE if whole else max(1, len(found) // 60)))
        nested = file.known_format in (Format.YAML, Format.JSON)
        value: Plain = {"limits": {"memory": "256Mi", "on": [1, {"a": "yes"}]}} if nested else "30s"
        for location, node in found:
            inserted(file, location, node, value, tallies[kind])
    with capsys.disabled():
        print()
        for kind, tally in sorted(tallies.items()):
            print(f"  inserted, {kind}: {tally}")
    plain = [tally for kind, tally in tallies.items() if "," not in kind]
    assert sum(tally.asked - tally.done for tally in plain) <= MOST_REFUSED * sum(tally.asked for tally in plain)
