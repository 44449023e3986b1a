"""What is missing, inserted: in generated files of every format, in odd encodings, and as files of their own."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
import yaml

from driftbot.documents.format import Format
from driftbot.documents.node import Plain, Shape
from driftbot.edits.edit import Refusal, Refused, Target
from driftbot.edits.insertion import append_document, insert_value, new_file
from driftbot.edits.setting_file import SettingFile
from tests.edits.reread import check_inserted
from tests.edits.setting_files import GENERATORS, TEXTS
from tests.edits.test_value import judged

SEED = 13
FILES = [40, pytest.param(1_000, marks=pytest.mark.campaign)]
HONEST = {Refusal.SHARED, Refusal.DUPLICATE_KEY}
BUDGET: Plain = {"apiVersion": "policy/v1", "spec": {"maxUnavailable": 1, "selector": {"app": "yes"}}}


def value(format: str, draw: Random) -> Plain:
    if format in ("properties", "ini"):
        return draw.choice(["30s", 5, True, "plain words"])
    texts = [text for text in TEXTS if format != "toml" or "\x00" not in text]
    return draw.choice(
        [draw.choice(texts), 5, 0.5, True, [1, draw.choice(texts)], {"a": {"b": draw.choice(texts)}}, []]
    )


@pytest.mark.parametrize("format", sorted(GENERATORS))
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("count", FILES)
def test_one_value_comes_to_every_collection_of_generated_files(format, count, capsys):
    if count > 40 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    outcomes: Counter[str] = Counter()
    draw, files = Random(SEED), 0
    while files < count:
        written = GENERATORS[format](draw)
        if not judged(format, written):
            continue
        files += 1
        file = SettingFile(f"a.{format}", written.content, Format(format))
        for location, node in file.nodes:
            # PyYAML reads the key `on` as a boolean.
            if node.shape is not Shape.SCALAR and "on" not in location:
                key = draw.choice(["newKey", "new-key"]) if node.shape is Shape.MAPPING else None
                outcomes[outcome(file, location, key, value(format, draw))] += 1
    with capsys.disabled():
        print(f"\n  inserted, {format}: {count} files, {dict(outcomes)}")
    assert outcomes["inserted"] > 0.8 * sum(outcomes.values())


def outcome(file: SettingFile, location: tuple[str | int, ...], key: str | None, new: Plain) -> str:
    """What became of an insertion; fails where it is wrong."""
    try:
        edit = insert_value(file, location, key, new)
    except Refused as refusal:
        return f"refused: {refusal.kind}"
    format = file.known_format.value
    path = [*(location if format == "yaml" else location[1:]), key]
    check_inserted(file.content, edit.apply(file.content), format, path, new)
    return "inserted"


def test_a_document_comes_behind_whatever_ends_a_file():
    for content in (
        b"a: 1\n",
        b"a: 1",
        b"a: |+\n  x\n\n",
        b"a: 1\n...\n",
        b"# only a comment\n",
        b"",
        b"a: 1\n---\n",
        b"- 1\r\n- 2\r\n",
    ):
        file = SettingFile("a.yaml", content)
        after = append_document(file, BUDGET).apply(content)
        before = [one for one in yaml.safe_load_all(content) if one is not None]
        assert [one for one in yaml.safe_load_all(after) if one is not None] == [*before, BUDGET]
        assert after.startswith(content)


def test_a_file_in_utf_16_gets_its_lines_in_it():
    content = "\ufeffa:\r\n  b: ü\r\n".encode("utf-16-le")
    file = SettingFile("a.yaml", content)
    assert (
        insert_value(file, (0, "a"), "c", "ö").apply(content).decode("utf-16-le")
        == '\ufeffa:\r\n  b: ü\r\n  c: "ö"\r\n'
    )
    assert append_document(file, {"x": 1}).apply(content).decode("utf-16-le").endswith("ü\r\n---\r\nx: 1\r\n")


@pytest.mark.parametrize(("name", "format"), [("a.yaml", Format.YAML), ("a.json", Format.JSON)])
def test_a_new_file_holds_the_document(name, format):
    edit = new_file(name, BUDGET, format)
    assert edit.target is Target.NEW
    assert yaml.safe_load(edit.apply(b"")) == BUDGET
    assert edit.diff.startswith(f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,")


def test_a_new_file_of_another_format_is_written_by_hand():
    with pytest.raises(Refused, match="by hand"):
        new_file("a.ini", BUDGET, Format.INI)


def test_what_other_places_take_over_gets_nothing():
    file = SettingFile("a.yaml", b"a: &a {b: 1}\nc: {<<: *a}\nd: *a\n")
    with pytest.raises(Refused, match="also feeds d"):
        insert_value(file, (0, "a"), "x", 1)


def test_hostile_texts_stay_texts():
    file = SettingFile("a.yaml", b"a:\n  b: 1\n")
    for text in (*TEXTS, "x\n---\ny", "\x00", "\x85", "'", '"', "{{ x }}", "# c", "a\n  b: c", "\ufeff", "!x y", "? z"):
        after = insert_value(file, (0, "a"), "c", text).apply(file.content)
        assert list(yaml.safe_load_all(after)) == [{"a": {"b": 1, "c": text}}]
        after = insert_value(file, (0, "a"), text, 1).apply(file.content)
        assert list(yaml.safe_load_all(after)) == [{"a": {"b": 1, text: 1}}]


@pytest.mark.parametrize("text", [b"a: |\n  text", b"a: >\n  text", b"a: |+\n  text"])
def test_a_document_behind_a_block_without_a_final_line_end_would_lengthen_it_and_is_refused(text: bytes) -> None:
    with pytest.raises(Refused, match="so that nothing else changes"):
        append_document(SettingFile("x.yaml", text), {"kind": "B"})


@pytest.mark.parametrize("text", [b"a: |-\n  text", b"a: text", b"a: |\n  text\n", b"a: |+\n  text\n\n"])
def test_a_document_behind_other_ends_leaves_what_stands_there(text: bytes) -> None:
    file = SettingFile("x.yaml", text)
    after = file.changed(append_document(file, {"kind": "B"}).apply(text))
    assert [node.plain() for node in after.documents.nodes] == [file.documents.nodes[0].plain(), {"kind": "B"}]


@pytest.mark.parametrize(
    "text",
    [
        b"{{- if .Values.on }}\nkind: A\nspec: {a: 1}\n{{- end -}}\n",
        b"kind: A\nspec:\n  a: {{ .Values.a -}}\n",
        b"kind: A\nspec:\n  a: {{ .Values.a -}}",
    ],
)
def test_no_line_is_begun_behind_a_placeholder_that_takes_the_line_break_away(text: bytes) -> None:
    with pytest.raises(Refused, match="takes the line break away"):
        append_document(SettingFile("x.yaml", text), {"kind": "B"})


def test_a_line_behind_other_placeholders_is_begun() -> None:
    text = b"{{- if .Values.on -}}\nkind: A\nspec:\n  a: {{- .Values.a }}\n"
    edit = insert_value(SettingFile("x.yaml", text), (0, "spec"), "b", 2)
    assert edit.apply(text) == text + b"  b: 2\n"
    with pytest.raises(Refused, match="takes the line break away"):
        insert_value(SettingFile("x.yaml", text.replace(b"a }}", b"a -}}")), (0, "spec"), "b", 2)
