"""The part of Slack's own TypeScript types that driftbot's messages and modals use, as a JSON Schema for the tests.

In an empty folder: ``npm pack @slack/types`` (MIT licence, Slack Technologies), unpack it, write ``payloads.ts``::

    import type { KnownBlock, ModalView } from './package/dist/index';
    export interface MessageBlocks { blocks: KnownBlock[]; }
    export interface Modal extends Omit<ModalView, 'blocks'> { blocks: KnownBlock[]; }

(the package's own types also allow any object with a ``type``), then ``npm install ts-json-schema-generator``,
``npx ts-json-schema-generator --path payloads.ts --type '*' --no-type-check --jsDoc none -o types.json``, and
``python scripts/extract_slack_types.py types.json package/package.json fixtures/notifiers/slack-types/schema.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOTS = ("MessageBlocks", "Modal")
BLOCKS = ("ActionsBlock", "ContextBlock", "DividerBlock", "HeaderBlock", "InputBlock", "SectionBlock")
"""The kinds of blocks that driftbot writes; another one is a fault until it is named here."""
ELEMENTS = ("Button", "Datepicker", "DateTimepicker", "PlainTextInput", "Select", "StaticSelect")
UNIONS = {
    "KnownBlock": BLOCKS,
    **dict.fromkeys(("ActionsBlockElement", "InputBlockElement", "SectionBlockAccessory", "Select"), ELEMENTS),
}
_PREFIX = "#/definitions/"


def extract(generated: dict[str, Any], package: dict[str, Any]) -> dict[str, Any]:
    """The roots and what they reach by the blocks and elements that are used."""
    definitions: dict[str, Any] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in definitions:
            definitions[name] = _narrowed(name, generated["definitions"][name])
            waiting += sorted(_references(definitions[name]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"npm {package['name']} {package['version']}, blocks and modals",
        "$comment": f"Licence {package['license']}, {package['author']}; cut out by scripts/extract_slack_types.py",
        "definitions": dict(sorted(definitions.items())),
    }


def _narrowed(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Unions of blocks and of elements without the members that driftbot does not use."""
    if name not in UNIONS:
        return definition
    return {"anyOf": [one for one in definition["anyOf"] if one["$ref"].removeprefix(_PREFIX) in UNIONS[name]]}


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for part in node for name in _references(part)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].removeprefix(_PREFIX)} if isinstance(node.get("$ref"), str) else set()
    return own | {name for part in node.values() for name in _references(part)}


if __name__ == "__main__":
    source, manifest, target = map(Path, sys.argv[1:])
    extracted = extract(json.loads(source.read_text("utf-8")), json.loads(manifest.read_text("utf-8")))
    target.write_text(json.dumps(extracted, indent=1, ensure_ascii=False) + "\n", "utf-8")
