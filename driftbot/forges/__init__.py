"""Forges: pull requests, merge requests and issues of GitHub and GitLab, each opened once and edited in place."""
