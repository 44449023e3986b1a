"""The page over HTTP: documents, live changes, and what people do there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from aiohttp import web

from driftbot.sandbox.acknowledgement import Acknowledgement
from driftbot.sandbox.element import NotFilledIn, NotThere
from driftbot.sandbox.hands import Hands
from driftbot.sandbox.page.document import POLICY, document
from driftbot.sandbox.page.html import html
from driftbot.sandbox.page.message import Reader
from driftbot.sandbox.page.regions import Regions
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.whole_text import whole
from driftbot.sandbox.workspace import Workspace

LONGEST_POLL = 20.0
"""Seconds after which a browser that waits for changes is told that there are none."""
_STATIC = {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
Act = Callable[[Json], Awaitable[Acknowledgement]]


@dataclass(slots=True)
class Page:
    """The page of a workspace."""

    workspace: Workspace
    hands: Hands
    stopping: asyncio.Event

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where everything of the page is."""
        return [
            web.get("/", self._first),
            web.get("/channels/{channel}", self._document),
            web.get("/page/regions/{channel}", self._regions),
            web.get("/page/files/{file}", self._file),
            web.get("/page/{name}", self._static),
            web.post("/page/press", self._acting(self._press)),
            web.post("/page/submit", self._acting(self._submit)),
            web.post("/page/close", self._acting(self._close)),
            web.post("/page/write", self._acting(self._write)),
        ]

    async def _first(self, request: web.Request) -> web.StreamResponse:
        del request
        channel = next(iter(self.workspace.channels), None)
        if channel is None:
            raise web.HTTPNotFound(text="the sandbox has no channel")
        raise web.HTTPFound(Reader(next(iter(self.workspace.people)), channel).address())

    async def _document(self, request: web.Request) -> web.StreamResponse:
        reader = self._reader(request)
        regions = Regions(self.workspace, self.hands, reader).all()
        name = self.workspace.channels[reader.channel].name
        text = document(reader, name, regions, self.workspace.changes)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def _regions(self, request: web.Request) -> web.StreamResponse:
        reader = self._reader(request)
        after = request.query.get("after", "")
        await self._change_since(int(after) if after.isdecimal() else -1, request)
        regions = Regions(self.workspace, self.hands, reader).all()
        drawn = {name: html(region) for name, region in regions.items()}
        return web.json_response({"changes": self.workspace.changes, "regions": drawn}, headers=_HEADERS)

    async def _change_since(self, seen: int, request: web.Request) -> None:
        ends = asyncio.get_running_loop().time() + LONGEST_POLL
        while self.workspace.changes == seen and asyncio.get_running_loop().time() < ends:
            if self.stopping.is_set() or request.transport is None or request.transport.is_closing():
                return
            await asyncio.sleep(0.05)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.uploads.get(request.match_info["file"])
        if file is None or file.content is None or not file.shared:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.mimetype, headers=_HEADERS)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if (kind := _STATIC.get(name)) is None:
            raise web.HTTPNotFound
        text = files("driftbot.sandbox.page").joinpath(name).read_text("utf-8")
        return web.Response(text=text, content_type=kind, headers=_HEADERS)

    def _reader(self, request: web.Request) -> Reader:
        channel, user = request.match_info["channel"], request.query.get("as", "")
        if channel not in self.workspace.channels:
            raise web.HTTPNotFound(text="there is no such channel")
        user = user if user in self.workspace.people else next(iter(self.workspace.people))
        return Reader(user, channel, request.query.get("thread", ""))

    def _acting(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
            try:
                asked = await request.json()
                answer = await act(asked if isinstance(asked, dict) else {})
            except NotFilledIn:
                return web.json_response({"problem": ""})
            except NotThere as error:
                return web.json_response({"problem": str(error)})
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise web.HTTPBadRequest(text=f"the page did not say what it wants: {error}") from error
            return web.json_response({"problem": answer.problem})

        return handler

    async def _press(self, asked: Json) -> Acknowledgement:
        value = asked.get("value")
        if view := asked.get("view"):
            return await self.hands.press_in_view(asked["user"], view, asked["action_id"], value)
        return await self.hands.press(asked["user"], asked["channel"], asked["ts"], asked["action_id"], value)

    async def _submit(self, asked: Json) -> Acknowledgement:
        values: dict[str, Any] = {name: value for name, value in asked["values"].items() if value}
        return await self.hands.submit(asked["user"], asked["view"], values, False)

    async def _close(self, asked: Json) -> Acknowledgement:
        return await self.hands.close(asked["user"], asked["view"])

    async def _write(self, asked: Json) -> Acknowledgement:
        if (text := whole(str(asked["text"])).strip()) and asked["user"] in self.workspace.people:
            post = Post(self.workspace.now_ts(), asked["user"], text, thread_ts=str(asked.get("thread", "")))
            self.workspace.channels[asked["channel"]].posts[post.ts] = post
            self.workspace.changed()
        return Acknowledgement(True)


_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
