"""Labels as forges take them."""

from __future__ import annotations

import hashlib

from driftbot.core.harmless import harmless

COLOUR = "c5def5"
"""Of labels that we create (a light blue of GitHub's own palette)."""

DESCRIPTION = "Opened by driftbot"


def fitted_label(name: str, longest: int) -> str:
    """One line without commas, which separate labels in requests; a longer name ends in a digest of the whole."""
    label = " ".join(harmless(name, longest=max(len(name), 1)).replace(",", " ").split())
    if len(label) <= longest:
        return label
    return f"{label[: longest - 9].rstrip()}…{hashlib.sha256(label.encode()).hexdigest()[:8]}"
