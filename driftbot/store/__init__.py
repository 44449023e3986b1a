"""The store: history as it was known at any time, findings and their lives, series, leases."""
