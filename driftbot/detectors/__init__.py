"""Numerics on arrays of samples: what measured series say about a number that somebody chose. Pure."""
