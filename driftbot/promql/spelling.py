"""Spellings of PromQL that the parser does not know, and limits it does not have, settled before it sees the text."""

from __future__ import annotations

import re

DEEPEST = 60
"""Brackets inside one another (8 in public alerts): the parser recurses without a limit and would end the process."""

MOST_OPERATORS = 200
"""Operators in one expression, for the same reason: a chain of them is a tree as deep as it is long (label matchers are
a list, and are not counted). The most in 1,887 public alert expressions is 12."""

LONGEST = 100_000
"""Characters; the longest of 1,887 public alert expressions has 1,463."""

_TOKEN = re.compile(
    # What is opened and never closed reaches to the end: to look again from every quote in it takes minutes.
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|\'(?:[^\'\\]|\\.)*+(?:\'|\\?\Z)|`[^`]*+(?:`|\Z)'
    r"|(?P<comment>#[^\r\n]*)"
    r"|(?P<placeholder>\$\{?__?\w+\}?|\{\{.*?(?:\}\}|\Z)|\$\{?\w+\}?|<%.*?(?:%>|\Z))"
    r"|(?P<number>(?<![\w:.])(?:0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)+|\d+(?:_\d+)+)(?![A-Za-z]))"
    r"|(?P<operator>(?:and|or|unless|atan2)\b|[-+*/%^]|[=!<>]=|[=!]~|[<>=])"
    r"|[A-Za-z_:][\w:.]*"
    r"|(?P<opening>[(\[{])|(?P<closing>[)\]}])",
    re.DOTALL,
)

_GROUPED = re.compile(r"[\da-fA-F]_[\da-fA-F]")
_OF_OPERATORS = (*"-+*/%^=!<>", "and", "or", "unless", "atan2")
_OF_PLACEHOLDERS = ("$", "{{", "<%")


class NotPromQL(ValueError):
    """The text is no expression that can be taken apart; the message says why."""


def spell(text: str) -> str:
    """The expression as the parser knows it: ``1_000_000`` (Prometheus ≥ 2.52) becomes ``1000000``.

    Raises:
        NotPromQL: the text holds a placeholder of a dashboard or template, or is beyond what anybody writes.
    """
    if len(text) > LONGEST:
        raise NotPromQL(f"the expression has {len(text):,} characters, more than {LONGEST:,}")
    if not _is_modest(text):
        _check(text)
    if not _GROUPED.search(text):
        return text
    return _TOKEN.sub(lambda match: match[0].replace("_", "") if match["number"] else match[0], text)


def _is_modest(text: str) -> bool:
    """Whether even its characters, taken for brackets and operators wherever they stand, stay within all limits.

    Nearly every expression does; going through the tokens takes as long as parsing.
    """
    return (
        sum(map(text.count, "([{")) <= DEEPEST
        and sum(map(text.count, _OF_OPERATORS)) <= MOST_OPERATORS
        and not any(map(text.count, _OF_PLACEHOLDERS))
    )


def _check(text: str) -> None:
    depth = braces = operators = 0
    for match in _TOKEN.finditer(text):
        if match["placeholder"]:
            raise NotPromQL(f"placeholder {match[0][:80]} is not PromQL; read the rendered expression")
        depth += bool(match["opening"]) - bool(match["closing"])
        braces = max(braces + (match[0] == "{") - (match[0] == "}"), 0)
        operators += bool(match["operator"]) and not braces
        if depth > DEEPEST:
            raise NotPromQL(f"brackets are nested more than {DEEPEST} levels deep")
    if operators > MOST_OPERATORS:
        raise NotPromQL(f"the expression has {operators:,} operators, more than {MOST_OPERATORS:,}")
