"""The house rules that a program can check: sizes, names, docstrings, purity."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "driftbot"
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40

PURE = (
    *("core", "rules", "promql", "documents", "engine", "report", "alerts", "detectors", "edits"),
    *("guards", "playbooks"),
)
"""Packages that take values and return values; time is an argument."""
IMPURE_MODULES = frozenset(
    {
        *("os", "io", "pathlib", "shutil", "tempfile", "glob", "logging"),
        *("time", "random", "socket", "subprocess", "signal", "threading", "multiprocessing"),
        *("urllib", "http", "ssl", "requests", "prometheus_api_client", "slack_sdk"),
        *("sqlite3", "sqlalchemy", "click"),
    }
)
IMPURE_CALLS = frozenset({"open", "print", "input", "now", "utcnow", "today"})

EMPTY_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc", "tools", "shared", "lib", "types"}
)


def modules(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if "__pycache__" not in path.parts)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), place(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, the docstring left out: a contract in full is no sign of a missing noun."""
    docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    written = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - written


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and not _is_pure(node):
            yield node.lineno, (node.module or "").partition(".")[0]


def _is_pure(node: ast.ImportFrom) -> bool:
    """Paths as text (``PurePosixPath``) and buffers in memory touch nothing."""
    names = {alias.name for alias in node.names}
    paths = node.module == "pathlib" and all(name.startswith("Pure") for name in names)
    return paths or (node.module == "io" and names <= {"BytesIO", "StringIO"})


def called(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield node.lineno, name


def test_no_module_is_too_long_to_read_in_one_sitting():
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(PACKAGE)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_too_long_to_see_at_once():
    lengths = {
        f"{place(path)}:{node.lineno} {node.name}": code_lines(node)
        for path in modules(PACKAGE)
        for node in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_file_has_an_empty_name():
    named = [path for root in ("driftbot", "tests", "scripts", "benchmarks") for path in (ROOT / root).rglob("*")]
    assert [place(path) for path in named if path.stem.strip("_") in EMPTY_NAMES] == []


def test_every_module_says_in_one_sentence_what_it_is_for():
    first_lines = {place(path): (ast.get_docstring(tree(path)) or "").partition("\n")[0] for path in modules(PACKAGE)}
    assert [name for name, line in first_lines.items() if not line.endswith((".", ":"))] == []


@pytest.mark.parametrize("package", PURE)
def test_the_pure_packages_touch_nothing_outside(package):
    found = [
        f"{place(path)}:{line} {name}"
        for path in modules(PACKAGE / package)
        for line, name in (
            *((line, f"imports {name}") for line, name in imported(path) if name in IMPURE_MODULES),
            *((line, f"calls {name}()") for line, name in called(path) if name in IMPURE_CALLS),
        )
    ]
    assert found == []


def test_a_test_that_reads_the_corpus_says_so():
    readers = [path for path in modules(ROOT / "tests") if "DRIFTBOT_CORPUS" in path.read_text(encoding="utf-8")]
    unmarked = [place(path) for path in readers if "mark.corpus" not in path.read_text(encoding="utf-8")]
    assert [name for name in unmarked if name != place(Path(__file__))] == []
