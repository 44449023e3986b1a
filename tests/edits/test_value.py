"""Values of generated files of every format, replaced: the one that was meant, judged by another parser, or refused."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from driftbot.documents.format import Format
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.value import set_at, set_value
from tests.edits.reread import Unreadable, Wrong, check_bytes, check_value, read
from tests.edits.setting_files import GENERATORS, NEW, Path, Written

SEED = 11
FORMATS = sorted(GENERATORS)
FILES = [60, pytest.param(1_000, marks=pytest.mark.campaign)]
TRIES = [150, pytest.param(10_000, marks=pytest.mark.campaign)]
HONEST = {Refusal.ALREADY, Refusal.SHARED, Refusal.DUPLICATE_KEY}


def outcome(format: str, written: Written, place: Path, new: str) -> str:
    """What became of an edit; fails where it is wrong, or refused for a reason that is not true."""
    file = SettingFile(f"settings.{format}", written.content, Format(format))
    node = file.node(place)
    assert node is not None, (place, written.content)
    try:
        edit = set_value(file, place, new)
    except Refused as refusal:
        assert is_honest(format, refusal, written, place, new), (refusal.reason, new, written.content)
        return f"refused: {refusal.kind}"
    after = edit.apply(written.content)
    try:
        check_bytes(written.content, after, node.start, node.end)
        check_value(written.content, after, format, new)
    except Wrong as wrong:
        raise AssertionError(f"{place} → {new!r}: {wrong}\n{edit.diff}\n{written.content!r}") from None
    return "edited"


def is_honest(format: str, refusal: Refused, written: Written, place: Path, new: str) -> bool:
    """Whether an editor may refuse this for this reason."""
    match refusal.kind:
        case Refusal.SHARED:
            return place in written.doubtful
        case Refusal.UNWRITABLE_VALUE:
            return not new.isascii()
        case Refusal.NOT_PROVABLE:
            return format == "ini" and not is_ini_text(new)
    return refusal.kind in HONEST


def is_ini_text(text: str) -> bool:
    """Whether INI's readers agree on it: one line without quotes, comments, odd characters, and space at its ends."""
    odd = not text.isprintable() or any(quote in text for quote in "\"'")
    return (
        not odd
        and text == text.strip()
        and bool(text)
        and " #" not in text
        and " ;" not in text
        and text[0] not in "#;["
    )


def judged(format: str, written: Written) -> bool:
    try:
        read(written.content, format)
    except Unreadable:
        return False
    return SettingFile("x", written.content, Format(format)).documents.complete


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("count", FILES)
def test_every_value_of_generated_files_changes_alone(format, count, capsys):
    if count > 60 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    outcomes: Counter[str] = Counter()
    draw, files = Random(SEED), 0
    while files < count:
        written = GENERATORS[format](draw)
        if not judged(format, written):
            outcomes["files that a parser refuses"] += 1
            continue
        files += 1
        for place in written.places:
            outcomes[outcome(format, written, place, draw.choice(NEW))] += 1
    with capsys.disabled():
        print(f"\n  {format}: {count} files, {dict(outcomes)}")
    assert outcomes["edited"] > 0.8 * sum(outcomes.values())


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("tries", TRIES)
def test_no_counterexample_is_found(format, tries):
    if tries > 150 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")

    def judge(draw: Random, new: str) -> None:
        written = GENERATORS[format](draw)
        assume(written.places and judged(format, written))
        event(outcome(format, written, draw.choice(written.places), new))

    patient = list(HealthCheck)
    texts = st.one_of(st.sampled_from(NEW), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
    given(st.randoms(use_true_random=False), texts)(
        settings(max_examples=tries, deadline=None, suppress_health_check=patient)(judge)
    )()


def test_a_value_is_set_by_its_bytes():
    file = SettingFile("a.yaml", b"a: 5  # five\nb: '5m'\n")
    assert set_at(file, 3, 4, "7").apply(file.content) == b"a: 7  # five\nb: '5m'\n"
    assert set_at(file, 16, 20, "7m").apply(file.content) == b"a: 5  # five\nb: '7m'\n"
    with pytest.raises(Refused, match="what was read stands elsewhere now"):
        set_at(file, 3, 5, "7")
