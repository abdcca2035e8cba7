"""Runs a confined program: no shell, input, inherited environment or files; resource limits; a deadline."""

import contextlib
import os
import secrets
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from adapters.imagemagick.descendants import RUN_VARIABLE, adopt_orphans, end_descendants

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
    """The size of a file that it writes: ImageMagick 7 lists some TIFFs' directories in a temporary one."""
    output_bytes: PositiveInt = 4096
    """The size of its output, which is normally about a hundred bytes."""
    timeout_s: PositiveFloat = 60.0
    """Wall-clock time, which only stops a program that waits; ``cpu_s`` limits one that computes."""


_PIPE_BYTES = 64 * 1024


class ProcessTimedOut(Exception):
    """The program did not end before its deadline and was killed.

    ``was_waiting`` says that it was sleeping. Otherwise it was running or waiting for a processor or a
    disk, so the machine was too slow.
    """

    def __init__(self, *, was_waiting: bool) -> None:
        super().__init__()
        self.was_waiting = was_waiting


class OutputTooLong(Exception):
    """The program printed more than its limit and was killed."""


class ConfinedProcess:
    """One run of a program, started at once. As a context manager, it leaves no process behind.

    The limits are set on the running child with ``prlimit`` rather than by code between fork and exec,
    which is unsafe in a process with threads and would rule out vfork. At that time the program is still
    being loaded, milliseconds before it opens its input.
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
        self._limits = limits
        self._run = secrets.token_hex(16)
        adopt_orphans()
        self._process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, RUN_VARIABLE: self._run},
            cwd=directory,
            close_fds=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self._output = self._process.stdout
        try:
            _limit(self._process.pid, limits)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._output.close()

    def output(self) -> tuple[int, bytes]:
        """Wait for the program and return its exit code, negative for a signal, and its output.

        Does not wait for processes that it has left running. Raises :class:`ProcessTimedOut` or
        :class:`OutputTooLong`.
        """
        deadline = time.monotonic() + self._limits.timeout_s
        try:
            written = self._read_output(deadline)
            return self._process.wait(timeout=max(deadline - time.monotonic(), 0)), written
        except (TimeoutError, subprocess.TimeoutExpired):
            raise ProcessTimedOut(was_waiting=_is_waiting(self._process.pid)) from None

    def _read_output(self, deadline: float) -> bytes:
        """Read what is written until the program ends.

        If its end cannot be awaited, read until no process is left that could write.
        """
        written = bytearray()
        os.set_blocking(self._output.fileno(), False)
        with ExitStack() as stack:
            selector = stack.enter_context(selectors.PollSelector())
            selector.register(self._output, selectors.EVENT_READ)
            with contextlib.suppress(AttributeError, OSError):  # not Linux, or a kernel before 5.3
                end = os.pidfd_open(self._process.pid)
                stack.callback(os.close, end)
                selector.register(end, selectors.EVENT_READ)
            while selector.get_map():
                ready = [key.fileobj for key, _ in selector.select(max(deadline - time.monotonic(), 0))]
                if not ready:
                    raise TimeoutError
                if self._output in ready and not self._read_available(written):
                    selector.unregister(self._output)
                if ready != [self._output]:
                    # It has ended; what it wrote since the last read is in the pipe.
                    self._read_available(written)
                    break
        return bytes(written)

    def _read_available(self, written: bytearray) -> bool:
        """Add what can be read now. Returns whether there may be more later."""
        while True:
            try:
                block = os.read(self._output.fileno(), _PIPE_BYTES)
            except BlockingIOError:
                return True
            if not block:
                return False
            written += block
            if len(written) > self._limits.output_bytes:
                raise OutputTooLong

    def _kill(self) -> None:
        """Kill and reap the program and all processes that it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        end_descendants(self._run, self._process.pid)


def _is_waiting(pid: int) -> bool:
    """Whether a process sleeps, rather than runs or waits for a processor or a disk (proc(5), state)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2].startswith("S")
    except OSError:  # not Linux
        return True


def _limit(pid: int, limits: ProcessLimits) -> None:
    """Set the limits of a child from outside, which only Linux can."""
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
