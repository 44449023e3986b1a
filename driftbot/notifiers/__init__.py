"""Channels, one module (or package) each: rendering is pure, delivering is shell."""
