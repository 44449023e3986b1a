"""The lock files: they hold what the project requires, and neither a package index nor a path of some machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==([^ ;]+)", re.MULTILINE)


def locked(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for package, version in PIN.findall((ROOT / "lock" / name).read_text(encoding="utf-8")):
        pins.setdefault(canonicalize_name(package), set()).add(version)
    return pins


def group(name: str) -> Iterable[str]:
    for entry in PROJECT["dependency-groups"][name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from group(entry["include-group"])


RUN = (*PROJECT["project"]["dependencies"], *group("build"))
DEV = (*RUN, *group("dev"), *PROJECT["project"]["optional-dependencies"]["postgresql"])


@pytest.mark.parametrize(("lock", "required"), [("run.txt", RUN), ("dev.txt", DEV)])
def test_everything_required_is_locked_at_a_version_that_satisfies_its_floor(lock, required):
    pins = locked(lock)
    for requirement in map(Requirement, required):
        versions = pins.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is missing from lock/{lock}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement} in lock/{lock}"


def test_running_and_developing_use_the_same_versions():
    run, dev = locked("run.txt"), locked("dev.txt")
    assert {name: versions for name, versions in run.items() if dev.get(name) != versions} == {}


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_a_lock_names_no_index_and_no_machine(lock):
    text = (ROOT / "lock" / lock).read_text(encoding="utf-8")
    assert re.findall(r"\w+://\S*|--(?:extra-)?index\S*|--find-links\S*|(?:^|\s)/\S+", text) == []


ANOTHER_PROGRAM_NEXT = {"apscheduler>=3.11,<4"}
"""Requirements whose next major release is a different program: APScheduler 4 has another interface throughout."""


@pytest.mark.parametrize("requirement", DEV)
def test_a_requirement_is_a_floor_not_a_pin(requirement):
    operators = {specifier.operator for specifier in Requirement(requirement).specifier}
    assert operators == ({">=", "<"} if requirement in ANOTHER_PROGRAM_NEXT else {">="})
