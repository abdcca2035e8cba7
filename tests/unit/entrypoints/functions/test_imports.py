"""What each function imports, because every module slows down each cold start."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ACCOUNTS = {
    "adapters.audit_log",
    "adapters.aws_deadline",
    "adapters.cognito",
    "adapters.dynamodb",
    "adapters.request_deadline",
}
IMAGES = {
    "adapters.aws_deadline",
    "adapters.dynamodb",
    "adapters.embedded_metadata",
    "adapters.imagemagick",
    "adapters.request_deadline",
    "adapters.s3",
    "adapters.temporary_storage",
}

FUNCTIONS = {
    # The adapters' packages that the function may import, and how many modules in all.
    "users": (ACCOUNTS, 650),
    "images": (IMAGES, 720),
    "ingest": (IMAGES | {"adapters.eventbridge", "adapters.sqs"}, 605),
    "render": (IMAGES | {"adapters.eventbridge", "adapters.sqs"}, 595),
    "events": (
        {
            "adapters.aws_deadline",
            "adapters.dynamodb",
            "adapters.eventbridge",
            "adapters.request_deadline",
        },
        480,
    ),
    "triggers": ({"adapters.audit_log"}, 120),
    "web": (set(), 120),
}

USED_BY = {
    "adapters.imagemagick.extractor": {"images", "ingest"},
    "adapters.imagemagick.renderer": {"render"},
    "adapters.s3.incoming_store": {"images", "ingest"},
    "adapters.sqs.render_queue": {"render"},
    "adapters.sqs.work_queue": {"ingest"},
}
"""Adapters that share a package with others, and the functions that use them."""

_LISTING = """
import importlib, json, sys
sys.path.insert(0, "src")
sys.modules.update(dict.fromkeys(json.loads(sys.argv[2])))
importlib.import_module(f"entrypoints.functions.{sys.argv[1]}")
json.dump(sorted(name for name, module in sys.modules.items() if module), sys.stdout)
"""


def not_deployed() -> list[str]:
    """Return the modules that are installed here but not deployed with the functions.

    Libraries import some of these if they are installed.
    """
    pins = re.findall(r"^([\w.-]+)==", Path("requirements/runtime.txt").read_text(), re.MULTILINE)
    deployed = {pin.replace("-", "_").lower() for pin in pins}
    return [
        module
        for module, distributions in packages_distributions().items()
        if not any(name.replace("-", "_").lower() in deployed for name in distributions)
    ]


@cache
def imported_by(function: str) -> set[str]:
    listing = subprocess.run(
        [sys.executable, "-c", _LISTING, function, json.dumps(not_deployed())],
        env={"PATH": os.environ["PATH"]},  # without what measures coverage, which has imports too
        capture_output=True,
        text=True,
        check=False,
    )
    assert listing.returncode == 0, listing.stderr
    return set(json.loads(listing.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_what_it_uses(function: str) -> None:
    allowed, ceiling = FUNCTIONS[function]

    modules = imported_by(function)

    packages = {".".join(name.split(".")[:2]) for name in modules if name.startswith("adapters.")}
    assert packages == allowed
    assert len(modules) <= ceiling


@pytest.mark.parametrize("adapter", USED_BY)
def test_an_adapter_is_imported_by_nobody_else(adapter: str) -> None:
    assert {function for function in FUNCTIONS if adapter in imported_by(function)} == USED_BY[adapter]


@pytest.mark.parametrize("function", ["triggers", "web"])
def test_a_function_that_calls_no_service_loads_no_large_library(function: str) -> None:
    assert not imported_by(function) & {
        "boto3",
        "botocore",
        "dependency_injector",
        "aws_lambda_powertools",
        "pydantic",
    }


@pytest.mark.parametrize("function", ["ingest", "render"])
def test_workers_do_without_http(function: str) -> None:
    assert not {name for name in imported_by(function) if name.startswith("entrypoints.http")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_has_threads_or_a_transfer_manager(function: str) -> None:
    assert not imported_by(function) & {
        "boto3",
        "concurrent.futures.thread",
        "multiprocessing",
        "s3transfer",
    }
