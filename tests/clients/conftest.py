"""Fixtures of the tests of generated clients: the API that they use."""

from tests.integration.conftest import backend

__all__ = ["backend"]
