"""What people do on the page, or a test does for them: press, submit, close."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from driftbot.sandbox import request_url
from driftbot.sandbox.acknowledgement import PATIENCE, Acknowledgement
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.element import NotFilledIn, NotThere, missing, pressable, state_of
from driftbot.sandbox.interaction import closed, pressed_in_message, pressed_in_view, pressed_in_whisper, submitted
from driftbot.sandbox.people import Person
from driftbot.sandbox.post import Json, Whisper
from driftbot.sandbox.socket_mode import SocketMode
from driftbot.sandbox.view_response import take_answer
from driftbot.sandbox.workspace import View, Workspace

Deliver = Callable[[Json], Awaitable[Acknowledgement]]


@dataclass(slots=True)
class Hands:
    """Interaction by people; it reaches the app at ``request_url`` if that is set, else by Socket Mode."""

    workspace: Workspace
    socket: SocketMode
    signing_secret: str
    request_url: str = ""
    patience: float = PATIENCE

    async def deliver(self, payload: Json) -> Acknowledgement:
        """Tell the app."""
        if not self.request_url:
            return await self.socket.deliver(payload)
        return await request_url.deliver(
            self.request_url, payload, self.signing_secret, int(time.time()), self.patience
        )

    def payload_of_press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Json:
        """What the app is told when a person uses a control of a message that is shown to them.

        Raises:
            NotThere: no such person, message or control.
        """
        person, place = self._person(user), self.workspace.channels[channel]
        if (whisper := _whisper(place, user, ts)) is not None:
            placed = pressable(whisper.blocks, action_id, value)
            return pressed_in_whisper(self.workspace, person, place, whisper, placed, value)
        post = place.posts.get(ts)
        if post is None or post.tombstone:
            raise NotThere(f"no message {ts} is in #{place.name}")
        return pressed_in_message(self.workspace, person, place, post, pressable(post.blocks, action_id, value), value)

    async def press(self, user: str, channel: str, ts: str, action_id: str, value: str | None) -> Acknowledgement:
        """Use a control of a message."""
        return await self.deliver(self.payload_of_press(user, channel, ts, action_id, value))

    async def press_in_view(self, user: str, view: str, action_id: str, value: str | None) -> Acknowledgement:
        """Use a control of an open modal."""
        shown = self.view(user, view)
        blocks = shown.content["blocks"]
        placed = pressable(blocks, action_id, value)
        state = state_of(blocks, {placed.block_id: value or ""})
        return await self.deliver(pressed_in_view(self.workspace, self._person(user), shown, placed, value, state))

    async def submit(self, user: str, view: str, values: Json, force: bool) -> Acknowledgement:
        """Submit a modal with values by block id; ``force`` skips what Slack's client checks before it sends.

        Raises:
            NotThere: no such modal, or an input that has to be filled in is empty.
        """
        shown = self.view(user, view)
        blocks = shown.content["blocks"]
        if not force and (empty := missing(blocks, values)):
            shown.errors = dict.fromkeys(empty, "Please complete this required field.")
            self.workspace.changed()
            raise NotFilledIn(f"inputs have to be filled in: {empty}")
        answer = await self.deliver(submitted(self.workspace, self._person(user), shown, state_of(blocks, values)))
        if not answer.ok:
            return answer
        problem = take_answer(self.workspace, shown, answer.body)
        return Acknowledgement(not problem, answer.body, problem, answer.status)

    async def close(self, user: str, view: str) -> Acknowledgement:
        """Close a modal; the app is told if the modal asks for it."""
        shown = self.view(user, view)
        self.workspace.views.pop(shown.id)
        self.workspace.changed()
        if not shown.content.get("notify_on_close"):
            return Acknowledgement(True)
        return await self.deliver(closed(self.workspace, self._person(user), shown))

    def view(self, user: str, view: str) -> View:
        """A person's open modal: by id, or the one on top.

        Raises:
            NotThere: there is none.
        """
        shown = self.workspace.open_views(user)
        for one in reversed(shown):
            if view in ("", one.id):
                return one
        raise NotThere(f"no modal {view} is open for {user}; there are {[one.id for one in shown]}")

    def _person(self, user: str) -> Person:
        if (person := self.workspace.people.get(user)) is None:
            raise NotThere(f"nobody here has the id {user}; there are {sorted(self.workspace.people)}")
        return person


def _whisper(channel: Channel, user: str, ts: str) -> Whisper | None:
    return next((one for one in channel.whispers if one.ts == ts and one.user == user), None)
