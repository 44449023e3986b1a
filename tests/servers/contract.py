"""What a vendor's OpenAPI description allows: requests and answers held against it.

OpenAPI 3.0 schemas are JSON Schema but for `nullable` (https://spec.openapis.org/oas/v3.0.3#schema-object). Names that
an operation does not describe are faults as well: vendors ignore them silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "forges"


@dataclass(frozen=True)
class Operation:
    """One method of one path, as described, and the values of the path's parameters in a request."""

    path: str
    method: str
    described: Mapping[str, Any]
    values: Mapping[str, str]


class Contract:
    """An OpenAPI 3.0 description."""

    def __init__(self, file: str) -> None:
        text = (FIXTURES / file).read_text("utf-8")
        self.description: dict[str, Any] = json.loads(text) if file.endswith(".json") else yaml.safe_load(text)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for."""
        for pattern, template in self._templates:
            if (found := pattern.fullmatch(path)) and method.lower() in self.description["paths"][template]:
                described = self.description["paths"][template][method.lower()]
                return Operation(template, method, described, found.groupdict())
        return None

    def example(self, name: str) -> Any:
        """The vendor's own example of an answer."""
        return self.description["components"]["examples"][name]["value"]

    def request_faults(
        self, operation: Operation, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        """What of a request the description does not allow."""
        parameters = [self._resolved(one) for one in operation.described.get("parameters", ())]
        known = {one["name"]: one for one in parameters if one["in"] == "query"}
        yield from (f"parameter {name!r} is not described" for name in query if name not in known)
        for name, parameter in known.items():
            if parameter.get("required") and name not in query:
                yield f"parameter {name!r} is required"
            for value in query.get(name, ()):
                yield from self._faults(parameter["schema"], _read(value, self._resolved(parameter["schema"])), name)
        for parameter in parameters:
            if parameter["in"] == "path":
                value = _read(operation.values[parameter["name"]], self._resolved(parameter["schema"]))
                yield from self._faults(parameter["schema"], value, parameter["name"])
        yield from self._body_faults(operation, headers, body)

    def answer_faults(self, operation: Operation, status: int, body: Any) -> Iterator[str]:
        """What of an answer the description does not allow."""
        described = operation.described["responses"].get(str(status))
        if described is None:
            yield f"status {status} is not described"
            return
        content = self._resolved(described).get("content", {}).get("application/json")
        if content is not None:
            yield from self._faults(content["schema"], body, f"answer {status}")

    def _body_faults(self, operation: Operation, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
        described = operation.described.get("requestBody")
        if described is None or not body:
            if body:
                yield "a body is not described"
            if described is not None and described.get("required"):
                yield "the body is required"
            return
        described = self._resolved(described)
        kind = headers.get("Content-Type", "").partition(";")[0]
        if kind not in described["content"]:
            yield f"content type {kind!r} is not described"
            return
        schema, value = described["content"][kind]["schema"], json.loads(body)
        if isinstance(value, dict):
            yield from (f"{name!r} is not described" for name in value if name not in self._properties(schema))
        yield from self._faults(schema, value, "body")

    def _properties(self, schema: Mapping[str, Any]) -> set[str]:
        schema = self._resolved(schema)
        parts = [part for key in ("oneOf", "anyOf", "allOf") for part in schema.get(key, ())]
        return set(schema.get("properties", ())).union(*(self._properties(part) for part in parts))

    def _faults(self, schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
        validator = Draft202012Validator({**_converted(schema), "components": self._components})
        error = best_match(validator.iter_errors(value))
        if error is not None:
            yield f"{place}{error.json_path.removeprefix('$')}: {error.message[:300]}"

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            found: Any = self.description
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    @cached_property
    def _components(self) -> Any:
        return {"schemas": {name: _converted(one) for name, one in self.description["components"]["schemas"].items()}}

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        def pattern(template: str) -> re.Pattern[str]:
            return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))

        # The more is written out, the earlier: /issues/{n} before /{anything}/{n}.
        templates = sorted(self.description["paths"], key=lambda one: (one.count("{"), one))
        return [(pattern(template), template) for template in templates]


def _read(value: str, schema: Mapping[str, Any]) -> Any:
    kinds = {schema.get("type"), *(one.get("type") for one in schema.get("oneOf", ()))}
    if "integer" in kinds and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "boolean" in kinds and value in ("true", "false"):
        return value == "true"
    return value


def _converted(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(schema, list):
        return [_converted(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {key: _converted(value) for key, value in schema.items() if key not in ("nullable", "example", "xml")}
    return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") is True else converted
