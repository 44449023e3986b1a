"""Together: whether a playbook mends each finding on its own or all that are alike at once."""

from __future__ import annotations

from enum import StrEnum


class Together(StrEnum):
    """``FINDING``: one remedy a finding. ``REPOSITORY``: one remedy for all findings of a rule on one level."""

    FINDING = "finding"
    REPOSITORY = "repository"
