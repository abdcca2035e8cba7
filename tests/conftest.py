"""Fixtures for tests of any kind."""

from collections.abc import Iterator

import pytest

from entrypoints.local.emulator import Emulator
from tests.emulator import running_emulator
from tests.localstack import LocalStack, localstack_python, running_localstack


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One AWS emulator for the whole run."""
    with running_emulator() as started:
        yield started


@pytest.fixture(scope="session")
def localstack() -> Iterator[LocalStack]:
    """One LocalStack for the whole run, where there is one."""
    python = localstack_python()
    if python is None:
        pytest.skip("LOCALSTACK_PYTHON is not set; make test-localstack sets it")
    with running_localstack(python) as started:
        yield started
