"""A scalar's text as JSON has it: a string stays one, a number or word stays bare where the new text is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from driftbot.documents.node import Node

_BARE = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def spellings(node: Node, text: str) -> Iterator[str]:
    """What could stand in the scalar's bytes so that it reads ``text``, the likeliest first; each is to be proved."""
    raw = node.raw
    if not raw.startswith('"') and _BARE.fullmatch(text):
        yield text
        return
    escaped = raw.startswith('"') and raw.isascii() and "\\u" in raw
    written = json.dumps(text, ensure_ascii=escaped)
    # Some writers escape slashes, so that `</script>` cannot stand in a page.
    yield written.replace("/", "\\/") if "\\/" in raw else written
