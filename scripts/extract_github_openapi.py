"""The part of GitHub's OpenAPI description that driftbot's requests use, for the loopback GitHub of the tests.

Get the description with ``npm pack @octokit/openapi`` (MIT licence, Octokit contributors), unpack it, and run
``python scripts/extract_github_openapi.py package/generated/api.github.com.json fixtures/forges/github-openapi.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "/user": ("get",),
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": ("post",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("get",),
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}/labels": ("post",),
    "/repos/{owner}/{repo}/labels": ("post",),
    "/repos/{owner}/{repo}/labels/{name}": ("get",),
}
TEXTS = frozenset({"description", "summary", "externalDocs", "tags", "title"})
"""Keys of prose; left out where their value is no schema."""


def extract(description: dict[str, Any]) -> dict[str, Any]:
    """The operations, and of the components those that they reach."""
    paths = {
        path: {method: _operation(description["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    components: dict[str, dict[str, Any]] = {}
    waiting = sorted(_references(paths))
    while waiting:
        _, _, kind, name = waiting.pop().split("/", 3)
        if name not in components.setdefault(kind, {}):
            found = description["components"][kind][name]
            components[kind][name] = found if kind == "examples" else _bare(found)
            waiting += sorted(_references(components[kind][name]))
    info = {key: description["info"][key] for key in ("title", "version", "license")}
    return {
        "openapi": description["openapi"],
        "info": {**info, "x-source": f"npm @octokit/openapi {info['version']}, generated/api.github.com.json"},
        "paths": paths,
        "components": {kind: dict(sorted(parts.items())) for kind, parts in sorted(components.items())},
    }


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    kept = ("operationId", "parameters", "requestBody", "responses")
    return _bare({key: operation[key] for key in kept if key in operation})


def _bare(node: Any, named: bool = False) -> Any:
    """Without prose; below ``properties`` the same words are names."""
    if isinstance(node, list):
        return [_bare(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if named or not _is_prose(key, value)}
    return {key: _bare(value, named=key == "properties") for key, value in kept.items()}


def _is_prose(key: str, value: Any) -> bool:
    return key.startswith("x-") or key == "externalDocs" or (key in TEXTS and not isinstance(value, dict))


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {reference for part in node for reference in _references(part)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own | {reference for part in node.values() for reference in _references(part)}


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    extracted = extract(json.loads(source.read_text("utf-8")))
    target.write_text(json.dumps(extracted, indent=1, ensure_ascii=False) + "\n", "utf-8")
