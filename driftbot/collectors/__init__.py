"""Sources: one module a kind; fetching is shell, parsing is pure."""
