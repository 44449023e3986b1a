"""Text from the estate made harmless for reports: the core's treatment, under the name that reports use."""

from driftbot.core.harmless import LONGEST, harmless

__all__ = ["LONGEST", "harmless"]
