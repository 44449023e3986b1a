"""Expressions of alert rules as values: conditions, thresholds, the canonical form."""
