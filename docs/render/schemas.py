"""The JSON Schemas of files that people write and programs read, for editors and readers of reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from driftbot.config_file import config_model
from driftbot.notifiers.webhook.document import json_schema as webhook_schema
from driftbot.playbooks.document import json_schema as playbook_schema
from driftbot.report.document import json_schema as report_schema
from driftbot.rules.document import json_schema as rule_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def configuration() -> str:
    """The schema of ``driftbot.yaml``."""
    schema = config_model().model_json_schema()
    return _written({"$schema": DIALECT, "$id": "urn:driftbot:schema:driftbot", **schema, "title": "driftbot.yaml"})


def rule() -> str:
    """The schema of a rule file."""
    return _written(rule_schema())


def playbook() -> str:
    """The schema of a playbook file."""
    return _written(playbook_schema())


def report() -> str:
    """The schema of ``scan --format json``."""
    return _written(report_schema())


def webhook() -> str:
    """The schema of what channels of kind ``webhook`` are posted."""
    return _written(webhook_schema())


def _written(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
