"""A pytest plugin for mutation tests: builds again for each test what is built on import.

A mutant is chosen after the import, so that it would not change the table of the summary's fields.
"""

import importlib
from pathlib import Path

import pytest

from domain.metadata import summary

TESTED = Path("unit/domain/metadata")
"""The tests of what the table is for; others only use it."""


@pytest.fixture(autouse=True)
def table_of_the_summary(request: pytest.FixtureRequest) -> None:
    if TESTED.as_posix() in request.path.as_posix():
        importlib.reload(summary)
        if hasattr(request.module, "SUMMARY_FIELDS"):
            request.module.SUMMARY_FIELDS = summary.SUMMARY_FIELDS
