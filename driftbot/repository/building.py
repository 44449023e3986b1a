"""Commits built in one go, with nothing pointing to them: a crash leaves objects that git sweeps up one day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from driftbot.repository.change import Change
from driftbot.repository.complaint import explained
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import Answer, Git
from driftbot.repository.identity import Identity
from driftbot.repository.tip import tips
from driftbot.repository.tree import NEW_FILE, Entries

# fast-import builds commits on branches only; this one is taken back before it is ever written.
_SCAFFOLD = "refs/driftbot/building"

_UNFINISHED = re.compile(r"objects/pack/(tmp_pack_\w+)")


class Signing(StrEnum):
    """Whether commits are signed, with the key and the program that git's configuration names."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit to be built: the change, its whole message, its parent, and what stands at its paths there."""

    change: Change
    message: str
    parent: str
    standing: Entries


def build(git: Git, drafts: Sequence[Draft], identity: Identity, signing: Signing, git_folder: Path) -> tuple[str, ...]:
    """The names of the commits, in the order of the drafts.

    Modes stay; a new file is none that can be executed. No working tree, index or reference is involved.

    Raises:
        RepositoryFailure: the disk is full or read-only, a signature fails, or what else git says.
    """
    stream = b"".join(_stream(drafts, identity))
    answer = git.run("fast-import", "--quiet", "--done", told=stream)
    if answer.code:
        _sweep(git_folder, answer)
        raise explained(answer.complaint, "fast-import")
    built = tuple(answer.out.decode().split())
    return _signed(git, drafts, built, identity) if signing is Signing.ON else built


def _sweep(git_folder: Path, answer: Answer) -> None:
    """Remove what a failed fast-import leaves: its report, and a pack that took the last of the disk."""
    left = [git_folder / f"fast_import_crash_{answer.process}"]
    left += [git_folder / "objects/pack" / name for name in set(_UNFINISHED.findall(answer.complaint))]
    for path in left:
        with suppress(OSError):
            path.unlink()


def _stream(drafts: Sequence[Draft], identity: Identity) -> Iterator[bytes]:
    """The drafts in fast-import's language (https://git-scm.com/docs/git-fast-import)."""
    yield b"feature done\n"
    for number, draft in enumerate(drafts, 1):
        who = identity.at(draft.change.at)
        yield f"commit {_SCAFFOLD}\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode()
        yield _data(_text(draft.message))
        yield f"from {draft.parent}\n".encode()
        for file in draft.change.files:
            yield from _file(file.path, file.after, draft.standing)
        yield f"\nget-mark :{number}\n".encode()
    yield f"reset {_SCAFFOLD}\n\ndone\n".encode()


def _file(path: str, after: bytes | None, standing: Entries) -> Iterator[bytes]:
    # A path that begins with a quote would be read as a quoted one.
    name = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"' if path.startswith('"') else path
    if after is None:
        yield _text(f"D {name}\n")
        return
    yield _text(f"M {mode_of(path, standing)} inline {name}\n")
    yield _data(after)


def mode_of(path: str, standing: Entries) -> str:
    """The mode that a file is written with: what it has, or a plain file's."""
    return standing[path].mode if path in standing else NEW_FILE


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _signed(git: Git, drafts: Sequence[Draft], built: Sequence[str], identity: Identity) -> tuple[str, ...]:
    """The same commits with signatures, which fast-import cannot make."""
    unsigned = tips(git, built)
    return tuple(_sign(git, draft, unsigned[name].tree, identity) for draft, name in zip(drafts, built, strict=True))


def _sign(git: Git, draft: Draft, tree: str, identity: Identity) -> str:
    date = f"@{int(draft.change.at.timestamp())} +0000"
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", identity.name), ("EMAIL", identity.email), ("DATE", date))
    }
    told = _text(draft.message)
    arguments = ("commit-tree", "-S", "-p", draft.parent, "-F", "-", tree)
    answer = git.run(*arguments, told=told, variables=who)
    if not answer.code:
        return answer.out.decode().strip()
    failure = explained(answer.complaint, "commit-tree")
    if failure.kind is not Fault.OTHER:
        raise failure
    raise RepositoryFailure(
        Fault.SIGNING,
        f"the commit cannot be signed: {failure}",
        "make the signing key usable without a question (user.signingKey, gpg.format), or switch signing off",
    )
