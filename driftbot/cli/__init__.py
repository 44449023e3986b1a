"""The command line: one module a command; arguments, one call, render, exit code."""
