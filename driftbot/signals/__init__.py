"""Signals: which query measures a key, in which unit, and how its labels become a subject."""
