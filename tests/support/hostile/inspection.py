"""Inspects files in separate processes and measures what each inspection costs and leaves behind.

``python -m tests.support.hostile.inspection`` is the other end of :class:`MeasuredInspector`.
"""

import io
import json
import os
import resource
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from domain.shared.errors import DomainError
from tests.support.hostile.forked_runs import ForkedRuns, serve
from tests.support.hostile.product import inspector

SMALL_UPLOAD_BYTES = 4 * 1024 * 1024
"""Larger files are read from disk, as they are in the product."""


@dataclass(frozen=True)
class Inspection:
    """The outcome for one file. Exactly one of ``document``, ``code`` and ``crash`` is not ``None``."""

    document: dict[str, Any] | None
    code: str | None
    crash: str | None
    seconds: float
    """Wall-clock time."""
    cpu_seconds: float
    """Processor time of the process and its children, which does not depend on other load."""
    peak_bytes: int
    """The sum of the peaks of the process and of its largest child."""
    left_behind: list[str]
    """Temporary files, open file descriptors and child processes that are still there."""


class MeasuredInspector(ForkedRuns):
    """Inspects files by the product's rule, one process each. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "tests.support.hostile.inspection")

    def inspect(self, content: bytes) -> Inspection:
        """Inspect one file."""
        nothing = Inspection(None, None, None, 0, 0, 0, [])
        return replace(nothing, **self.run(content))


def _open(path: Path) -> BinaryIO:
    if path.stat().st_size <= SMALL_UPLOAD_BYTES:
        return io.BytesIO(path.read_bytes())
    return path.open("rb")


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _inspect(path: Path) -> Inspection:
    document = code = crash = None
    before = _descriptors()
    with _open(path) as content:
        started, cpu_started = time.perf_counter(), _cpu_seconds()
        try:
            document = json.loads(inspector().inspect(content).document.to_json())
        except DomainError as error:
            code = error.code
        except Exception as error:
            crash = repr(error)
        seconds, cpu_seconds = time.perf_counter() - started, _cpu_seconds() - cpu_started
    left_behind = [f"file {entry.name}" for entry in Path(tempfile.gettempdir()).iterdir()]
    left_behind += [f"{_descriptors() - before} file descriptors"] if _descriptors() != before else []
    with suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
        left_behind.append("a child process")
    peak_bytes = _peak_bytes(resource.RUSAGE_SELF) + _peak_bytes(resource.RUSAGE_CHILDREN)
    return Inspection(document, code, crash, seconds, cpu_seconds, peak_bytes, left_behind)


def _peak_bytes(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * 1024


def _cpu_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    inspector()
    serve(lambda path: _inspect(path).__dict__)
