"""``response_url``: an app answers to a press without a token.

https://docs.slack.dev/interactivity/handling-user-interaction describes it: five answers within half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from driftbot.sandbox.block_ids import with_ids
from driftbot.sandbox.methods.chat import remove
from driftbot.sandbox.payload_check import check_blocks
from driftbot.sandbox.post import Json, Post, Whisper
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.workspace import BOT_USER, ResponseTo, Workspace


@dataclass(slots=True)
class ResponseUrls:
    """Answers that arrive at response URLs."""

    workspace: Workspace

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where they arrive."""
        return [web.post("/actions/{team}/{id}", self._answered)]

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        answered = self.workspace.responses.get(request.match_info["id"])
        try:
            if answered is None or self.workspace.clock() > answered.until:
                raise Refused("expired_url")
            if answered.left < 1:
                raise Refused("used_url")
            body = await request.json()
            if not isinstance(body, dict):
                raise ValueError("an answer is an object")
            answered.left -= 1
            self._take(answered, body)
        except Refused as refusal:
            return web.json_response({"ok": False, "error": refusal.error}, status=404)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        self.workspace.changed()
        return web.Response(text="ok")

    def _take(self, answered: ResponseTo, body: Json) -> None:
        channel = self.workspace.channels[answered.channel]
        post = channel.posts.get(answered.ts)
        if body.get("delete_original"):
            channel.whispers = [one for one in channel.whispers if one.ts != answered.ts]
            if post is not None:
                remove(channel, post)
            return
        text, blocks = str(body.get("text", "")), with_ids(self.workspace, check_blocks(body.get("blocks")))
        if body.get("replace_original"):
            shown = post or next((one for one in channel.whispers if one.ts == answered.ts), None)
            if shown is None:
                raise Refused("message_not_found")
            shown.text, shown.blocks = text, blocks
            if isinstance(shown, Post):
                shown.edits, shown.edited_ts = shown.edits + 1, self.workspace.now_ts()
        elif body.get("response_type") == "in_channel":
            new = Post(self.workspace.now_ts(), BOT_USER, text, blocks, thread_ts=str(body.get("thread_ts", "")))
            channel.posts[new.ts] = new
        else:
            thread = str(body.get("thread_ts") or (post.thread_ts if post else ""))
            channel.whispers.append(Whisper(self.workspace.now_ts(), answered.user, text, blocks, thread))
