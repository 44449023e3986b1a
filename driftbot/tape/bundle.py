"""A bundle: the raw answers of all sources in one folder or archive that a person can read and compare.

``bundle.yaml`` says the format, driftbot's version, the time that counted as now, and the sources;
``http/<source>/*.http`` hold one answer each, ``files/<source>/<root>/…`` the files as they stood, and
``files/<source>/<root>.problems.yaml`` what could not be read. ``history/<source>/<root>/`` holds what git told of
those files' past: ``landings.jsonl`` a commit a line, and ``contents/`` what the files held, named by its id.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from driftbot.core.failure import Failure

FORMAT = 1
MANIFEST = "bundle.yaml"
MAX_BYTES = 4_000_000_000
"""An archive that unpacks to more is refused."""

_NEXT = "Record a new bundle with `driftbot record`."


class BundleError(Failure):
    """A bundle cannot be read or written."""


class RecordedSource(BaseModel):
    """How much of a source is in the bundle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    answers: int = 0
    files: int = 0


class Manifest(BaseModel):
    """``bundle.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    driftbot: str
    as_of: AwareDatetime
    sources: tuple[RecordedSource, ...] = ()


def write_manifest(folder: Path, version: str, as_of: datetime) -> None:
    """Write ``bundle.yaml`` over what the folder holds."""
    names = sorted({path.name for kind in ("http", "files") for path in (folder / kind).glob("*") if path.is_dir()})
    sources = [
        RecordedSource(name=name, answers=_count(folder / "http" / name), files=_count(folder / "files" / name))
        for name in names
    ]
    manifest = Manifest(format=FORMAT, driftbot=version, as_of=as_of, sources=tuple(sources))
    text = yaml.safe_dump(manifest.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    (folder / MANIFEST).write_text(text, "utf-8")


def _count(folder: Path) -> int:
    return sum(path.is_file() and not path.name.endswith(".problems.yaml") for path in folder.rglob("*"))


def read_manifest(folder: Path) -> Manifest:
    """What ``bundle.yaml`` says.

    Raises:
        BundleError: there is none, or it is not of a format that this version reads.
    """
    path = folder / MANIFEST
    try:
        text = path.read_text("utf-8")
        manifest = Manifest.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{folder} is no bundle: {MANIFEST} cannot be read ({error})", _NEXT) from None
    except (yaml.YAMLError, ValidationError) as error:
        raise BundleError(f"{path} is not understood: {' '.join(str(error).split())}", _NEXT) from None
    if manifest.format != FORMAT:
        raise BundleError(
            f"{path} has format {manifest.format}; this driftbot reads {FORMAT}",
            f"It was recorded by driftbot {manifest.driftbot}: replay it with that version, or record again.",
        )
    return manifest


def recorded_at(folder: Path) -> datetime | None:
    """The time that counted as now when a folder was recorded; None where it is no bundle."""
    try:
        return read_manifest(folder).as_of
    except BundleError:
        return None


def pack(folder: Path, archive: Path, as_of: datetime) -> None:
    """Put the folder into a ``.tar.gz`` whose bytes depend on the content only."""
    with (
        archive.open("wb") as target,
        gzip.GzipFile("", "wb", mtime=0, fileobj=target) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = tarfile.TarInfo(path.relative_to(folder).as_posix())
            info.size, info.mtime, info.mode = path.stat().st_size, int(as_of.timestamp()), 0o644
            with path.open("rb") as content:
                tar.addfile(info, content)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive that may come from anybody.

    Raises:
        BundleError: it is no archive, is too large, or an entry would leave the folder or is no plain file.
    """
    try:
        with tarfile.open(archive, "r:*") as tar:
            members = _safe(tar.getmembers(), archive)
            for member in members:
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                with target.open("wb") as unpacked:
                    shutil.copyfileobj(content or io.BytesIO(), unpacked)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BundleError(f"{archive} cannot be unpacked: {error}", _NEXT) from None


def _safe(members: Iterable[tarfile.TarInfo], archive: Path) -> Sequence[tarfile.TarInfo]:
    files, size = [], 0
    for member in members:
        size += member.size
        if size > MAX_BYTES:
            raise BundleError(f"{archive} unpacks to more than {MAX_BYTES:,} bytes and is not replayed", _NEXT)
        if member.isdir():
            continue
        if not member.isfile() or "\0" in member.name:
            raise BundleError(f"{archive} holds {member.name!r}, which is no plain file; it is not replayed", _NEXT)
        if leaves(member.name):
            raise BundleError(f"{archive} holds {member.name!r}, which leaves its folder; it is not replayed", _NEXT)
        files.append(member)
    return files


def leaves(name: str) -> bool:
    """Whether a path would leave the folder that it is relative to."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """Where a bundle keeps the answers and files of one source."""

    bundle: Path
    source: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", self.source):
            raise BundleError(f"{self.source!r} is no name of a source", "Use letters, digits, dots and dashes.")

    @property
    def answers(self) -> Path:
        """The folder of recorded answers."""
        return self.inside(self.bundle / "http" / self.source)

    def files(self, root: str) -> Path:
        """The folder of files below one of the source's roots."""
        return self._below("files", root)

    def history(self, root: str) -> Path:
        """The folder of what git told of the files below one of the source's roots."""
        return self._below("history", root)

    def _below(self, what: str, root: str) -> Path:
        slug = re.sub(r"[^A-Za-z0-9._-]+", "_", root).strip("_.") or "root"
        if slug != root.strip("/") and root != ".":
            # `team/a` and `team_a` are two folders.
            slug = f"{slug}-{hashlib.sha256(root.encode()).hexdigest()[:8]}"
        return self.inside(self.bundle / what / self.source / slug)

    def inside(self, path: Path) -> Path:
        """The path itself.

        Raises:
            BundleError: a symbolic link on the way to it leads out of the bundle.
        """
        if not path.resolve().is_relative_to(self.bundle.resolve()):
            raise BundleError(f"{path} leads out of the bundle by a symbolic link and is not replayed", _NEXT)
        return path

    def problems(self, root: str) -> Path:
        """What could not be read below that root."""
        folder = self.files(root)
        return folder.with_name(f"{folder.name}.problems.yaml")
