"""Inspects files in processes of their own and measures what each inspection costs and leaves behind.

``python -m tests.support.hostile.inspection`` is the other end of :class:`MeasuredInspector`: it
imports the product once, then forks for each file, so that one file's memory is not taken for another's.
"""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

SMALL_UPLOAD_BYTES = 4 * 1024 * 1024
"""Larger files are read from disk, as they are in the product."""


@dataclass(frozen=True)
class Inspection:
    """What came of one file. Exactly one of ``document``, ``code`` and ``crash`` is not ``None``."""

    document: dict[str, Any] | None
    code: str | None
    crash: str | None
    seconds: float
    """By the clock."""
    cpu_seconds: float
    """Of the process and its children together: what a busy machine does not change."""
    peak_bytes: int
    """The peak of the process and that of its largest child together."""
    left_behind: list[str]
    """Temporary files, open file descriptors and child processes that are still there."""


class MeasuredInspector:
    """Inspects files by the product's rule, one process each. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "upload"
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        root = Path(__file__).parents[3]
        # Measuring coverage would take its share of the time and the memory.
        inherited = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
        environment = inherited | {
            "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root))),
            "TMPDIR": str(self._temporary),
        }
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.hostile.inspection"],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> "MeasuredInspector":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate(timeout=30)

    def inspect(self, content: bytes) -> Inspection:
        """Inspect one file."""
        self._file.write_bytes(content)
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(str(self._file).encode() + b"\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, "the inspecting process is gone"
        return Inspection(**json.loads(answer))


def _open(path: Path) -> BinaryIO:
    if path.stat().st_size <= SMALL_UPLOAD_BYTES:
        return io.BytesIO(path.read_bytes())
    return path.open("rb")


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _inspect(path: Path) -> Inspection:
    from domain.shared.errors import DomainError
    from tests.support.hostile.product import inspector

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


def _serve() -> None:
    from tests.support.hostile import product

    product.inspector()
    for line in sys.stdin.buffer:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            inspection = _inspect(Path(line.decode().rstrip("\n")))
            with os.fdopen(writer, "wb") as output:
                output.write(json.dumps(inspection.__dict__).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as output:
            answer = output.read()
        _, status = os.waitpid(child, 0)
        if not answer:
            crash = f"the process ended with status {status}"
            answer = json.dumps(Inspection(None, None, crash, 0, 0, 0, []).__dict__).encode()
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
