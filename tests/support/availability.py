"""What a test does when the machine lacks something that it needs."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test, saying why; with REQUIRE_ALL=1, as in continuous integration, fail it."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1: {reason}", pytrace=False)
    pytest.skip(reason)
