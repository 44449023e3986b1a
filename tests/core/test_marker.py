"""Markers in short: what of a release's name tells it apart from the others."""

from __future__ import annotations

import pytest

from driftbot.core.marker import Cause, Marker, in_short
from driftbot.core.subject import Subject

SERVICE = Subject("service", "production", "checkout")
DIGEST = "@sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["registry.example:5000/shop/checkout:3.8.0", "3.10.0"], ["3.8.0", "3.10.0"]),
        (["eu.example/shop/checkout:1.0", "us.example/shop/checkout:1.1"], ["1.0", "1.1"]),
        (["r.example/checkout:1.0", "r.example/sidecar:2.0"], ["checkout:1.0", "sidecar:2.0"]),
        (["r.example/checkout:1.0" + DIGEST], ["1.0"]),
        (["r.example/checkout" + DIGEST], ["0123456789ab"]),
        (["r.example/checkout"], ["checkout"]),
        (["2.4.1", "v2"], ["2.4.1", "v2"]),
        (["checkout r.example/a:1, and more", ""], ["checkout r.example/a:1, and more", ""]),
    ],
)
def test_an_image_is_named_by_what_tells_it_apart(names, short):
    markers = [Marker(SERVICE, float(at), name) for at, name in enumerate(names)]
    assert [marker.name for marker in in_short(markers)] == short


def test_a_setting_keeps_its_name():
    setting = Marker(SERVICE, 1.0, "a/b:c", Cause.SETTING)
    assert in_short([setting]) == (setting,)
