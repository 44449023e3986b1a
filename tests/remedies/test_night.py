"""What the night does by itself, while others act beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbot.config import load_config
from driftbot.remedies import night
from driftbot.remedies.reach import planned as really_planned
from driftbot.store.store import Store
from tests.remedies.estate import LONG, Terms, deadlines, now, scanned, write_estate


def test_the_night_does_what_is_automatic(tmp_path: Path) -> None:
    config = scanned(write_estate(tmp_path, "a", "b", terms=Terms(level="auto")))
    with Store.open(config.store_url) as store:
        told, runs = night.act(config, store, now, lambda: "")
    assert deadlines(tmp_path, "ab") == {"a": LONG, "b": LONG}
    assert told == "2 of 2 remedies applied"
    assert len(runs) == 2


@pytest.mark.parametrize("level", ["auto", "propose"])
def test_the_night_says_which_guards_hold_back_what_it_would_do(tmp_path: Path, level: str) -> None:
    write_estate(tmp_path, "a", "b", terms=Terms(level=level))
    text = (tmp_path / "driftbot.yaml").read_text().replace("run: {most: 100}", "run: {most: 1}")
    (tmp_path / "driftbot.yaml").write_text(text)
    config = scanned(tmp_path)
    with Store.open(config.store_url) as store:
        told, runs = night.act(config, store, now, lambda: "")
    expected = "nothing was applied: everything is held back; 2 held back: 2 by run limit (`driftbot plan` says why)"
    assert (told, runs) == (expected, ())


def test_the_night_says_what_people_may_apply(tmp_path: Path) -> None:
    config = scanned(write_estate(tmp_path, "a", terms=Terms(level="propose")))
    with Store.open(config.store_url) as store:
        told, _ = night.act(config, store, now, lambda: "")
    assert told.startswith("nothing may act by itself; plan ")
    assert told.endswith(" has 1 for people to apply")


def test_what_others_did_before_the_right_to_act_was_taken_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_estate(tmp_path, "a", "b", terms=Terms(level="auto"))
    text = (tmp_path / "driftbot.yaml").read_text().replace("run: {most: 100}", "run: {most: 2}")
    (tmp_path / "driftbot.yaml").write_text(text)
    config = scanned(tmp_path)

    def meanwhile(*known: object) -> object:
        plan = really_planned(*known)  # type: ignore[arg-type]
        monkeypatch.setattr(night, "planned", really_planned)
        with Store.open(config.store_url) as other:
            night.act(load_config(config.path), other, now, lambda: "")
        return plan

    monkeypatch.setattr(night, "planned", meanwhile)
    with Store.open(config.store_url) as store:
        _, runs = night.act(config, store, now, lambda: "")
        assert len(store.runs()) == 2
    assert runs == ()
    assert deadlines(tmp_path, "ab") == {"a": LONG, "b": LONG}
