"""``python -m docs.render [--check]``: write everything that is rendered, or fail where a file differs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from docs.render import rendered
from docs.render.rendered import ROOT

FOLDERS = ("docs/reference", "schemas")
"""Folders that hold rendered files and nothing else."""


def main() -> int:
    """The exit code: 1 where something differs (``--check``), else 0."""
    parser = argparse.ArgumentParser(prog="python -m docs.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file differs")
    wanted = rendered.files()
    if parser.parse_args().check:
        return check(wanted)
    write(wanted)
    return 0


def check(wanted: Mapping[str, str]) -> int:
    """Say what differs, both ways: files that are out of date, and files that nothing renders."""
    difference = [line for name, text in wanted.items() for line in rendered.difference(name, text)]
    difference += [f"{name}: nothing renders it; remove it" for name in sorted(_present() - set(wanted))]
    if difference:
        print(*difference, "Rendered files are out of date: run `make docs` and commit them.", sep="\n")
    return bool(difference)


def write(wanted: Mapping[str, str]) -> None:
    """Write every file and remove those that nothing renders any more."""
    for name in _present() - set(wanted):
        (ROOT / name).unlink()
    for name, text in wanted.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")


def _present() -> set[str]:
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found}


if __name__ == "__main__":
    sys.exit(main())
