"""Every rendered file by its path, and how the file on disk differs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from docs.render import actions, commands, language, picture, rules, schemas, settings, signals, vocabulary

ROOT = Path(__file__).parent.parent.parent


def files() -> Mapping[str, str]:
    """The text of every file that is rendered, by its path from the project's root."""
    return {
        "README.md": picture.render(ROOT / "README.md"),
        "docs/reference/actions.md": actions.render(),
        "docs/reference/commands.md": commands.render(),
        "docs/reference/configuration.md": settings.render(),
        "docs/reference/rule-language.md": language.render(),
        "docs/reference/rules.md": rules.render(),
        "docs/reference/signals.md": signals.render(),
        "docs/reference/vocabulary.md": vocabulary.render(),
        "schemas/driftbot.schema.json": schemas.configuration(),
        "schemas/report.schema.json": schemas.report(),
        "schemas/playbook.schema.json": schemas.playbook(),
        "schemas/rule.schema.json": schemas.rule(),
        "schemas/webhook.schema.json": schemas.webhook(),
    }


def difference(name: str, text: str) -> list[str]:
    """The lines in which the file on disk differs from the text that it should have; none where it is up to date."""
    path = ROOT / name
    present = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return list(difflib.unified_diff(present, text.splitlines(), name, f"{name} (rendered)", lineterm="", n=1))
