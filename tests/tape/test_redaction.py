"""What a recording masks, case by case, and what it may never do to any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftbot.tape.redaction import redact, redact_text

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "tape" / "redaction").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path):
    case = yaml.safe_load(path.read_text())
    assert redact_text(case["before"]) == case["after"]


def test_there_are_cases():
    assert len(CASES) >= 4


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_length_and_lines_stay(content):
    masked = redact(content)
    assert len(masked) == len(content)
    assert [i for i, b in enumerate(masked) if b == 10] == [i for i, b in enumerate(content) if b == 10]


@given(
    st.binary(max_size=200), st.sampled_from([b"password: ", b"token=", b'"secret": "', b"kind: Secret\ndata:\n  a: "])
)
def test_masking_twice_changes_nothing_more(content, start):
    once = redact(start + content)
    assert redact(once) == once


NAMES = st.sampled_from(
    ["password", "user", "api_key", "metric", "values", "authToken", "kind", "data", "name", "value"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["Secret", 'a="b', "token=x\ny", "}", '"', "\\"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def shape(value):
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_json_stays_json_of_the_same_shape(value, indent, plain):
    text = json.dumps(value, indent=indent, ensure_ascii=plain).encode()
    assert shape(json.loads(redact(text))) == shape(value)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_masked_as_well(encoding):
    before = "\ufeffnom: café\npassword: hunter2 # 你好\n".encode(encoding)
    after = redact(before)
    assert after.decode(encoding) == "\ufeffnom: café\npassword: REDACTE # 你好\n"
