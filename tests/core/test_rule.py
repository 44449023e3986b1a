"""What a rule says of itself: the keys to approve so that it has a baseline."""

from __future__ import annotations

import pytest

from tests.engine.estate import rule


@pytest.mark.parametrize(
    ("expect", "keys"),
    [
        ("self.retries <= approved.retries && self.limits.cpu == approved.limits.cpu", ("limits.cpu", "retries")),
        ("self.retries <= 3", ()),
        (
            "self.since_approval.looser.size() == 0",
            ("expression", "hold", "keep_firing", "routing", "severity"),
        ),
    ],
)
def test_the_keys_to_approve(expect, keys):
    assert rule(expect).approved_keys == keys
    assert rule("right", let={"right": expect}).approved_keys == keys
    assert rule("self.retries <= 3", where=expect).approved_keys == keys
