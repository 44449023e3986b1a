"""What git's complaint means to a person: the kind of obstacle, one sentence, and the next step."""

from __future__ import annotations

import re
from pathlib import Path

from driftbot.core.harmless import harmless
from driftbot.repository.failure import Fault, RepositoryFailure

LINES = 5
"""Lines of a remote's message that are told (ours: hooks of forges say what matters within them)."""

_LOCK = re.compile(r"Unable to create '(.+\.lock)': File exists")

# Looked for in this order: what names the cause stands before what only says that something failed.
_MEANINGS: tuple[tuple[str, Fault, str], ...] = (
    ("not a git repository (or", Fault.NO_REPOSITORY, "name the folder of a clone"),
    ("detected dubious ownership", Fault.NO_REPOSITORY, "git config --global --add safe.directory FOLDER allows it"),
    ("No space left on device", Fault.DISK_FULL, "free some space and run again; nothing was changed"),
    ("Out of diskspace", Fault.DISK_FULL, "free some space and run again; nothing was changed"),
    ("Disk quota exceeded", Fault.DISK_FULL, "free some space and run again; nothing was changed"),
    ("File too large", Fault.DISK_FULL, "raise the limit on file sizes and run again; nothing was changed"),
    ("Read-only file system", Fault.READ_ONLY, "let this user write to the clone's git folder"),
    ("insufficient permission", Fault.READ_ONLY, "let this user write to the clone's git folder"),
    ("File exists.", Fault.LOCKED, "if no git runs in that repository, remove the lock"),
    ("but expected", Fault.RACED, "run again"),
    ("reference already exists", Fault.RACED, "run again"),
    ("couldn't find remote ref", Fault.RACED, "run again"),
    ("cannot create", Fault.NAME_TAKEN, "delete or rename the branch that is in the way"),
    ("No such remote", Fault.NO_REMOTE, "git remote add it, or name another remote"),
    ("does not appear to be a git repository", Fault.NO_REMOTE, "check the remote's URL with git remote -v"),
    ("Repository not found", Fault.NO_REMOTE, "check the URL, and that the token may see the repository"),
    ("error: 404", Fault.NO_REMOTE, "check the URL, and that the token may see the repository"),
    ("' not found", Fault.NO_REMOTE, "check the URL, and that the token may see the repository"),
    ("Authentication failed", Fault.DENIED, "renew the token, or look whether it may write to the repository"),
    ("could not read Username", Fault.DENIED, "give the remote a token (env or file), or a credential helper"),
    ("could not read Password", Fault.DENIED, "give the remote a token (env or file), or a credential helper"),
    ("error: 401", Fault.DENIED, "renew the token"),
    ("error: 403", Fault.DENIED, "give the token the right to write to the repository"),
    ("Permission denied (", Fault.DENIED, "let the remote know this user's key; try it with ssh"),
    ("Host key verification failed", Fault.DENIED, "put the host's key into known_hosts"),
    ("access denied", Fault.DENIED, "let this user write there"),
    ("service not enabled", Fault.DENIED, "that server only lets read; name a remote that takes pushes"),
    ("Permission denied", Fault.READ_ONLY, "let this user write there"),
    ("missing blob object", Fault.INCOMPLETE, "fetch the whole branch; a partial clone needs its remote"),
    ("Not a valid object name", Fault.INCOMPLETE, "fetch the branch, then run again"),
    ("not a tree object", Fault.INCOMPLETE, "fetch the branch, then run again"),
    ("bad object", Fault.INCOMPLETE, "fetch the branch, then run again"),
    ("unable to read tree", Fault.INCOMPLETE, "fetch the branch, then run again"),
    ("Could not read from remote repository", Fault.UNREACHABLE, "look whether the remote answers"),
    ("unable to access", Fault.UNREACHABLE, "look whether the remote answers"),
    ("Could not resolve", Fault.UNREACHABLE, "look whether the remote's name is right"),
    ("unable to connect", Fault.UNREACHABLE, "look whether the remote answers"),
    ("remote end hung up", Fault.UNREACHABLE, "look whether the remote answers"),
    ("early EOF", Fault.UNREACHABLE, "look whether the remote answers"),
    ("RPC failed", Fault.UNREACHABLE, "look whether the remote answers"),
    ("unexpected disconnect", Fault.UNREACHABLE, "look whether the remote answers"),
)
_NOISE = re.compile(
    r"^(?:error: failed to push some refs|hint: |warning: |remote:\s*$|Everything up-to-date"
    r"|fast-import: dumping crash report)"
)


def explained(complaint: str, command: str, *, uncertain: bool = False) -> RepositoryFailure:
    """The failure that a complaint of ``git <command>`` tells of."""
    kind, step = meaning(complaint)
    lines = _telling(complaint)
    told = " / ".join(harmless(line) for line in lines) or "failed without a word"
    lost = uncertain and kind in (Fault.UNREACHABLE, Fault.OTHER)
    return RepositoryFailure(kind, f"git {command}: {told}", step, uncertain=lost)


def meaning(complaint: str) -> tuple[Fault, str]:
    """The kind of obstacle and the next step; ``OTHER`` where the complaint is none that is known."""
    return next(
        ((kind, step) for words, kind, step in _MEANINGS if words in complaint),
        (Fault.OTHER, "run the same with git by hand, and look at what it says"),
    )


def said_by_remote(complaint: str) -> tuple[str, ...]:
    """The first lines that the remote's hooks or server printed, harmless to show."""
    lines = (line.removeprefix("remote:").strip() for line in complaint.splitlines() if line.startswith("remote:"))
    return tuple(harmless(line) for line in lines if line)[:LINES]


def lock_in(complaint: str) -> Path | None:
    """The lock file that is in the way."""
    match = _LOCK.search(complaint)
    return Path(match[1]) if match else None


def _telling(complaint: str) -> list[str]:
    lines = (line.strip() for line in complaint.splitlines() if not _NOISE.match(line))
    return list(dict.fromkeys(filter(None, lines)))[:LINES]
