"""The Python that compiles the functions."""

import re
import sys
from pathlib import Path

import pytest
from scripts.runtime_python import (
    DEBIAN_VERSION,
    PythonUnavailable,
    debian_interpreter,
    find_interpreter,
    unpacked_debian_python,
)

from scripts import runtime_python
from tests.support.availability import unavailable

pytestmark = pytest.mark.timeout(300)  # packages may have to be downloaded first

OWN_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_the_running_python_serves_for_its_own_version() -> None:
    interpreter = find_interpreter(OWN_VERSION)

    assert interpreter.command == (sys.executable,)
    assert interpreter.version.startswith(f"{OWN_VERSION}.")


def test_a_program_that_is_not_such_a_python_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho not installed >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PythonUnavailable, match=r"python3\.99 is needed"):
        find_interpreter("3.99")


def test_debians_python_runs_where_it_is_unpacked() -> None:
    try:
        root = unpacked_debian_python()
    except PythonUnavailable as error:
        unavailable(str(error))

    interpreter = debian_interpreter(root)
    told = interpreter.run("-I", "-c", "import asyncio, ssl, sys, zoneinfo; print(sys.prefix)")

    assert re.fullmatch(rf"{re.escape(DEBIAN_VERSION)}\.\d+", interpreter.version)
    assert told.stdout.strip() == str(root / "usr"), told.stderr


def test_what_cannot_be_downloaded_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(runtime_python, "DEBIAN_CACHE", tmp_path / "debian")

    with pytest.raises(PythonUnavailable, match="cannot be downloaded"):
        unpacked_debian_python(tmp_path / "python")

    assert not (tmp_path / "python").exists()
