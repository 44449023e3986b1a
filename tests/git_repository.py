"""A real git repository that a test builds commit by commit."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


class GitRepository:
    """Commits a day apart, each by somebody; nothing of the machine's own git configuration counts."""

    def __init__(self, root: Path, first: datetime = FIRST, object_format: str = "sha1") -> None:
        self.root, self.at = root, first
        root.mkdir(parents=True, exist_ok=True)
        if not (root / ".git").exists():
            self.git("init", "-q", "-b", "main", f"--object-format={object_format}")

    def git(self, *arguments: str, author: str = "Ada", at: datetime | None = None) -> str:
        date = (at or self.at).isoformat()
        environment = {
            **os.environ,
            "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": "Keeper", "GIT_COMMITTER_EMAIL": "k@example.org", "GIT_COMMITTER_DATE": date,
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        """Put these files there; None takes one away."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def commit(self, subject: str, files: dict[str, str | None], author: str = "Ada") -> str:
        """Commit the files a day after the last commit; the commit's hash."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject, author=author)
        self.at += timedelta(days=1)
        return self.head

    def merge(self, branch: str, subject: str, author: str = "Merger") -> str:
        """Merge a branch with a commit of its own."""
        self.git("merge", "-q", "--no-ff", "-m", subject, branch, author=author)
        self.at += timedelta(days=1)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def rule_file(*rules: str, group: str = "shop") -> str:
    """A rule file with these rules, each a mapping of YAML's flow style."""
    return "\n".join(["groups:", f"  - name: {group}", "    rules:", *(f"      - {rule}" for rule in rules), ""])
