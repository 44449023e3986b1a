"""Configuration documents with positions: every value knows the file, line and bytes it came from. Pure."""
