"""Shipped data is found in a checkout and in a wheel, and a wheel carries all of it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from driftbot import shipped

ROOT = Path(__file__).parent.parent
FOLDERS = {"rules": "rules", "playbooks": "playbooks", "monitoring": "monitoring", "demo": "fixtures/demo"}
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import driftbot.shipped as s
roots = {"rules": s.rules_root, "playbooks": s.playbooks_root, "monitoring": s.monitoring_root, "demo": s.demo_root}
print(json.dumps({name: str(root()) for name, root in roots.items()}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def written(folder: str) -> set[str]:
    return {path for path in below(ROOT / folder) if "__pycache__" not in path and ".db" not in path}


def test_a_checkout_has_them_where_they_are_written():
    found = {
        "rules": shipped.rules_root(),
        "playbooks": shipped.playbooks_root(),
        "monitoring": shipped.monitoring_root(),
        "demo": shipped.demo_root(),
    }
    assert found == {name: ROOT / folder for name, folder in FOLDERS.items()}


def test_a_wheel_finds_its_own(unpacked):
    ask = [sys.executable, "-I", "-c", ASK, str(unpacked)]
    found = json.loads(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)
    assert found == {name: str(unpacked / "driftbot" / "share" / name) for name in FOLDERS}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_wheel_carries_every_file(unpacked, name):
    assert written(FOLDERS[name]) - below(unpacked / "driftbot" / "share" / name) == set()


def test_a_wheel_carries_every_file_of_the_package_and_nothing_beside_it(unpacked):
    assert written("driftbot") - below(unpacked / "driftbot") == set()
    assert {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")} == {"driftbot"}


def test_a_damaged_installation_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "driftbot")
    monkeypatch.setattr(shipped, "_INSTALLED", tmp_path / "driftbot" / "share")
    with pytest.raises(shipped.ShippedDataMissing, match="share/rules") as caught:
        shipped.rules_root()
    assert caught.value.next_step == "Install driftbot again."
