"""What reads a request's effect back: a second request that changes nothing, and how its answer is understood. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from driftbot.actions.action import Sight, Standing
from driftbot.actions.http_answer import HttpAnswer
from driftbot.actions.http_message import Path, Plain, Query, Status
from driftbot.actions.intent import Intent
from driftbot.actions.strict import Strict
from driftbot.documents.json import read_json
from driftbot.documents.path import BadPath
from driftbot.documents.path import Path as DocumentPath

NOT_THERE = frozenset({404, 410})
"""Statuses that say that there is no such thing."""


def _compiled(text: str) -> str:
    try:
        DocumentPath(text)
    except BadPath as error:
        raise ValueError(str(error)) from None
    return text


class HttpCheck(Strict):
    """A GET to the same host whose answer says whether the effect is there."""

    path: Path
    query: Query = Field(default={}, description="what follows the question mark, unencoded")
    expect: Annotated[tuple[Status, ...], Field(min_length=1, description="statuses of an answer that counts")] = (200,)
    at: Annotated[
        str | None,
        AfterValidator(lambda text: None if text is None else _compiled(text)),
        Field(description="JSONPath to a value of the answer; without it the status alone says that it is there"),
    ] = None
    equals: Annotated[
        Plain | None, Field(description="what the value is where the effect is there; otherwise any value but null")
    ] = None


class WireCheck(Intent):
    """A check as it is sent and understood."""

    url: str
    expect: tuple[int, ...]
    at: str | None
    equals: Plain | None

    def sight(self, answer: HttpAnswer) -> Sight:
        """What the answer says: after, before, or nothing that could be relied on."""
        if answer.status in self.expect:
            return self._valued(answer) if self.at else Sight(Standing.AFTER, f"{self.url} answers {answer.status}")
        if answer.status in NOT_THERE or 200 <= answer.status < 300:
            return Sight(Standing.BEFORE, f"{self.url} answers {answer.status}")
        return Sight(Standing.UNREADABLE, f"{self.url} answers {answer.told}")

    def _valued(self, answer: HttpAnswer) -> Sight:
        documents = read_json(answer.content, "", self.url)
        if answer.cut or documents.problems or len(documents.nodes) != 1:
            return Sight(Standing.UNREADABLE, f"{self.url} answers what is no whole JSON: {answer.told}")
        values = [found.node.plain() for found in DocumentPath(self.at or "$").find(documents.nodes[0])]
        there = any(value is not None if self.equals is None else _same(value, self.equals) for value in values)
        shown = ", ".join(str(value)[:80] for value in values[:3]) or "nothing"
        return Sight(Standing.AFTER if there else Standing.BEFORE, answer.safe(f"{self.url}: {self.at} is {shown}"))


def _same(value: object, wanted: Plain) -> bool:
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted
