"""The page of the shipped rules: the lessons as `driftbot rules docs` renders them."""

from __future__ import annotations

from collections import defaultdict

from driftbot.core.body import Body
from driftbot.inventory import vocabulary
from driftbot.lessons.page import page
from driftbot.rules.case import Case
from driftbot.rules.reading import read_rules
from driftbot.shipped import rules_root


def render() -> str:
    """The page.

    Raises:
        ValueError: a shipped rule has problems.
    """
    words, root = vocabulary(()), rules_root()
    files = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in root.rglob("*.yaml"))
    book = read_rules((Body(locator, content) for locator, content in files), words)
    if book.problems:
        raise ValueError("\n".join(str(problem) for problem in book.problems))
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in book.cases:
        cases[case.rule].append(case)
    return page(book.rules, cases, words)
