"""Looking: what planning reads of the world before it proposes; it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from driftbot.actions.action import Action, Occasion, Tools
from driftbot.actions.declaration import declaration, declared_in
from driftbot.actions.edit_file import read_file
from driftbot.core.fact import Fact
from driftbot.documents.node import Node
from driftbot.edits.edit import Refusal, Refused


class Look(Protocol):
    """What planning asks of the world."""

    def at(self, action: Action, settings: BaseModel, occasion: Occasion) -> Any:
        """What an action reads to propose its step.

        Raises:
            Refused: it cannot be read.
        """
        ...

    def document(self, facts: Sequence[Fact]) -> Node:
        """The document in which the subject of these facts is declared, as its file stands now.

        Raises:
            Refused: no file declares it, several do, or it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class LiveLook:
    """A look at the world as it is now, through the tools of actions."""

    tools: Tools

    def at(self, action: Action, settings: BaseModel, occasion: Occasion) -> Any:
        """What an action reads to propose its step."""
        return action.look(settings, occasion, self.tools)

    def document(self, facts: Sequence[Fact]) -> Node:
        """The document in which the subject of these facts is declared, as its file stands now."""
        if not facts:
            raise Refused("nothing is known of its subject, so no file declares it", Refusal.NOT_THERE)
        subject = facts[0].subject.id
        files = {path: read_file(path, subject.kind, self.tools) for path in declared_in(facts, subject)}
        return declaration(facts, subject, {path: file for path, file in files.items() if file is not None}).node
