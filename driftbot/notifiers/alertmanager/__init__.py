"""``alertmanager``: findings as alerts of an Alertmanager, waivers and snoozes as silences of them.

Every drift is one alert whose labels stay the same from night to night, so that one drift is one notification. Each
delivery sends all of them again, with an end beyond the next night; what is gone is resolved. Whom they notify, how
often, and when not, is Alertmanager's to say.
"""

from __future__ import annotations

from driftbot.core.digest import Digest
from driftbot.notifiers.alertmanager.options import AlertmanagerChannelOptions
from driftbot.notifiers.notifier import Delivered, DeliveryTools


class Alertmanager:
    """Sends what stands, resolves what is gone, and mirrors what is put aside."""

    kind = "alertmanager"
    options = AlertmanagerChannelOptions

    def deliver(self, digest: Digest, options: AlertmanagerChannelOptions, tools: DeliveryTools) -> Delivered:
        """Bring every member of the cluster to what the digest says.

        Raises:
            DeliveryFailed: no member took anything.
        """
        from driftbot.notifiers.alertmanager import delivery

        return delivery.deliver(digest, options, tools)


notifier = Alertmanager()
