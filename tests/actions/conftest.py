"""Loopback forges for the tests of requests and notices."""

from __future__ import annotations

from tests.forges.conftest import there as there
