"""Replay: a bundle in place of the world."""

from __future__ import annotations

import http
import io
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pathspec import GitIgnoreSpec
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from driftbot.collectors.collector import Body
from driftbot.collectors.request_failure import NotRecorded
from driftbot.core.commit import FileHistory
from driftbot.tape.bundle import BundleError, SourceFolder, leaves, read_manifest, unpack
from driftbot.tape.exchange import BadExchange, Exchange, raise_failure, request_key
from driftbot.tape.history_record import read_record
from driftbot.tape.patterns import wanted_by


class ReplayTape:
    """Answers from a bundle: a folder or an archive. ``as_of`` is the time that counted as now when it was recorded.

    Raises:
        BundleError: it is no bundle, of another format, or not safe to unpack.
    """

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        self.folder = bundle
        if bundle.is_file():
            unpacked = tempfile.TemporaryDirectory(prefix="driftbot-replay-", ignore_cleanup_errors=True)
            self._end = weakref.finalize(self, unpacked.cleanup)
            self.folder = Path(unpacked.name)
            unpack(bundle, self.folder)
        self.manifest = read_manifest(self.folder)

    @property
    def as_of(self) -> datetime:
        """The time that counted as now."""
        return self.manifest.as_of

    def files(self, source: str, root: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
        """The recorded files below ``root`` that match, sorted by path."""
        place = SourceFolder(self.folder, source)
        folder = place.files(root)
        if not folder.is_dir():
            yield Body(".", problem=f"{self.bundle} holds no files of {source} below {root}; record again")
            return
        problems = self._problems(place.problems(root))
        wanted, unwanted = GitIgnoreSpec.from_lines(include or ["*"]), GitIgnoreSpec.from_lines(exclude)
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        alone = Path(root).name
        for locator in sorted({*found, *problems}):
            if locator in problems:
                yield Body(locator, problem=problems[locator])
            elif found[locator].is_symlink():
                yield Body(locator, problem="the bundle holds a symbolic link here, which is not followed")
            elif locator == alone or (wanted.match_file(locator) and not unwanted.match_file(locator)):
                yield Body(locator, found[locator].read_bytes())

    def _problems(self, path: Path) -> dict[str, str]:
        try:
            found = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BundleError(f"{path} cannot be read: {error}", "Record again with `driftbot record`.") from None
        return {str(name): str(problem) for name, problem in dict(found or {}).items() if not leaves(str(name))}

    def history(
        self, source: str, root: str, include: Sequence[str], exclude: Sequence[str], since: datetime
    ) -> FileHistory:
        """The recorded past of those files since then."""
        place = SourceFolder(self.folder, source)
        folder = place.history(root)
        if not folder.is_dir():
            return FileHistory(notes=(f"{self.bundle} holds no git history of {source}; record again",))
        matches, alone = wanted_by(include, exclude), Path(root).name
        return read_record(folder, place.inside, lambda path: path == alone or matches(path), since)

    def session(self, source: str) -> Session:
        """A session that only knows recorded answers, whatever adapter somebody mounts."""
        session = Session()
        session.trust_env = False
        adapter = ReplayAdapter(SourceFolder(self.folder, source).answers, self.bundle)
        session.get_adapter = lambda url: adapter  # type: ignore[method-assign]  # noqa: ARG005
        return session


class ReplayAdapter(BaseAdapter):
    """Answers as recorded; an unrecorded request raises ``NotRecorded``."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        super().__init__()
        self.folder, self.bundle = folder, bundle

    def send(self, request: PreparedRequest, *_arguments: Any, **_named: Any) -> Response:
        """The recorded answer."""
        key = request_key(request)
        path = self.folder / Exchange(key).file_name
        if path.is_symlink() or not path.is_file():
            raise NotRecorded(f"the bundle {self.bundle} ({key})")
        try:
            exchange = Exchange.read(path.read_bytes())
        except BadExchange as error:
            raise NotRecorded(f"the bundle {self.bundle}: {path.name} is damaged, {error}") from None
        raise_failure(exchange)
        return _response(request, exchange)

    def close(self) -> None:
        """Nothing is open."""


def _response(request: PreparedRequest, exchange: Exchange) -> Response:
    response = Response()
    response.status_code = exchange.status
    response.reason = http.HTTPStatus(exchange.status).phrase if exchange.status in set(http.HTTPStatus) else ""
    response.headers = CaseInsensitiveDict(exchange.headers)
    response.request, response.url = request, request.url or ""
    response.raw = io.BytesIO(exchange.body)
    return response
