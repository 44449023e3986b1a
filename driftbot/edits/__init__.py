"""Edits: one setting in one file changed, its author's text kept, and proved that nothing else is different. Pure."""
