"""The page of the sandbox: what a channel would show, with controls that work, and nothing from anywhere else."""
