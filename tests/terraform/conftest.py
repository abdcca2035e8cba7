"""The Terraform configuration, staged in a separate folder, on machines that have Terraform."""

import os
import re
from pathlib import Path

import pytest
from scripts.terraform import CONFIGURATION, ProviderUnavailable, Terraform, stage

from tests.support.availability import unavailable

TIMEOUT_S = 1800
"""An apply and a destroy take minutes: the provider waits, and starts often."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Initialised with the available version of the AWS provider, without a state."""
    return _initialised(stage(tmp_path_factory.mktemp("terraform")))


def _required_majors() -> list[int]:
    """The major versions of the AWS provider that the configuration allows; fewer if a setting says so."""
    if chosen := os.environ.get("TERRAFORM_PROVIDER_MAJORS"):
        return [int(major) for major in chosen.split()]
    required = (CONFIGURATION / "versions.tf").read_text()
    found = re.search(r'"hashicorp/aws"\s+version = ">= (\d+)\.\d+\.\d+, < (\d+)\.0\.0"', required)
    assert found, required
    return list(range(int(found[1]), int(found[2])))


@pytest.fixture(scope="session", params=_required_majors())
def terraform_of_major(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Terraform:
    """Initialised with each of those versions of the AWS provider."""
    folder = tmp_path_factory.mktemp(f"terraform-{request.param}")
    return _initialised(stage(folder, provider_version=f"~> {request.param}.0"))


def _initialised(staged: Terraform) -> Terraform:
    try:
        staged.init("-backend=false")
    except ProviderUnavailable as error:
        unavailable(str(error))
    return staged
