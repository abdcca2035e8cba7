"""Fixtures for tests of any kind."""

from collections.abc import Iterator

import pytest

from entrypoints.local.emulator import Emulator
from tests.emulator import running_emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One AWS emulator for the whole run."""
    with running_emulator() as started:
        yield started
