"""Fixtures for tests of any kind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from entrypoints.local.emulator import Emulator
from tests.support.availability import unavailable
from tests.support.emulator import running_emulator
from tests.support.localstack import LocalStack, localstack_python, running_localstack

LONGEST = (
    "terraform/test_deployment.py",
    "terraform/test_configuration.py",
    "backends/test_localstack.py",
)
"""The files that take longest, which a parallel run should start first."""

# The speed of a busy machine is not a property of the code.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


# A shell has what it starts in the background ignore Ctrl-C, and so would servers that tests stop that way.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Two more than the number of processors, because many tests wait for servers and for Terraform."""
    return (os.cpu_count() or 1) + 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--one-case-each",
        action="store_true",
        help="run parametrized tests with their first case only, unless they are marked every_case",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--one-case-each"):
        chosen: dict[tuple[object, str], pytest.Item] = {}
        for item in items:
            name = item.name if item.get_closest_marker("every_case") else item.name.partition("[")[0]
            chosen.setdefault((item.parent, name), item)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen.values()])
        items[:] = chosen.values()
    first = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path, len(first)))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One AWS emulator for the whole run."""
    with running_emulator() as started:
        yield started


@pytest.fixture(scope="session")
def localstack() -> Iterator[LocalStack]:
    """One LocalStack for the whole run, if it is installed."""
    python = localstack_python()
    if python is None:
        unavailable("LocalStack is not installed; make test-tools installs it")
    with running_localstack(python) as started:
        yield started
