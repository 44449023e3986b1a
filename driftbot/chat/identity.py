"""Whose requests are taken: those of the workspace that the token is for, and of the app that the app token names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import Lock

from slack_sdk import WebClient

from driftbot.chat.asked import Asked
from driftbot.notifiers.slack.answer import failure_of

_APP_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The ids of our workspace and of the organisation that it is part of; empty where it is part of none."""

    team: str
    enterprise: str = ""


@dataclass(frozen=True)
class Identity:
    """Who we are in Slack, asked at the first request. ``app`` is the app's id, empty where no token tells it."""

    web: WebClient
    app: str = ""
    _known: list[Tenancy] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def stranger(self, asked: Asked) -> str:
        """Why a request is not for us; empty where it is.

        Raises:
            SlackFailure: Slack does not say who we are.
        """
        ours = self._tenancy()
        # Of an app that a whole organisation installed, requests may name no workspace.
        of_the_whole = not asked.team and bool(ours.enterprise) and asked.enterprise == ours.enterprise
        if asked.team != ours.team and not of_the_whole:
            return f"a request of another workspace ({asked.team or 'none is named'}), not of {ours.team}"
        if self.app and asked.app != self.app:
            return f"a request of another app ({asked.app or 'none is named'}), not of {self.app}"
        if asked.author and asked.author != asked.app:
            return f"a control in a message of another app ({asked.author}), not of {asked.app or 'ours'}"
        return ""

    def _tenancy(self) -> Tenancy:
        with self._lock:
            if not self._known:
                self._known.append(self._asked())
            return self._known[0]

    def _asked(self) -> Tenancy:
        try:
            answer = self.web.auth_test()
            return Tenancy(str(answer["team_id"]), str(answer.get("enterprise_id") or ""))
        except Exception as error:  # whatever the client makes of what Slack or a proxy answers is a failed call
            raise failure_of("auth.test", self.web.base_url, error) from error


def app_of(token: str) -> str:
    """The app's id, which stands in its token (``xapp-1-A012345-…``); empty in one of another shape."""
    found = _APP_TOKEN.match(token)
    return found[1] if found else ""
