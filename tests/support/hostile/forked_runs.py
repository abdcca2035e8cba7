"""Runs a module on one file after another, each time in a separate process.

The other end is a module with a main program that calls :func:`serve`: it imports the product once, then
forks for each file, so that one file's memory is not taken for another's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class ForkedRuns:
    """Runs a module on files. Use it as a context manager."""

    def __init__(self, folder: Path, module: str) -> None:
        self._file = folder / "upload"
        temporary = folder / "temporary"
        temporary.mkdir()
        root = Path(__file__).parents[3]
        # Measuring coverage would take its share of the time and the memory.
        inherited = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
        environment = inherited | {
            "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root))),
            "TMPDIR": str(temporary),
        }
        self._server = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate(timeout=30)

    def run(self, content: bytes) -> dict[str, Any]:
        """Return the module's result for a file of these bytes; only ``crash`` if its process is gone."""
        self._file.write_bytes(content)
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(str(self._file).encode() + b"\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, "the running process is gone"
        found: dict[str, Any] = json.loads(answer)
        return found


def serve(answer: Callable[[Path], Mapping[str, Any]]) -> None:
    """Handle each requested path in a fork of this process."""
    for line in sys.stdin.buffer:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            found = answer(Path(line.decode().rstrip("\n")))
            with os.fdopen(writer, "wb") as output:
                output.write(json.dumps(found).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as output:
            written = output.read()
        _, status = os.waitpid(child, 0)
        if not written:
            written = json.dumps({"crash": f"the process ended with status {status}"}).encode()
        sys.stdout.buffer.write(written + b"\n")
        sys.stdout.buffer.flush()
