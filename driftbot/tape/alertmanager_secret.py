"""Secrets in a configuration of Alertmanager that their names do not give away: keys of integrations, and webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.tape.secret_setting import Place, setting_value
from driftbot.tape.secret_text import Span

INTEGRATION = re.compile(
    rb"\b(?:discord|email|incidentio|jira|mattermost|msteams(?:v2)?|opsgenie|pagerduty|pushover|rocketchat|slack|sns"
    rb"|telegram|victorops|webex|webhook|wechat)_configs\b"
)
"""What only a configuration of Alertmanager holds."""

_SETTING = re.compile(
    rb"(?<![A-Za-z0-9_.\-])(?P<quote>\\{0,7}[\"']|)"
    rb"(?:routing_key|service_key|integration_key|user_key|token_id|access_key|(?:api_|webhook_|slack_api_)?url"
    rb"|webhook_url)(?P=quote)[ \t]{0,200}(?P<sign>:)[ \t]*"
)
"""A webhook's URL is its secret: whoever knows it may write there (Alertmanager itself masks it since 0.26)."""


def alertmanager_secrets(content: bytes) -> Iterator[Span]:
    """Where such values stand; nothing in content that holds no integration."""
    if INTEGRATION.search(content) is None:
        return
    place, covered = Place(content), 0
    for found in _SETTING.finditer(content):
        if found.start() >= covered:
            place.move(found.start())
            for span in setting_value(place, found.start(), found.end(), found["sign"]):
                yield span
                covered = span[1]
