"""Runs a program confined: no shell, input, inherited environment or files; resource limits; a deadline."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import PositiveFloat, PositiveInt

try:
    import resource
except ImportError:  # pragma: no cover - not a Unix
    resource = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one run of the program may use."""

    address_space_bytes: PositiveInt = 768 * 1024 * 1024
    cpu_s: PositiveInt = 5
    open_files: PositiveInt = 64
    file_bytes: PositiveInt = 16 * 1024 * 1024
    """Of a file that it writes: ImageMagick 7 lists some TIFFs' directories in a temporary one."""
    timeout_s: PositiveFloat = 10.0


class ProcessTimedOut(Exception):
    """The program did not end before its deadline and was killed."""


class ConfinedProcess:
    """One run of a program, started at once. As a context manager it never outlives its block.

    The limits are put on the running child with ``prlimit`` rather than by code between fork and
    exec, which is unsafe in a process with threads and would rule out vfork. The program is still
    being loaded at that time, milliseconds before it opens its input.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        directory: Path,
        limits: ProcessLimits,
    ) -> None:
        """Start the program in ``directory``. Raises :class:`OSError` if that is impossible."""
        self._timeout_s = limits.timeout_s
        self._process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=directory,
            close_fds=True,
            start_new_session=True,
        )
        try:
            _limit(self._process.pid, limits)
        except BaseException:
            self._kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._kill()

    def output(self) -> tuple[int, bytes]:
        """Wait for the end: the exit code, negative for a signal, and what was written.

        Raises :class:`ProcessTimedOut`.
        """
        try:
            written, _ = self._process.communicate(timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            self._kill()
            raise ProcessTimedOut from None
        return self._process.returncode, written

    def _kill(self) -> None:
        """Kill the whole process group, which its session makes it the leader of, and reap it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def _limit(pid: int, limits: ProcessLimits) -> None:
    """Set the limits of a child. Only Linux can do this from outside."""
    if not hasattr(resource, "prlimit"):  # pragma: no cover - development on another Unix
        return
    try:
        for kind, value in (
            (resource.RLIMIT_AS, limits.address_space_bytes),
            (resource.RLIMIT_CPU, limits.cpu_s),
            (resource.RLIMIT_NOFILE, limits.open_files),
            (resource.RLIMIT_FSIZE, limits.file_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.prlimit(pid, kind, (value, value))
    except ProcessLookupError:
        # It has ended already.
        return
