"""Text from the estate made harmless before it is shown: what reports share with forges and git."""

from driftbot.core.harmless import LONGEST, harmless

__all__ = ["LONGEST", "harmless"]
