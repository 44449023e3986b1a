"""Actions: what a playbook's step can do. Looking and proposing change nothing, performing and undoing do."""
