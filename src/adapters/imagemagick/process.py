"""Runs a program confined: no shell, input, inherited environment or files; resource limits; a deadline."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

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
    file_bytes: NonNegativeInt = 16 * 1024 * 1024
    """Of a file that it writes: ImageMagick 7 lists some TIFFs' directories in a temporary one."""
    timeout_s: PositiveFloat = 10.0


_PIPE_BYTES = 64 * 1024


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
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self._output = self._process.stdout
        try:
            _limit(self._process.pid, limits)
        except BaseException:
            self._kill()
            self._output.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._kill()
        self._output.close()

    def output(self) -> tuple[int, bytes]:
        """Wait for the end: the exit code, negative for a signal, and what was written.

        Raises :class:`ProcessTimedOut`.
        """
        deadline = time.monotonic() + self._timeout_s
        try:
            written = self._read_output(deadline)
            return self._wait(deadline), written
        except (subprocess.TimeoutExpired, ProcessTimedOut):
            self._kill()
            raise ProcessTimedOut from None

    def _read_output(self, deadline: float) -> bytes:
        written = bytearray()
        with selectors.PollSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while selector.select(max(deadline - time.monotonic(), 0)):
                if not (block := os.read(self._output.fileno(), _PIPE_BYTES)):
                    return bytes(written)
                written += block
        raise ProcessTimedOut

    def _wait(self, deadline: float) -> int:
        """The exit code. Waits on a descriptor of the process: Popen's own wait sleeps between looks."""
        with contextlib.suppress(AttributeError, OSError):  # not Linux, or a kernel before 5.3
            descriptor = os.pidfd_open(self._process.pid)
            try:
                with selectors.PollSelector() as selector:
                    selector.register(descriptor, selectors.EVENT_READ)
                    selector.select(max(deadline - time.monotonic(), 0))
            finally:
                os.close(descriptor)
        return self._process.wait(timeout=max(deadline - time.monotonic(), 0))

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
