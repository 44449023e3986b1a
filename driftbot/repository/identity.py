"""Who commits: name and address as git writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from driftbot.repository.failure import Fault, RepositoryFailure

_UNFIT = re.compile(r"[<>\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Identity:
    """Author and committer of driftbot's commits; a commit of another committer is not ours."""

    name: str = "driftbot"
    email: str = "driftbot@localhost"

    def __post_init__(self) -> None:
        for part in (self.name, self.email):
            if not part.strip() or part != part.strip() or _UNFIT.search(part):
                raise RepositoryFailure(
                    Fault.UNFIT_CHANGE,
                    f"{part!r} can be no committer's name or address",
                    "write them without angle brackets, line breaks and spaces at the ends",
                )

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def at(self, moment: datetime) -> str:
        """The line of a commit object behind ``author`` or ``committer``: seconds since 1970, in UTC."""
        return f"{self} {int(moment.timestamp())} +0000"
