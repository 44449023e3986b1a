"""The playbook file: what may be done about a finding, within which limits, and what proves that it helped. Pure."""
