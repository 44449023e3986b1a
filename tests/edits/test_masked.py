"""Templates masked: as long, without placeholders, readable; every byte beside the placeholders is the author's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.documents.format import Format
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.masked import holds_placeholder, mask
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.value import set_value

PARTS = st.sampled_from(
    ["a: ", "{{ .x }}", "{{- if y }}", "{{ end -}}", "{% for x %}", "{# c\nd #}", "<%= x %>", "\n", "  ", '"', "b",
     "{{/* }} */}}", "# c", "{{"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("format", "content", "masked"),
    [
        (Format.YAML, b"a: {{ .x }}\n", b"a: xxxxxxxx\n"),
        (Format.YAML, b"  {{- if .x }}  # c\na: 1\n", b"                # c\na: 1\n"),
        (Format.YAML, b"{{ a }}{{ b }}\r\n", b"              \r\n"),
        (Format.YAML, b"{{- /* a\n b: }} */ -}}\na: 1\n", b"        \n             \na: 1\n"),
        (Format.YAML, b"a: {{ x\n  | quote }}b\n", b"a: xxxx\nxxxxxxxxxxxxb\n"),
        (Format.JSON, b'{"a": {{ .x }}, "b": "{{ y }}z"}', b'{"a": "xxxxxx", "b": "xxxxxxxz"}'),
        (Format.TOML, b"a = {{ x }}\nb = '{% y %}'\n", b"a = \"xxxxx\"\nb = '\"xxxxx\"'\n"),
        (Format.PROPERTIES, b"a = <%= x %>\n", b"a = xxxxxxxx\n"),
    ],
)  # fmt: skip
def test_placeholders_become_words_or_nothing(format, content, masked):
    found = mask(content, format)
    assert found is not None
    assert found.content == masked


@given(st.lists(PARTS, max_size=20), st.sampled_from(Format))
def test_what_is_no_placeholder_stays_byte_for_byte(parts, format):
    content = "".join(parts).encode()
    found = mask(content, format)
    if found is None:
        assert not re.search(rb"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", content, re.DOTALL)
        return
    assert len(found.content) == len(content)
    beside = [at for at in range(len(content)) if not any(start <= at < end for start, end in found.spans)]
    assert [found.content[at] for at in beside] == [content[at] for at in beside]
    for start, end in found.spans:
        assert found.touches(start, start + 1) and found.touches(end - 1, end) and found.touches(start - 1, end + 1)
        assert b"{{" not in found.content[start:end]


def test_a_file_that_is_read_as_it_is_is_not_masked():
    file = SettingFile("rules.yaml", b'annotations: {summary: "{{ $value }} > 5"}\nfor: 5m\n')
    assert file.masked is None
    assert set_value(file, (0, "annotations", "summary"), "other {{ $value }}").new == b'"other {{ $value }}"'


def test_both_branches_of_a_template_are_no_single_key():
    file = SettingFile("a.yaml", b"{{ if .x }}\na: 1\n{{ else }}\na: 2\n{{ end }}\nb: {{ .y }}\nc: 3\n")
    with pytest.raises(Refused, match="stands twice") as refusal:
        set_value(file, (0, "a"), "5")
    assert refusal.value.kind is Refusal.TEMPLATED
    assert set_value(file, (0, "c"), "5").apply(file.content).endswith(b"b: {{ .y }}\nc: 5\n")


def test_what_a_template_would_replace_is_known():
    assert all(map(holds_placeholder, ["{{ x }}", "a{%b", "<%= c", "x }}"]))
    assert not any(map(holds_placeholder, ["{x}", "$x", "5 % 3", "<x>"]))
