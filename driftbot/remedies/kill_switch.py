"""The kill switch as the world holds it: a file beside the configuration, or a variable of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from driftbot.config import Config

VARIABLE = "DRIFTBOT_STOP"
"""Set to anything but nothing, it keeps driftbot from changing anything."""


def kill_switch(config: Config, flag: str = "") -> Callable[[], str]:
    """A question to be asked before each effect: who stopped everything, and how; nothing where nobody did.

    ``flag`` is what the command line says (``--no-acting``).
    """
    return partial(_stopped, config.root / config.acting.stop_file, flag)


def _stopped(file: Path, flag: str) -> str:
    if flag:
        return flag
    if os.environ.get(VARIABLE):
        return f"{VARIABLE} is set in the environment; unset it to go on"
    try:
        file.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        # Who cannot tell whether everything was stopped stops.
        return f"{file} cannot be looked for: {(error.strerror or str(error)).lower()}"
    return f"{file} is there; remove it to go on"
