"""Channels, one package a kind: rendering is pure, delivering is shell."""
