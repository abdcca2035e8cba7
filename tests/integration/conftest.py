"""Fixtures of the black-box tests."""

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.backend import Backend, chosen_backend
from tests.integration.logged_secrets import secrets_in
from tests.integration.users import User, logged_in_user
from tests.support.localstack import STORAGE_VARIABLE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/integration/" in str(item.path):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The API under test."""
    on_localstack = os.environ.get(STORAGE_VARIABLE) == "localstack"
    elsewhere = request.getfixturevalue("localstack").environment if on_localstack else {}
    with chosen_backend(elsewhere) as chosen:
        yield chosen
        if chosen.state_dir:
            log = (chosen.state_dir / "functions.log").read_text(errors="replace")
            assert secrets_in(log) == [], "the functions' log of the whole run gives these away"


@pytest.fixture(autouse=True)
def _skip_what_the_backend_lacks(request: pytest.FixtureRequest) -> None:
    for marker, reason in (
        ("emulated", "needs an emulator's mailbox and administrator"),
        ("local_server", "is about the local server"),
    ):
        if request.node.get_closest_marker(marker) is None:
            continue
        chosen: Backend = request.getfixturevalue("backend")
        if not (chosen.is_emulated if marker == "emulated" else chosen.state_dir):
            pytest.skip(f"{reason}, which {chosen.api_url} is not")


@pytest.fixture(scope="session")
def api(backend: Backend) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=backend.api_url, timeout=backend.patience_s) as client:
        yield client


@pytest.fixture(scope="session")
def user(backend: Backend) -> Iterator[User]:
    """A user whom many tests share; the tests must tolerate each other's images."""
    yield from logged_in_user(backend)


@pytest.fixture
def new_user(backend: Backend) -> Iterator[User]:
    """A user of this test alone."""
    yield from logged_in_user(backend)


@pytest.fixture
def other_user(backend: Backend) -> Iterator[User]:
    """A second user of this test alone."""
    yield from logged_in_user(backend)
