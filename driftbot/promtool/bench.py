"""A bench: a temporary folder in which promtool looks at copies of rule files and their tests."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml
from driftbot.promtool.rule_tests import RuleTest

TIMEOUT_SECONDS = 60.0
"""For one run of promtool: a rule test evaluates hours of synthetic series in milliseconds."""

LONGEST = 300
"""Characters of a complaint that are told."""

_RESOURCES = frozenset({"PrometheusRule", "VMRule"})
_FAILED = re.compile(r"^\s+name: (?P<name>.*?),?$|^\s+(?P<what>(?:alertname|expr): .*, time: [^,\s]+)", re.MULTILINE)
_SILENT = re.compile(r"\s*(?:FAILED:|Checking .*|Unit Testing: .*|SUCCESS.*)?\s*")


class NotAsked(Exception):
    """Promtool gave no answer; the message says why."""


class Bench:
    """The files that a change is about, lying as they do below the root; complaints are empty where there is none."""

    def __init__(self, program: str, folder: Path, root: Path, path: str) -> None:
        self._program = program
        self._folder = folder
        self._root = root
        self._path = path

    def check(self, content: bytes) -> str:
        """What ``promtool check rules`` complains of where the file has this content.

        Raises:
            NotAsked: promtool does not read such a file, or did not answer in time.
        """
        self._put(self._path, _as_rule_file(content))
        return self._run("check", "rules", self._path)

    def test(self, test: RuleTest, content: bytes) -> str:
        """What ``promtool test rules`` complains of where the file has this content.

        Raises:
            NotAsked: promtool did not answer in time.
        """
        changed = (self._root / self._path).resolve()
        for path in (test.path, *test.rule_files):
            file = self._root / path
            self._put(path, content if file.resolve() == changed else file.read_bytes())
        return self._run("test", "rules", test.path)

    def _put(self, path: str, content: bytes) -> None:
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [self._program, *arguments], cwd=self._folder, env={"LC_ALL": "C", "HOME": str(self._folder)},
                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NotAsked(f"`promtool {' '.join(arguments)}` took longer than {TIMEOUT_SECONDS:g} s") from None
        if done.returncode == 0:
            return ""
        said = (done.stdout + b"\n" + done.stderr).decode(errors="replace").replace(f"{self._folder}/", "")
        return _complaint(said) or f"exit code {done.returncode}, without a word"


def _complaint(said: str) -> str:
    """The tests that failed by their names, else the first thing that promtool says."""
    failed = [match["name"] or match["what"] for match in _FAILED.finditer(said)]
    if failed:
        return "; ".join(dict.fromkeys(failed))[:LONGEST]
    return next((line.strip()[:LONGEST] for line in said.splitlines() if not _SILENT.fullmatch(line)), "")


def _as_rule_file(content: bytes) -> bytes:
    """The file itself, or the groups of the resources in it as the rule file that they stand for."""
    kinds = [(kind.text, node) for node in read_yaml(content, "", "").nodes if (kind := node.get("kind"))]
    if not kinds:
        return content
    held = [groups for kind, node in kinds if kind in _RESOURCES and (groups := node.get("spec", "groups"))]
    if not held:
        raise NotAsked(f"it reads rule files and no resource of kind {kinds[0][0]}")
    return json.dumps({"groups": [_texts(group) for groups in held for group in groups.items]}).encode()


def _texts(node: Node) -> object:
    """The value with scalars as they are written, which is how Prometheus reads durations and labels."""
    if node.shape is Shape.SEQUENCE:
        return [_texts(item) for item in node.items]
    if node.shape is Shape.MAPPING:
        return {name: _texts(entry.value) for name, entry in node.members.items()}
    whole = isinstance(node.value, int) and not isinstance(node.value, bool)
    return node.value if whole or node.value is None else node.text
