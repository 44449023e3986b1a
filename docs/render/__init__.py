"""Renders what the code knows: reference pages and JSON Schemas.

Deterministic: sorted, without dates, versions of libraries and paths, so that a difference is a change of the code.
"""
