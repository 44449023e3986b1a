"""What is said in one message: its blocks, and the text that notifications and screen readers tell instead."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block

from driftbot.notifiers.slack.limits import FALLBACK
from driftbot.notifiers.slack.mrkdwn import Mrkdwn


@dataclass(frozen=True, slots=True)
class Said:
    """One message's words. Send it with ``unfurl_links`` and ``unfurl_media`` off and without ``link_names``."""

    text: Mrkdwn
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not self.text or len(self.text) > FALLBACK:
            raise ValueError(f"a message's text has 1 to {FALLBACK} characters, not {len(self.text)}")

    def payload(self) -> dict[str, Any]:
        """``text`` and ``blocks`` as Slack's Web API takes them.

        Raises:
            SlackObjectFormationError: a block breaks a limit of Slack's.
        """
        return {"text": str(self.text), "blocks": [block.to_dict() for block in self.blocks]}

    @property
    def content(self) -> str:
        """SHA-256 of all of it, in hexadecimal: equal for equal messages, so that only what changed is edited."""
        written = json.dumps(self.payload(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()
