"""What differs from its peers, and from itself before a release."""
