"""Markdown of the reference pages: pages, tables, inline code."""

from __future__ import annotations

from collections.abc import Iterable

MARK = "<!-- Rendered from the code by `make docs`: change the code, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A reference page: its title, the mark that it is rendered, and its parts; empty parts are left out."""
    return "\n\n".join((f"# {title}", MARK, *(part.strip("\n") for part in parts if part.strip()))) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; empty text where there are no rows."""
    body = [_row(row) for row in rows]
    return "\n".join((_row(head), _row(("---",) * len(head)), *body)) if body else ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def code(*names: str) -> str:
    """Names as inline code, joined by commas."""
    return ", ".join(f"`{name}`" for name in names)


def block(language: str, text: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.strip()}\n```"
