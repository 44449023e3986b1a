"""The people of the sandbox's workspace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Slack account; ``id`` is a Slack user id."""

    id: str
    handle: str
    name: str

    @property
    def email(self) -> str:
        """An address that reaches nobody (RFC 2606)."""
        return f"{self.handle}@example.org"

    def described(self, team: str) -> dict[str, object]:
        """As ``users.info`` answers (https://docs.slack.dev/reference/objects/user-object)."""
        return {
            "id": self.id,
            "team_id": team,
            "name": self.handle,
            "real_name": self.name,
            "deleted": False,
            "is_bot": False,
            "tz": "Etc/UTC",
            "profile": {"real_name": self.name, "display_name": self.handle, "email": self.email, "team": team},
        }


PEOPLE = (
    Person("U0000000ANN", "ann", "Ann Onuoha"),
    Person("U0000000BEN", "ben", "Ben Sato"),
    Person("U0000000CLE", "cleo", "Cléo Martin"),
)
"""Who works here until somebody says otherwise."""
