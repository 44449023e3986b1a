"""Values replaced and inserted in files of every format: golden diffs and refusals, each judged by another parser."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.edits.edit import Edit, Refused
from driftbot.edits.insertion import append_document, insert_value
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.value import set_value
from tests.edits.reread import check_bytes, check_inserted, check_value

FIXTURES = Path(__file__).parents[2] / "fixtures" / "edits"
CASES = sorted([*(FIXTURES / "value").iterdir(), *(FIXTURES / "insertion").iterdir()])


def made(file: SettingFile, asked: dict[str, Any]) -> Edit:
    if "at" in asked:
        return set_value(file, (0, *asked["at"]), asked["to"])
    if "document" in asked:
        return append_document(file, asked["document"])
    return insert_value(file, (0, *asked["under"]), asked.get("key"), asked["value"])


def judge(file: SettingFile, asked: dict[str, Any], edit: Edit) -> None:
    after, format = edit.apply(file.content), file.known_format.value
    templated = file.masked is not None
    if "at" in asked:
        check_bytes(file.content, after, edit.start, edit.end)
        if "twice" not in asked["at"]:
            check_value(file.content, after, format, asked["to"], templated)
    elif "under" in asked:
        path: list[Any] = [*asked["under"], asked.get("key")]
        check_inserted(file.content, after, format, [0, *path] if format == "yaml" else path, asked["value"], templated)


def asked_in_words(asked: dict[str, Any]) -> str:
    if "at" in asked:
        return f"{'.'.join(map(str, asked['at']))} → {asked['to']!r}"
    if "document" in asked:
        return f"--- {asked['document']}"
    return f"{'.'.join(map(str, asked['under']))} + {asked.get('key', '-')}: {asked['value']!r}"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_edits_read_as_their_golden_file(folder, tmp_path):
    path = next(folder.glob("file.*"))
    file = SettingFile(path.name, path.read_bytes())
    parts = []
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for asked in yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))["edits"]:
        parts.append(f"# {asked_in_words(asked)}")
        try:
            edit = made(file, asked)
        except Refused as refusal:
            parts.append(f"refused: {refusal.kind}: {refusal.reason}\n")
            continue
        judge(file, asked, edit)
        (tmp_path / path.name).write_bytes(file.content)
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=edit.diff.encode(), check=True)
        assert (tmp_path / path.name).read_bytes() == edit.apply(file.content), "git makes the same of the diff"
        parts.append(edit.diff)
    golden, found = folder / "edits.diff", "\n".join(parts)
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_bytes(found.encode())
    assert found.encode() == golden.read_bytes()
