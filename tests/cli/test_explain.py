"""``driftbot explain``: by id, by its first digits, by rule and subject; and what it says when it cannot."""

from __future__ import annotations

import pytest

from driftbot.core.finding import fingerprint
from tests.cli.conftest import CART, MAIL, RANK

pytestmark = pytest.mark.usefixtures("estate")

ID = fingerprint("request-timeout", CART.id)


@pytest.mark.parametrize(
    "words",
    [(ID,), (ID[:5],), ("request-timeout", "shop/cart"), ("request-timeout", str(CART)), ("shop/cart",)],
)
def test_a_finding_is_explained(run, words):
    answer = run("explain", *words)
    assert answer.code == 0, answer
    for expected in (
        "request-timeout  workload:production/shop/cart",
        "observed  30s",
        "expected  at most 10s",
        "cart.yaml:3",
        "first seen  2026-05-02",
        "last seen  2026-05-03",
        "2026-05-02: 5s → 30s",
        "timeout.request: 10s",
    ):
        assert expected in answer.out


def test_who_last_touched_the_line_is_told_where_git_knows(estate, run):
    (estate / "driftbot.yaml").write_text(
        "store: driftbot.db\nrules: {shipped: none}\nsources:\n"
        "  - {name: manifests, kind: kubernetes_manifests, environment: production, path: .}\n"
    )
    told = run("explain", ID).out
    assert "last touched by Ada" in told
    assert "Wait longer for the warehouse" in told


def test_unknown_says_what_would_have_to_be_readable(run):
    told = run("explain", "shop/rank").out
    assert "What would have to be readable" in told
    assert "cart.yaml could not be read" in told


def test_words_for_several_findings_list_them(run):
    answer = run("explain", "request-timeout")
    assert (answer.code, answer.out) == (1, "")
    assert "3 findings answer to 'request-timeout'" in answer.err
    for subject in (CART, MAIL, RANK):
        assert str(subject) in answer.err


def test_words_for_no_finding_name_the_nearest(run):
    answer = run("explain", "request-timeout", "shop/card")
    assert answer.code == 1
    assert "no finding answers to 'request-timeout shop/card'" in answer.err
    assert "shop/cart" in answer.err


def test_a_past_night_is_told_as_it_was_known(run):
    now, then = run("explain", ID).out, run("explain", ID, "--as-of", "2026-05-02").out
    assert "last seen  2026-05-03" in now
    assert "as known on 2026-05-02 02:00" in then
    assert "last seen  2026-05-02" in then
    assert "new" in then.splitlines()[1]
    assert "2026-05-03" not in then
    before = run("explain", ID, "--as-of", "2026-05-01")
    assert (before.code, before.out) == (1, "")
    assert "no finding answers" in before.err
    assert "The first is of 2026-05-01T02:00Z" in run("explain", ID, "--as-of", "2026-04-30").err
    assert "is no time" in run("explain", ID, "--as-of", "yesterday").err
