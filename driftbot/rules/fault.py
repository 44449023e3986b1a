"""Faults: what is wrong at one character of an expression, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong; ``offset`` counts characters of the expression's text from 0."""

    offset: int
    message: str
    hint: str = ""
