"""Since when an owner is asked in person: golden cases in ``fixtures/notices/escalation/``; times are ago."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from driftbot.core.digest import Standing
from driftbot.notices.escalation import escalated, unfixed_since
from driftbot.notices.options import ChannelOptions
from driftbot.notices.situation import Situation
from tests.notices.digest_scene import NIGHT, NOW, entry, waiver

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "notices" / "escalation").glob("*.yaml"))


def days(text: str) -> timedelta:
    return timedelta(days=int(text.removesuffix("d")))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_since_when_the_owner_is_asked(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    one = entry(Standing(case.get("standing", "standing")), of_life={"first_seen": NOW - days(case["first_seen"])})
    ended = case.get("waiver_ended")
    situation = Situation(
        now=NOW,
        night=NIGHT,
        reopened={one.fingerprint: NOW - days(case["reopened"])} if "reopened" in case else {},
        waivers={one.fingerprint: waiver(one.finding, expires=NOW - days(ended))} if ended else {},
    )
    after = ChannelOptions.model_validate({"name": "sre", "escalate_after": case["after"]}).escalate_after
    expected = NOW - days(case["escalated"]) if case["escalated"] else None
    assert escalated(unfixed_since(one.life, one.standing, situation), after, NOW) == expected
