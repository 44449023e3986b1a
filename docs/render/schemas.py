"""The JSON Schemas of files that people write, for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from driftbot.config import config_model

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def configuration() -> str:
    """The schema of ``driftbot.yaml``."""
    return _schema(config_model(), "driftbot.yaml")


def _schema(model: type[BaseModel], title: str) -> str:
    schema: dict[str, Any] = {"$schema": DIALECT, **model.model_json_schema(), "title": title}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
