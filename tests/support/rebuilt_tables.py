"""A pytest plugin for mutation tests: builds again what is built on import.

A mutant is chosen after the import, so that it would not change the table of the summary's fields. While
mutmut records which functions each test calls, the table is built for each test, otherwise once.
"""

import importlib
import os

import pytest

from domain.metadata import summary

TESTED = "unit/domain/metadata"
"""The tests of what the table is for; others only use it."""


@pytest.fixture(scope="session")
def rebuilt() -> None:
    importlib.reload(summary)


@pytest.fixture(autouse=True)
def table_of_the_summary(request: pytest.FixtureRequest) -> None:
    if TESTED in request.path.as_posix():
        if os.environ.get("MUTANT_UNDER_TEST") == "stats":
            importlib.reload(summary)
        else:
            request.getfixturevalue("rebuilt")
        if hasattr(request.module, "SUMMARY_FIELDS"):
            request.module.SUMMARY_FIELDS = summary.SUMMARY_FIELDS
