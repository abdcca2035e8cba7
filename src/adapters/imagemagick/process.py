"""Runs a program confined: no shell, input, inherited environment or files; resource limits; a deadline."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from pydantic import PositiveFloat, PositiveInt

try:
    import resource
except ImportError:  # pragma: no cover - not a Unix
    resource = None  # type: ignore[assignment]

MAX_OUTPUT_BYTES = 64 * 1024
"""What a program may write to its output."""


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
        self._output: IO[bytes] = self._process.stdout  # type: ignore[assignment]  # it is a pipe
        try:
            _limit(self._process.pid, limits)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._kill()
        self._output.close()

    def output(self) -> tuple[int, bytes]:
        """Wait for the end: the exit code, negative for a signal, and what was written.

        Of more than :data:`MAX_OUTPUT_BYTES`, the program is killed. Raises :class:`ProcessTimedOut`.
        """
        deadline = time.monotonic() + self._timeout_s
        written = bytearray()
        descriptor = self._output.fileno()
        while len(written) <= MAX_OUTPUT_BYTES:
            self._wait_for(descriptor, deadline)
            block = os.read(descriptor, MAX_OUTPUT_BYTES + 1)
            if not block:
                return self._exit_code(deadline), bytes(written)
            written += block
        self._kill()
        return self._process.returncode, bytes(written)

    def _exit_code(self, deadline: float) -> int:
        """Wait for the end of a program that has closed its output.

        The wait of the standard library polls with growing pauses, which would add to every run.
        """
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(self._process.pid)
            try:
                self._wait_for(descriptor, deadline)
            finally:
                os.close(descriptor)
        try:
            return self._process.wait(max(deadline - time.monotonic(), 0.001))
        except subprocess.TimeoutExpired:
            self._kill()
            raise ProcessTimedOut from None

    def _wait_for(self, descriptor: int, deadline: float) -> None:
        """Wait until the descriptor can be read. Raises :class:`ProcessTimedOut` after the deadline."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(max(deadline - time.monotonic(), 0) * 1000):
            self._kill()
            raise ProcessTimedOut

    def _kill(self) -> None:
        """Kill the whole process group, which its session makes it the leader of, and reap it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


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
