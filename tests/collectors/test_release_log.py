"""Release logs: every format, every error with its line, and a last line that is still being written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.collectors import newest_markers
from driftbot.collectors.release_log import SHOWN, ReleaseLogOptions, collector
from driftbot.core.coverage import Coverage
from driftbot.core.marker import MARKERS, MarkerSpan
from driftbot.core.snapshot import Reading
from tests.collectors.golden import AS_OF, Case, read_case, run, shown

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "release_log").glob("*.txt"))
LINE = '{"service": "cart", "version": "1", "at": "2025-12-01T00:00:00Z"}\n'


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases(path: Path):
    case = read_case(path)
    reading = run(case, collector)
    assert {place: shown(case, reading, *place) for place in case.expected} == case.expected


def read(**files: str | bytes) -> Reading:
    contents = {
        name.replace("_", "."): content.encode() if isinstance(content, str) else content
        for name, content in files.items()
    }
    return run(Case("", contents), collector)


HALVES = {
    "deploys_jsonl": (LINE, '{"service": "cart", "ver'),
    "deploys_csv": ("service,version,at\ncart,1,2025-12-01T00:00:00Z\n", "cart,2,2025-12"),
    "deploys_tsv": ("service\tversion\tat\ncart\t1\t2025-12-01T00:00:00Z\n", "cart\t2"),
    "deploys_yaml": ("- {service: cart, version: '1', at: 2025-12-01T00:00:00Z}\n", "- {service: cart, vers"),
    "deploys_yml": ("- {service: cart, version: '1', at: 2025-12-01T00:00:00Z}\n", "- service: cart\n  version: '2'"),
}


@pytest.mark.parametrize("name", HALVES)
def test_a_last_line_that_is_still_being_written_is_told_and_no_gap(name: str):
    whole, half = HALVES[name]
    reading = read(**{name: whole + half})
    assert [marker.name for marker in reading.markers] == ["1"]
    assert reading.coverage[0].complete
    assert reading.marked == ()
    (note,) = reading.notes
    assert "is probably still being written; the next night reads it" in note
    assert read(**{name: whole + half + "\n"}).coverage[0].gaps


@pytest.mark.parametrize("name", HALVES)
def test_a_last_line_without_its_end_of_line_that_can_be_read_counts(name: str):
    whole, _ = HALVES[name]
    reading = read(**{name: whole.rstrip("\n")})
    assert [marker.name for marker in reading.markers] == ["1"]
    assert reading.notes == ()
    oldest = reading.markers[0].at
    assert reading.marked == (MarkerSpan("production", "source", oldest, AS_OF.timestamp()),)


def test_errors_beyond_number_are_counted():
    reading = read(deploys_jsonl="{\n" * (SHOWN + 7))
    gaps = reading.coverage[0].gaps
    assert len(gaps) == SHOWN + 1
    assert gaps[-1].reason == "7 more entries could not be read"
    assert reading.marked == ()


def test_of_more_releases_than_a_night_keeps_the_newest_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(newest_markers, "MOST", 2)
    lines = [json.dumps({"service": "cart", "version": f"{n}", "at": AS_OF.timestamp() - 60 * n}) for n in range(5)]
    reading = read(deploys_jsonl="\n".join(lines) + "\n")
    assert [marker.name for marker in reading.markers] == ["1", "0"]
    assert reading.marked[0].since == reading.markers[0].at
    assert "source: 5 releases were found; the newest 2 are kept" in reading.notes


def test_a_log_that_is_not_there_is_a_gap():
    (coverage,) = read().coverage
    assert coverage == Coverage("source", "production", MARKERS, frozenset({MARKERS}), coverage.gaps)
    assert coverage.gaps[0].reason == "no release log is there; check `path` and `include`"


def test_an_empty_log_is_read_whole_and_tells_of_no_time():
    reading = read(deploys_jsonl="", other_yaml="", more_csv="")
    assert (reading.markers, reading.marked, reading.coverage[0].gaps) == ((), (), ())


def test_bytes_that_are_no_text_are_a_gap_and_what_stands_before_counts():
    reading = read(deploys_jsonl=LINE.encode() + b"\xff\xfe{}\n" + LINE.encode())
    assert [marker.name for marker in reading.markers] == ["1"]
    assert "byte 0xff is not UTF-8" in reading.coverage[0].gaps[0].reason


def test_only_ends_of_lines_end_a_row():
    reading = read(
        deploys_csv='service,version,at\ncart,1\u2028\x0cx,2025-12-01T00:00:00Z\ncart,"2\n",2025-12-02T00:00:00Z\n'
    )
    assert [marker.name for marker in reading.markers] == ["1\u2028\x0cx", "2"]
    assert reading.coverage[0].complete


def test_a_field_that_no_entry_has_cannot_be_called_otherwise():
    with pytest.raises(ValidationError, match="when is no field of an entry; known are service, workload"):
        ReleaseLogOptions(path=".", fields={"when": "time"})


ENTRIES = st.dictionaries(
    st.sampled_from(["service", "workload", "job", "version", "at", "commit", "namespace", "environment", "x"]),
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12) | st.lists(st.integers(), max_size=2)
    | st.sampled_from(["2025-12-01T00:00:00Z", "shop/cart"]),
)  # fmt: skip


@given(
    st.lists(ENTRIES | st.integers() | st.text(max_size=5), max_size=6),
    st.sampled_from(["jsonl", "json", "csv", "yaml"]),
)
def test_whatever_stands_in_a_log_every_entry_is_a_release_or_a_gap(entries: list[object], suffix: str):
    lines = [json.dumps(entry) + "\n" for entry in entries]
    reading = read(**{f"deploys_{suffix}": "".join(lines)})
    if suffix == "jsonl" and not (lines and lines[0].startswith("[")):
        told = {marker.origin.line for marker in reading.markers} | {
            gap.origin.line for gap in reading.coverage[0].gaps
        }
        assert told == set(range(1, len(lines) + 1))


@given(st.binary(max_size=200), st.sampled_from(["jsonl", "csv", "yaml", "tsv", "json"]))
def test_no_bytes_are_an_exception(content: bytes, suffix: str):
    read(**{f"deploys_{suffix}": content})
