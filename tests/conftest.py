"""Fixtures for tests of any kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.local.emulator import Emulator
from tests.emulator import running_emulator
from tests.localstack import LocalStack, localstack_python, running_localstack

TESTS = Path(__file__).parent
DEPLOYMENT = TESTS / "terraform" / "test_deployment.py"
"""By far the longest: whoever runs the tests in parallel should begin with it."""
ON_THEIR_OWN = {"test_hostile_files.py", "test_local_server.py"}
"""Tests over HTTP, or near it, that do not use the API that the others share."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_parallel_group(item.path)))
    items.sort(key=lambda item: item.path != DEPLOYMENT)


def _parallel_group(file: Path) -> str:
    """What has to run in one process: the tests of a file, and all that share one API and its log."""
    if file.parent == TESTS / "integration" and file.name not in ON_THEIR_OWN:
        return "api"
    return str(file.relative_to(TESTS))


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
