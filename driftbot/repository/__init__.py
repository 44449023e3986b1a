"""Branches written to a git repository and its remote, without touching anybody's working tree, index or HEAD.

What driftbot knows of a clone it keeps under ``refs/driftbot/``, which no tool checks out: ``heads/`` holds the commits
that it made, ``remotes/`` what it last saw at the remote. A person's branches, index, HEAD and files stay
as they are, so a dirty tree, a detached HEAD or another branch checked out make no difference.
"""
