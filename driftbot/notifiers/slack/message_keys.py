"""The keys of a channel's messages: what each message is about, by which it is known again."""

from __future__ import annotations

PLACE = "place"
"""No message: which channel of Slack's the configured one was found to be."""
DIGEST = "digest"
FINDING, FIXED, ESCALATION, CHART, REST = "finding:", "fixed:", "escalation:", "chart:", "rest:"
"""``FIXED`` is a finding's entry from its last word on: should the finding come back, it is told anew. A notice has
its own ``message_key``.
"""


LEFT = "left:"
"""What stands in a channel that the configuration does not name any more: ``left:<place>:<its key>``."""


def left_key(place: str, key: str) -> str:
    """What a message is known by while its channel of Slack's is not the one that is told."""
    return f"{LEFT}{place}:{key}"


def key_left(key: str) -> str:
    """The key that a message had before it was left behind."""
    return key.split(":", 2)[2]


def finding_key(fingerprint: str) -> str:
    """A finding's entry while it is told of."""
    return f"{FINDING}{fingerprint}"


def fixed_key(fingerprint: str) -> str:
    """A finding's entry once it says that it is fixed."""
    return f"{FIXED}{fingerprint}"


def escalation_key(fingerprint: str) -> str:
    """The message that asks a finding's owner."""
    return f"{ESCALATION}{fingerprint}"


def chart_key(fingerprint: str) -> str:
    """The picture of a finding's series."""
    return f"{CHART}{fingerprint}"


def rest_key(number: int) -> str:
    """A page of findings without an entry; the first is 1."""
    return f"{REST}{number}"


def fingerprint_of(key: str) -> str:
    """The finding that a key is about; of no use for others."""
    return key.split(":", 2)[1] if ":" in key else ""
