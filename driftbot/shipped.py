"""Where shipped rules, playbooks, monitoring and the demo's recording lie: in an installed wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from driftbot.core.failure import Failure

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "share"
"""The wheel carries the four folders here; an editable install has no such folder and reads the checkout."""


class ShippedDataMissing(Failure):
    """The installation lacks a folder that every wheel and every checkout has."""

    def __init__(self, installed: Path, checkout: Path) -> None:
        super().__init__(f"neither {installed} nor {checkout} is a folder", "Install driftbot again.")


def rules_root() -> Path:
    """The folder of the shipped rules, ``<area>/<id>.yaml``.

    Raises:
        ShippedDataMissing: the installation is damaged; so for the other three.
    """
    return _folder("rules", "rules")


def playbooks_root() -> Path:
    """The folder of the shipped playbooks, ``<id>.yaml``."""
    return _folder("playbooks", "playbooks")


def monitoring_root() -> Path:
    """The folder of the alert rules and the dashboard for driftbot itself."""
    return _folder("monitoring", "monitoring")


def demo_root() -> Path:
    """The folder of the demo: a recorded shop with its configuration."""
    return _folder("demo", "fixtures/demo")


def _folder(installed_name: str, checkout_name: str) -> Path:
    installed, checkout = _INSTALLED / installed_name, _PACKAGE.parent / checkout_name
    for candidate in (installed, checkout):
        if candidate.is_dir():
            return candidate
    raise ShippedDataMissing(installed, checkout)
