"""The Slack workspace in ``driftbot.yaml``: where its secrets are, and who its people are."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from driftbot.credential import Credential
from driftbot.guards.options import Strict
from driftbot.notifiers.slack.identifier import matching
from driftbot.notifiers.slack.web_address import checked

_USER = r"^[UW][A-Z0-9]{2,}$"
_MENTION = r"^[UWS][A-Z0-9]{2,}$"
UserId = Annotated[
    str,
    AfterValidator(matching(_USER, "write a Slack user id like U0123456789 (in the profile: Copy member ID)")),
    WithJsonSchema({"type": "string", "pattern": _USER}),
]
"""A person in Slack."""
MentionId = Annotated[
    str,
    AfterValidator(
        matching(_MENTION, "write the id of a Slack user like U0123456789, or of a user group like S0123456789")
    ),
    WithJsonSchema({"type": "string", "pattern": _MENTION}),
]
"""Whom a message can mention: a person, or a user group."""


class Applying(StrEnum):
    """When a remedy that enough people approved in Slack is applied."""

    AT_ONCE = "at_once"
    TONIGHT = "tonight"


class SlackPerson(Strict):
    """Somebody who may decide in Slack, as waivers and approvals name them."""

    name: Annotated[str, Field(min_length=1, description="as `--by` would name them: Ann <ann@example.org>")]


class SlackWorkspace(Strict):
    """One workspace: the bot's token, how interaction arrives, and who is who."""

    token: Annotated[Credential, Field(description="where the bot's token (xoxb-…) is")]
    app_token: Annotated[
        Credential | None, Field(description="where the app's token (xapp-…) is: interaction by Socket Mode")
    ] = None
    signing_secret: Annotated[
        Credential | None, Field(description="where the signing secret is: interaction by HTTP instead")
    ] = None
    url: Annotated[
        str, AfterValidator(checked), Field(description="the Web API; another one for `driftbot slack-sandbox`")
    ] = "https://slack.com/api/"
    people: dict[UserId, SlackPerson] = Field(
        default_factory=dict, description="by Slack user id: who may waive and snooze, and by which name"
    )
    owners: dict[str, MentionId] = Field(
        default_factory=dict, description="by owner (a glob): the Slack user (U…) or user group (S…) to mention"
    )
    approvers: Annotated[
        tuple[UserId, ...], Field(description="Slack user ids that may approve, each of the people; none: nobody")
    ] = ()
    applying: Annotated[Applying, Field(description="when what enough people approved is applied")] = Applying.AT_ONCE

    @model_validator(mode="after")
    def _approvers_have_names(self) -> SlackWorkspace:
        if strangers := [one for one in self.approvers if one not in self.people]:
            raise ValueError(f"approvers names {', '.join(strangers)}, whom people does not name: add who it is there")
        return self
