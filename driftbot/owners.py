"""CODEOWNERS: who owns a path, in GitHub's and in GitLab's reading of the file.

Sources: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
and https://docs.gitlab.com/user/project/codeowners/reference/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from driftbot.core.fact import Fact, Origin
from driftbot.core.rule import Problem
from driftbot.core.subject import Subject

PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the forges look for the file, the first one counts."""


class Dialect(StrEnum):
    """Whose reading of the file holds; GitLab's has sections, and patterns that match at any depth."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a pattern and its owners (none: nobody, on purpose).

    ``excluded`` says that the line takes its paths out of the section (GitLab's ``!pattern``).
    """

    pattern: str
    matches: re.Pattern[str]
    owners: tuple[str, ...]
    line: int
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a GitLab file, judged on its own; a GitHub file is one section without a name."""

    name: str = ""
    defaults: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of the last line that matches; none where no line matches or the path is excluded."""
        matching = [entry for entry in self.entries if entry.matches.fullmatch(path)]
        if not matching or any(entry.excluded for entry in matching):
            return ()
        return matching[-1].owners or self.defaults


@dataclass(frozen=True, slots=True)
class Owners:
    """A CODEOWNERS file as a question: who owns a path.

    ``locator`` is the file, relative to the repository's root. ``below`` is the folder that paths are relative to, seen
    from the repository's root ("" for the root itself).
    """

    sections: tuple[Section, ...] = ()
    locator: str = ""
    below: str = ""
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path as written (``@org/team``, ``@person``, an address), each once, in the file's order."""
        full = posixpath.normpath(f"{self.below}/{path}").strip("/")
        return tuple(dict.fromkeys(owner for section in self.sections for owner in section.owners_of(full)))

    def teams(self) -> tuple[str, ...]:
        """Everybody the file names, as ``team_name`` says them, sorted."""
        entries = (entry.owners or section.defaults for section in self.sections for entry in section.entries)
        return tuple(sorted({team_name(owner) for owners in entries for owner in owners}))


def team_name(owner: str) -> str:
    """An owner as a ``team`` label says it: ``@org/group/payments`` is ``payments``, ``@ada`` is ``ada``."""
    return owner.rsplit("/", 1)[-1].removeprefix("@") if owner.startswith("@") else owner


def find_owners(root: Path) -> Owners | None:
    """The CODEOWNERS file that speaks of ``root``: in it or in the repository around it; None where there is none.

    A file that cannot be read is an ``Owners`` with a problem and without sections.
    """
    start = root.resolve()
    for folder in (start, *start.parents):
        for place in PLACES:
            if (folder / place).is_file():
                below = start.relative_to(folder).as_posix().removeprefix(".")
                return replace(_read_file(folder / place, place), below=below)
        if (folder / ".git").exists():
            return None
    return None


def with_owners(facts: Iterable[Fact], owners: Owners) -> tuple[Fact, ...]:
    """The facts, with the labels ``owner`` and ``team`` from the file they were read in where nothing names an owner.

    Facts without a line were read on a server and belong to no file. Several owners are one label, joined by
    commas. A subject read from several files takes the owner of the first, in the order of their names.
    """
    known = tuple(facts)
    owned = {fact.subject for fact in known if fact.subject.label("owner") or fact.subject.label("team")}
    first: dict[Subject, Origin] = {}
    for fact in known:
        if fact.origin.line and fact.subject not in owned:
            first[fact.subject] = min(fact.origin, first.get(fact.subject, fact.origin))
    labels = {subject: _labels(owners.of(origin.locator)) for subject, origin in first.items()}
    return tuple(
        replace(fact, subject=fact.subject.with_labels(found)) if (found := labels.get(fact.subject)) else fact
        for fact in known
    )


def _labels(named: Sequence[str]) -> dict[str, str]:
    teams = ", ".join(dict.fromkeys(team_name(owner) for owner in named))
    return {"owner": ", ".join(named), "team": teams} if named else {}


