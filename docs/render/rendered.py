"""Every rendered file by its path."""

from __future__ import annotations

from collections.abc import Mapping

from docs.render import commands, language, schemas, settings, signals, vocabulary


def files() -> Mapping[str, str]:
    """The text of every file that is rendered, by its path from the project's root."""
    return {
        "docs/reference/commands.md": commands.render(),
        "docs/reference/configuration.md": settings.render(),
        "docs/reference/rule-language.md": language.render(),
        "docs/reference/signals.md": signals.render(),
        "docs/reference/vocabulary.md": vocabulary.render(),
        "schemas/driftbot.schema.json": schemas.configuration(),
        "schemas/report.schema.json": schemas.report(),
        "schemas/rule.schema.json": schemas.rule(),
    }
