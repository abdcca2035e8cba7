"""The Terraform configuration, staged in a folder of its own, on machines that have Terraform."""

from pathlib import Path

import pytest
from scripts.terraform import ProviderUnavailable, Terraform, stage

from tests.availability import unavailable

TIMEOUT_S = 1800
"""An apply and a destroy take minutes: the provider waits, and starts often."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Initialised, without a state."""
    staged = stage(tmp_path_factory.mktemp("terraform"))
    try:
        staged.init("-backend=false")
    except ProviderUnavailable as error:
        unavailable(str(error))
    return staged
