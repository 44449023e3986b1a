"""Plan files: a plan as text that is kept, sent and applied later, and refused where it is not what was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from driftbot.core.canonical import canonical
from driftbot.core.failure import Failure
from driftbot.core.plan import FORMAT, Plan
from driftbot.core.restored import restored

_AGAIN = "Write it anew with `driftbot plan --output FILE`."


class UnusablePlan(Failure):
    """The text is no plan that can be applied."""


def plan_to_text(plan: Plan) -> str:
    """The plan as canonical JSON, one line, with its digest, the version of the format and a checksum of everything."""
    return canonical({"format": FORMAT, "digest": plan.digest, "checksum": _checksum(plan), "plan": plan}) + "\n"


def plan_from_text(text: str, place: str) -> Plan:
    """The plan of ``plan_to_text``, equal in every part; ``place`` is where it was read.

    Raises:
        UnusablePlan: it is cut off, was changed, or is of another version.
    """
    document = _document(text, place)
    version = document.get("format")
    if version != FORMAT:
        raise UnusablePlan(
            f"{place}: it is a plan of format {version!r}, and this driftbot reads format {FORMAT}",
            f"Apply it with the driftbot that wrote it. {_AGAIN}",
        )
    try:
        plan = restored(Plan, json.dumps(document.get("plan")))
    except ValueError as error:
        raise UnusablePlan(f"{place}: it is no plan: {error}", _AGAIN) from None
    if document.get("digest") != plan.digest or document.get("checksum") != _checksum(plan):
        raise UnusablePlan(
            f"{place}: it was changed after it was written: its content has another digest than it says",
            f"Find out who changed it, and do not apply it. {_AGAIN}",
        )
    return plan


def _document(text: str, place: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusablePlan(f"{place}: it is no plan, or only a part of one: {error}", _AGAIN) from None
    if not isinstance(document, dict) or "plan" not in document:
        raise UnusablePlan(f"{place}: it is JSON, but no plan", _AGAIN)
    return document


def _checksum(plan: Plan) -> str:
    """SHA-256 of the whole plan, in hexadecimal: the digest says what would be done, this also what is held back."""
    return hashlib.sha256(canonical(plan).encode()).hexdigest()
