"""Jobs of Kubernetes with a deadline, each in a file of its own."""

from __future__ import annotations

NAMES = ("invoice", "report", "cleanup")


def job(name: str, seconds: int = 7200) -> str:
    """A manifest."""
    return (
        f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
        f"  activeDeadlineSeconds: {seconds}\n  template:\n    spec:\n      containers: [{{name: run, image: a}}]\n"
        "      restartPolicy: Never\n"
    )


def subject(name: str) -> str:
    """Whom its facts are about."""
    return f"job:production/shop/{name}"
