"""What each function imports: every module is paid for at each cold start."""

import json
import subprocess
import sys

import pytest

WITH_AWS = {
    "adapters.aws_deadline",
    "adapters.request_deadline",
    "adapters.s3",
    "adapters.temporary_storage",
}
ACCOUNTS = WITH_AWS | {"adapters.cognito"}
IMAGES = WITH_AWS | {"adapters.embedded_metadata", "adapters.imagemagick"}

FUNCTIONS = {
    # The adapters' packages that the function may import, and how many modules in all.
    "users": (ACCOUNTS, 830),
    "images": (IMAGES, 860),
    "ingest": (IMAGES, 810),
    "events": (
        {
            "adapters.aws_deadline",
            "adapters.dynamodb",
            "adapters.eventbridge",
            "adapters.request_deadline",
        },
        610,
    ),
    "triggers": ({"adapters.audit_log"}, 360),
}

_LISTING = "import json, sys, entrypoints.functions.{} ; json.dump(sorted(sys.modules), sys.stdout)"


def imported_by(function: str) -> set[str]:
    listing = subprocess.run(
        [sys.executable, "-c", _LISTING.format(function)], capture_output=True, text=True, check=True
    )
    return set(json.loads(listing.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_what_it_uses(function: str) -> None:
    allowed, ceiling = FUNCTIONS[function]

    modules = imported_by(function)

    packages = {".".join(name.split(".")[:2]) for name in modules if name.startswith("adapters.")}
    assert packages == allowed
    assert len(modules) <= ceiling


def test_the_triggers_do_without_aws_clients_and_containers() -> None:
    assert not imported_by("triggers") & {
        "boto3",
        "botocore",
        "dependency_injector",
        "aws_lambda_powertools",
    }


def test_ingest_does_without_http() -> None:
    assert not {name for name in imported_by("ingest") if name.startswith("entrypoints.http")}
