"""The Terraform configuration without AWS: its form, its schema, and the plans of its modules."""

import re
from pathlib import Path

import pytest
from scripts.terraform import CONFIGURATION, PROVIDER, Terraform

from adapters.eventbridge.event_bus import SOURCE
from adapters.s3.object_keys import INCOMING_PREFIX, USERS_PREFIX

ENVIRONMENTS = CONFIGURATION / "environments"

OLDEST_MAJOR = 5
"""The oldest major version of the provider that is supported. All tests run with it."""
TESTS_OF_OTHER_MAJORS = ("root.tftest.hcl", "cdn.tftest.hcl", "webhooks.tftest.hcl")
"""They plan every module, so that what newer versions refuse is found."""

TO_BE_RENAMED = {
    (6, "modules/records/main.tf", f'"{argument}" is deprecated in the provider.')
    for argument in ("hash_key", "range_key")
}
"""What a major version warns of, since it has another name for it, which the one before does not know."""
RENAMED = {detail for _, _, detail in TO_BE_RENAMED}


def test_it_is_formatted(terraform: Terraform) -> None:
    assert terraform.text("fmt", "-check", "-recursive", "-diff", str(CONFIGURATION)) == ""


def test_it_is_valid_for_each_major_version_of_the_provider(
    terraform_of_major: Terraform, request: pytest.FixtureRequest
) -> None:
    major: int = request.node.callspec.params["terraform_of_major"]

    result = terraform_of_major.json("validate", "-json")

    told = {(major, found["range"]["filename"], found["detail"]) for found in result["diagnostics"]}
    assert result["valid"], result["diagnostics"]
    assert told - TO_BE_RENAMED == set()
    used = terraform_of_major.json("version", "-json")["provider_selections"][str(PROVIDER)]
    assert used.partition(".")[0] == str(major)


def test_the_plans_are_secure_and_wrong_variables_are_refused(
    terraform_of_major: Terraform, request: pytest.FixtureRequest
) -> None:
    major: int = request.node.callspec.params["terraform_of_major"]
    files = sorted((CONFIGURATION / "tests").glob("*.tftest.hcl"))
    if major != OLDEST_MAJOR:
        files = [file for file in files if file.name in TESTS_OF_OTHER_MAJORS]

    said = terraform_of_major.text("test", *(f"-filter=tests/{file.name}" for file in files))

    summary = re.search(r"Success! (\d+) passed, 0 failed", said)
    assert summary, said
    assert int(summary[1]) == runs_written(files)


@pytest.mark.parametrize(
    "example", sorted(CONFIGURATION.glob("examples/*/")), ids=lambda folder: folder.name
)
def test_the_examples_are_valid(terraform: Terraform, example: Path) -> None:
    staged = Terraform(terraform.directory / example.relative_to(CONFIGURATION))
    staged.init("-backend=false")

    result = staged.json("validate", "-json")

    told = [found for found in result["diagnostics"] if found["detail"] not in RENAMED]
    assert (result["valid"], told) == (True, [])


def runs_written(files: list[Path]) -> int:
    """The number of runs in test files."""
    return sum(len(re.findall(r'^run "', file.read_text(), re.MULTILINE)) for file in files)


def test_the_prefixes_of_keys_are_those_of_the_adapter() -> None:
    written = dict(
        re.findall(r'^  (\w+_prefix) += "(\w+/)"$', (CONFIGURATION / "main.tf").read_text(), re.MULTILINE)
    )

    assert written == {"users_prefix": USERS_PREFIX, "incoming_prefix": INCOMING_PREFIX}


def test_the_source_of_events_is_that_of_the_adapter() -> None:
    stated = {
        source
        for module in CONFIGURATION.glob("modules/*/main.tf")
        for source in re.findall(r'^  source += "([\w-]+)"$', module.read_text(), re.MULTILINE)
    }

    assert stated == {SOURCE}


@pytest.mark.parametrize("file", sorted(ENVIRONMENTS.glob("*.tfvars*")), ids=lambda file: file.name)
def test_the_environments_set_variables_that_exist(file: Path) -> None:
    declared = {
        name
        for variables in CONFIGURATION.glob("variables*.tf")
        for name in re.findall(r'^variable "(\w+)"', variables.read_text(), re.MULTILINE)
    }
    used = set(re.findall(r"^#? ?(\w+) += ", file.read_text(), re.MULTILINE))

    assert used
    assert used <= declared
