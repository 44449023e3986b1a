"""``apprise``: one short plain text a night, to any of the services that apprise knows.

The text says what changed since the last one, then the counts of everything, then the worst findings, one a line. A
second text in one night comes only for new or worse drift of high severity, and for notices.
"""

from __future__ import annotations

from driftbot.core.digest import Digest
from driftbot.notifiers.apprise.options import AppriseOptions
from driftbot.notifiers.notifier import Delivered, DeliveryTools


class Apprise:
    """Sends the night's text."""

    kind = "apprise"
    options = AppriseOptions

    def deliver(self, digest: Digest, options: AppriseOptions, tools: DeliveryTools) -> Delivered:
        """Send what is news to every URL.

        Raises:
            DeliveryFailed: no URL can be used, or none took its text.
        """
        from driftbot.notifiers.apprise import delivery

        return delivery.deliver(digest, options, tools)


notifier = Apprise()
