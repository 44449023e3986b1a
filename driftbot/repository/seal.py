"""How a commit of ours is known again: by trailers that a person who changes it leaves wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OTHERS = r"(?:Driftbot-Fingerprint: [!-~]{1,200}\n)"
_OTHERS_ALONE = re.compile(f"{_OTHERS}+")
_TRAILERS = re.compile(
    f"{_OTHERS}*"
    r"Driftbot-Key: (?P<key>[!-~]{1,200})\nDriftbot-Base: (?P<base>[0-9a-f]{40,64})\n"
    r"Driftbot-Content: (?P<content>[0-9a-f]{64})\n?"
)


@dataclass(frozen=True, slots=True)
class Seal:
    """Which drift a commit is for, the commit that it was built on, and the digest of what it changes."""

    key: str
    base: str
    content: str

    def on(self, message: str) -> str:
        """The message with the seal at the end of its last paragraph, where git reads trailers.

        Fingerprints that end the message are trailers, too, and stand in the same paragraph: git reads no other.
        """
        trailers = f"Driftbot-Key: {self.key}\nDriftbot-Base: {self.base}\nDriftbot-Content: {self.content}\n"
        told = message.rstrip()
        last = told.rpartition("\n\n")[2]
        return f"{told}\n{trailers}" if _OTHERS_ALONE.fullmatch(f"{last}\n") else f"{told}\n\n{trailers}"


def seal_of(message: str) -> Seal | None:
    """The seal that ends a message; None where the last paragraph is none.

    What stands further up counts for nothing: a message quotes text that others wrote. Of its own paragraph it is the
    end, below nothing but fingerprints.
    """
    match = _TRAILERS.fullmatch(message.rstrip("\n").rpartition("\n\n")[2])
    return Seal(match["key"], match["base"], match["content"]) if match else None
