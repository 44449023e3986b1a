"""What a folder holds: rule files, manifests, catalogs, owners, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbot.discovery.folder import Kind, look_into

SHOP = Path(__file__).parents[2] / "fixtures" / "init" / "shop"


def silent(_message: str) -> None:
    pass


def test_everything_in_a_folder_is_counted_with_its_owners():
    found = look_into(SHOP, silent)
    assert (found.files, found.empty) == (6, False)
    assert (found.alerts.paths, found.alerts.things) == (["alerts/checkout.yaml"], {"alert": 2, "recording rule": 1})
    assert (found.manifests.paths, found.manifests.things) == (
        ["deploy/checkout.yaml"],
        {"Deployment": 1, "Service": 1},
    )
    assert (found.catalog.paths, found.catalog.things) == (["services.yaml"], {"service": 2})
    assert found.backstage.things == {"Component": 1}
    assert found.teams == {"checkout": 3}
    assert found.owners is not None
    assert found.owners.teams() == ("checkout", "platform")
    assert [problem.origin.locator for problem in found.unread] == ["deploy/chart.yaml"]


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        ([], "."),
        (["a.yaml"], "."),
        (["a/b/c.yaml"], "a/b"),
        (["a/b/c.yaml", "a/d.yaml"], "a"),
        (["alerts/a.yaml", "alertmanager/b.yaml"], "."),
        (["a/x.yaml", "b.yaml"], "."),
    ],
)
def test_the_deepest_folder_that_holds_all_of_a_kind(paths, root):
    assert Kind(paths).root == root


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"a: [",
        b"a: &a [*a]",
        b"- 1\n",
        b"just text",
        b"groups: {}",
        b"kind: Deployment",
        b"services: 3",
    ],
)
def test_odd_files_are_nothing_and_end_nothing(tmp_path, content):
    (tmp_path / "odd.yaml").write_bytes(content)
    (tmp_path / "good.yaml").write_text("groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]\n")
    found = look_into(tmp_path, silent)
    assert found.alerts.paths == ["good.yaml"]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    found = look_into(tmp_path / "nothing", silent)
    assert found.empty
    assert "cannot be opened" in found.unread[0].message
