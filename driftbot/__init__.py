"""driftbot keeps what incidents taught from eroding: lessons become rules that run every night."""

__version__ = "0.1.0"
