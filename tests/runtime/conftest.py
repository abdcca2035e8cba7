"""The packages and the sandbox in which their functions are run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.local.emulator import Emulator
from tests.integration.users import User, logged_in_user
from tests.runtime.deployment import Deployment, deployed
from tests.support.availability import unavailable
from tests.support.lambda_runtime import Sandbox, SandboxUnavailable, find_sandbox
from tests.support.packages import OWN_ARCHITECTURE, functions_package, imagemagick_layer, unpack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # Packages may have to be downloaded first.
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """What the functions run in."""
    try:
        return find_sandbox(tmp_path_factory.mktemp("sandbox"))
    except SandboxUnavailable as error:
        unavailable(str(error))


@pytest.fixture(scope="session")
def deployment(
    sandbox: Sandbox, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The packages for this machine's processor, deployed."""
    if OWN_ARCHITECTURE is None:
        unavailable("Lambda has no such processor")
    folder = tmp_path_factory.mktemp("lambda")
    task = unpack(functions_package(OWN_ARCHITECTURE, tmp_path_factory), folder / "task")
    layer = unpack(imagemagick_layer(OWN_ARCHITECTURE, tmp_path_factory), folder / "layer")
    with deployed(sandbox, folder / "functions", emulator, task=task, layer=layer) as running:
        yield running


@pytest.fixture(scope="session")
def user(deployment: Deployment) -> Iterator[User]:
    """A user who is logged in."""
    yield from logged_in_user(deployment.backend)
