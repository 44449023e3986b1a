"""``webhook``: what changed, as JSON, posted to an address; placeholder of the channel's options."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from driftbot.core.digest import Digest
from driftbot.credential import Credential
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.notifier import Delivered, DeliveryTools


class WebhookOptions(ChannelOptions):
    """An address that takes JSON."""

    url: Annotated[Credential, Field(description="where the address is; it is a secret")]


class Webhook:
    """Posts what changed."""

    kind = "webhook"
    options = WebhookOptions

    def deliver(self, digest: Digest, options: Any, tools: DeliveryTools) -> Delivered:
        """Not there yet."""
        raise NotImplementedError


notifier = Webhook()
