"""Recording: another tape's answers pass through and are kept, without secrets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import BaseAdapter

from driftbot import __version__
from driftbot.collectors.collector import Body, Tape
from driftbot.core.commit import FileHistory
from driftbot.tape.bundle import BundleError, SourceFolder, pack, write_manifest
from driftbot.tape.exchange import KEPT_HEADERS, Exchange, failure_of, request_key
from driftbot.tape.history_record import write_history
from driftbot.tape.redaction import redact


class RecordingTape:
    """Keeps every raw answer of ``inner`` in a bundle at ``target``: a folder, or an archive (``.tar.gz``).

    Use it as a context manager: the bundle is complete, and an archive is there, when the block has ended well.

    Raises:
        BundleError: something stands at ``target`` already, or it cannot be written.
    """

    def __init__(self, inner: Tape, target: Path, as_of: datetime) -> None:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise BundleError(f"{target} is there already", "Name a file or folder that does not exist yet.")
        self.inner, self.target, self.as_of = inner, target, as_of
        try:
            if self.packed:
                target.parent.mkdir(parents=True, exist_ok=True)
                self.folder = Path(tempfile.mkdtemp(prefix=".recording-", dir=target.parent))
            else:
                target.mkdir(parents=True, exist_ok=True)
                self.folder = target
        except OSError as error:
            raise BundleError(f"{target} cannot be written: {error.strerror}", "Name another place.") from None

    @property
    def packed(self) -> bool:
        """Whether the bundle becomes an archive."""
        return self.target.name.endswith((".tar.gz", ".tgz"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                write_manifest(self.folder, __version__, self.as_of)
                if self.packed:
                    pack(self.folder, self.target, self.as_of)
        finally:
            if self.packed:
                shutil.rmtree(self.folder, ignore_errors=True)

    def files(self, source: str, root: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
        """The files of the inner tape, each kept before it is handed on."""
        place = SourceFolder(self.folder, source)
        folder, problems = place.files(root), {}
        folder.mkdir(parents=True, exist_ok=True)
        for body in self.inner.files(source, root, include, exclude):
            if body.problem:
                problems[body.locator] = body.problem
            else:
                path = folder / body.locator
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(redact(body.content))
            yield body
        if problems:
            text = yaml.safe_dump(problems, sort_keys=True, allow_unicode=True)
            place.problems(root).write_text(text, "utf-8")

    def history(
        self, source: str, root: str, include: Sequence[str], exclude: Sequence[str], since: datetime
    ) -> FileHistory:
        """The past that the inner tape tells of, kept before it is handed on."""
        told = self.inner.history(source, root, include, exclude, since)
        write_history(SourceFolder(self.folder, source).history(root), told)
        return told

    def session(self, source: str) -> Session:
        """The session of the inner tape; its answers are kept."""
        folder = SourceFolder(self.folder, source).answers
        folder.mkdir(parents=True, exist_ok=True)
        return _keeping(self.inner.session(source), folder)


def _keeping(session: Session, folder: Path) -> Session:
    """The session, with whatever adapter somebody mounts wrapped into one that keeps answers."""
    inner = session.get_adapter

    def get_adapter(url: str) -> BaseAdapter:
        return KeepingAdapter(inner(url), folder)

    session.get_adapter = get_adapter  # type: ignore[method-assign]
    return session


class KeepingAdapter(BaseAdapter):
    """Sends through another adapter and keeps what comes."""

    def __init__(self, inner: BaseAdapter, folder: Path) -> None:
        super().__init__()
        self.inner, self.folder = inner, folder

    def send(self, request: PreparedRequest, *arguments: Any, **named: Any) -> Response:
        """Send, read the whole answer, keep it."""
        try:
            response = self.inner.send(request, *arguments, **named)
            body = response.content
        except RequestException as error:
            self._keep(failure_of(request, error))
            raise
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        self._keep(Exchange(request_key(request), response.status_code, headers, body))
        return response

    def close(self) -> None:
        """Close the adapter inside."""
        self.inner.close()

    def _keep(self, exchange: Exchange) -> None:
        (self.folder / exchange.file_name).write_bytes(exchange.write())
