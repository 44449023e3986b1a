"""What a server says of its last reload: whether it worked, and when one last did. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_METRIC = re.compile(
    r"^(?:prometheus|vmalert)_config_last_reload_(successful|success_timestamp_seconds|total)"
    r"(?:\{[^}\n]*\})?[ \t]+(\S+)",
    re.MULTILINE,
)
"""Prometheus and vmalert name them alike but for their prefix; only vmalert counts (``total``)."""


class NoReloadState(ValueError):
    """The text does not tell."""


@dataclass(frozen=True, slots=True)
class ReloadState:
    """Whether the last reload worked, and when one last did (Unix seconds by the server's clock).

    ``begun`` counts reloads where the server does: vmalert tells times in whole seconds, and none of a reload that
    found nothing changed.
    """

    successful: bool
    loaded_at: float
    begun: float | None = None

    def follows(self, earlier: ReloadState) -> bool:
        """Whether a reload has worked since then, and none has failed after it."""
        counted = self.begun is not None and self.begun > (earlier.begun or 0.0)
        return self.successful and (counted or self.loaded_at > earlier.loaded_at)


def read_reload_state(text: str) -> ReloadState:
    """The state in the server's own metrics (text format).

    Raises:
        NoReloadState: they do not tell.
    """
    found: dict[str, float] = {}
    for name, number in _METRIC.findall(text):
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = math.nan
    state = found.get("successful", math.nan), found.get("success_timestamp_seconds", math.nan)
    if not all(map(math.isfinite, state)):
        raise NoReloadState("its metrics do not tell when its configuration was last loaded (…_config_last_reload_…)")
    return ReloadState(state[0] == 1.0, state[1], found.get("total"))
