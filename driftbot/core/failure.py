"""Failures that a person is told about: one sentence and what to do next, never a traceback."""

from __future__ import annotations


class Failure(Exception):
    """Something a user can mend. ``str`` is a sentence naming the thing; ``next_step`` says what to do about it."""

    def __init__(self, message: str, next_step: str = "") -> None:
        self.message, self.next_step = message, next_step
        super().__init__(message)
