"""The rule language: from YAML to checked rules, all errors at once."""