def read_codeowners(text: str, locator: str = "CODEOWNERS", dialect: Dialect | None = None) -> Owners:
    """Read a CODEOWNERS file; lines that cannot be understood become problems and the others hold.

    Without a ``dialect``, a file in ``.gitlab/`` or with a ``[Section]`` is GitLab's, any other GitHub's.
    """
    lines = [(number, line) for number, raw in enumerate(text.splitlines(), start=1) if (line := _uncommented(raw))]
    dialect = dialect or _dialect_of(locator, [line for _, line in lines])
    sections = {"": Section()}
    problems: list[Problem] = []
    current = ""
    for number, line in lines:
        heading = _HEADING.fullmatch(line) if dialect is Dialect.GITLAB else None
        if heading:
            current = heading["name"].strip().casefold()
            known = sections.get(current, Section(heading["name"].strip()))
            sections[current] = replace(known, defaults=tuple(heading["owners"].split()) or known.defaults)
            continue
        entry, wrong = _entry(number, line, dialect)
        if wrong:
            problems.append(Problem(Origin("", locator, number, 1), wrong, "the line is skipped, the others hold"))
        else:
            sections[current] = replace(sections[current], entries=(*sections[current].entries, entry))
    return Owners(tuple(part for part in sections.values() if part.entries), locator, problems=tuple(problems))


_HEADING = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)")
_OWNER = re.compile(r"@{1,2}[^\s@]+|[^@\s]+@[^@\s]+\.[^@\s]+")
_WORD = re.compile(r"(?:\\.|\S)+")


def _read_file(path: Path, locator: str) -> Owners:
    try:
        return read_codeowners(path.read_bytes().decode("utf-8-sig", errors="replace"), locator)
    except OSError as error:
        problem = Problem(Origin("", locator), f"cannot be read: {error.strerror}", "make the file readable")
        return Owners(locator=locator, problems=(problem,))


def _uncommented(line: str) -> str:
    return re.sub(r"(?:^|(?<=\s))#.*", "", line).strip()


def _dialect_of(locator: str, lines: Iterable[str]) -> Dialect:
    if locator.startswith(".github/"):
        return Dialect.GITHUB
    gitlab = locator.startswith(".gitlab/") or any(_HEADING.fullmatch(line) for line in lines)
    return Dialect.GITLAB if gitlab else Dialect.GITHUB


def _entry(number: int, line: str, dialect: Dialect) -> tuple[Entry, str]:
    pattern, *owners = _WORD.findall(line)
    excluded = dialect is Dialect.GITLAB and pattern.startswith("!")
    entry = Entry(pattern, _pattern(pattern.removeprefix("!"), dialect), tuple(owners), number, excluded)
    strangers = [owner for owner in owners if not _OWNER.fullmatch(owner)]
    if strangers:
        return entry, f"{strangers[0]!r} is no owner; an owner is @person, @org/team or an e-mail address"
    if dialect is Dialect.GITHUB and (pattern.startswith("!") or "[" in pattern):
        return entry, f"{pattern!r} uses ! or [ ], which GitHub does not read in this file"
    return entry, ""


_TOKENS = re.compile(r"\\(?P<plain>.)|(?P<folders>\*\*/)|(?P<deep>\*\*)|(?P<star>\*)|(?P<one>\?)|(?P<any>.)")
_GLOBS = {"folders": "(?:.*/)?", "deep": ".*", "star": "[^/]*", "one": "[^/]"}


def _pattern(pattern: str, dialect: Dialect) -> re.Pattern[str]:
    """The pattern as a regular expression over a whole path from the repository's root.

    GitHub anchors a pattern with a slash inside and lets a folder's name mean all that is in it; GitLab anchors only a
    leading slash and wants a trailing one for a folder. In both, ``docs/*`` means the files of that folder alone.
    """
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or (dialect is Dialect.GITHUB and "/" in body)
    below = "" if dialect is Dialect.GITLAB or body.endswith("/*") else "(?:/.*)?"
    inside = "/.+" if pattern.endswith("/") else below
    return re.compile(("" if anchored else "(?:.*/)?") + "".join(_translated(body)) + inside)


def _translated(body: str) -> Iterator[str]:
    for token in _TOKENS.finditer(body):
        kind = token.lastgroup or "any"
        yield _GLOBS.get(kind) or re.escape(token[kind])
