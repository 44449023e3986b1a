"""The machine that units of systemd are for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SystemdHost:
    """Who runs it (empty: a user of its own that systemd makes), and the folders where its actions may write.

    ``edited`` are the folders whose files the configuration lets playbooks edit; empty where it lets none act.
    """

    user: str = ""
    writable: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
