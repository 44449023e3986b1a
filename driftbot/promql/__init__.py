"""Expressions of alert rules as values: canonical text, conditions, selectors and units. Pure."""
