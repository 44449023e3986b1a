"""Whether a series moves a little every day or with every release."""
