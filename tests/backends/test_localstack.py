"""The black-box tests of storage with LocalStack's S3 and SQS instead of MiniStack's.

LocalStack enforces rules that MiniStack does not, such as the minimum size of a part, and vice versa.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.availability import unavailable
from tests.support.localstack import STORAGE_VARIABLE, localstack_python

ROOT = Path(__file__).parents[2]
TESTS_OF_STORAGE = (
    "test_direct_uploads.py",
    "test_idempotency.py",
    "test_images.py",
    "test_refused_uploads.py",
)


@pytest.mark.timeout(900)
def test_the_black_box_tests_of_storage_pass_on_localstack() -> None:
    if localstack_python() is None:
        unavailable("LocalStack is not installed; make test-tools installs it")
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet", "--no-header", "-p", "no:cacheprovider"),
            "--one-case-each",
            *(f"tests/integration/{name}" for name in TESTS_OF_STORAGE),
        ],
        cwd=ROOT,
        env={**os.environ, STORAGE_VARIABLE: "localstack"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-20_000:]
