"""``webhook``: what changed, as JSON, posted to an address; signed, at least once, repetitions with the same key.

A request says how the digest stands as a whole and tells the findings of which something else was told before, or
nothing. A request that was accepted names the next one's beginning (``after``), so that a receiver sees what it missed.
"""

from __future__ import annotations

from driftbot.core.digest import Digest
from driftbot.notifiers.notifier import Delivered, DeliveryTools
from driftbot.notifiers.webhook.options import WebhookOptions


class Webhook:
    """Posts what changed."""

    kind = "webhook"
    options = WebhookOptions

    def deliver(self, digest: Digest, options: WebhookOptions, tools: DeliveryTools) -> Delivered:
        """Post what is news since the last request that was accepted.

        Raises:
            DeliveryFailed: a request is not accepted.
        """
        from driftbot.notifiers.webhook import delivery

        return delivery.deliver(digest, options, tools)


notifier = Webhook()
