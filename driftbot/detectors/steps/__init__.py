"""When a series changed its level, and whether it lasted."""
