"""The state file: what was said in the sandbox, and its secrets, over a restart."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from driftbot.core.failure import Failure
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.post import Upload
from driftbot.sandbox.secrets import Secrets
from driftbot.sandbox.workspace import Workspace

VERSION = 1


@checked(config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"), slots=True)
class State:
    """The file's content. Modals, triggers and response URLs are short-lived and not in it."""

    version: int
    channels: dict[str, Channel]
    uploads: dict[str, Upload]
    minted: int
    last_ts: int
    secrets: Secrets


_STATE = TypeAdapter(State)


@dataclass(frozen=True, slots=True)
class StateFile:
    """One file; it holds tokens, so that only its owner may read it."""

    path: Path

    def read(self) -> State | None:
        """What was kept, None if there is no file yet.

        Raises:
            Failure: the file cannot be read, or is none of ours.
        """
        try:
            state = _STATE.validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no state of a sandbox"
            raise Failure(f"{self.path}: {reason}", "Name another file, or remove this one to begin anew.") from None
        if state.version != VERSION:
            raise Failure(
                f"{self.path}: it is of version {state.version}, this driftbot knows {VERSION}", "Name another file."
            )
        return state

    def write(self, workspace: Workspace, secrets: Secrets) -> None:
        """Keep the state; the file is the old one or the new one, never half of either.

        Raises:
            Failure: it cannot be written.
        """
        state = State(
            VERSION, workspace.channels, workspace.uploads, workspace.minted, workspace.last_ts, secrets
        )  # fmt: skip
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_STATE.dump_json(state))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Failure(f"{self.path}: {error.strerror}; the file is as it was", "Give it room or rights.") from error
