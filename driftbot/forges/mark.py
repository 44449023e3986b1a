"""The hidden mark in a body by which a request, a notice or a comment is known again as ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(
    r"<!-- driftbot:fingerprint=(?P<fingerprint>[\w.:-]+) digest=(?P<digest>[\w.:-]+)(?P<ended> ended)? -->"
)
_WORD = re.compile(r"[\w.:-]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a body is about: the finding's ``fingerprint``, and the ``digest`` of what it was rendered from.

    ``ended`` says that driftbot itself closed the thing, so that its being closed is nobody's refusal.

    Raises:
        ValueError: a part has a character that could end the mark, or is empty.
    """

    fingerprint: str
    digest: str
    ended: bool = False

    def __post_init__(self) -> None:
        for part in (self.fingerprint, self.digest):
            if not _WORD.fullmatch(part):
                raise ValueError(f"{part!r} cannot stand in a mark; letters, digits and _ . : - can")

    def __str__(self) -> str:
        ended = " ended" if self.ended else ""
        return f"<!-- driftbot:fingerprint={self.fingerprint} digest={self.digest}{ended} -->"


def read_mark(body: str) -> Mark | None:
    """The last mark of a body, None where it has none: ours is written last, and text before it may be anybody's."""
    found = list(_MARK.finditer(body))
    return Mark(found[-1]["fingerprint"], found[-1]["digest"], bool(found[-1]["ended"])) if found else None


def with_mark(body: str, mark: Mark) -> str:
    """The body with this mark at its end and no other."""
    return f"{_MARK.sub('', body).rstrip()}\n\n{mark}\n"
