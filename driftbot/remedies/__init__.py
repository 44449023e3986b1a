"""Remedies on their way: planned from findings, applied step by step through the journal, verified, undone."""
