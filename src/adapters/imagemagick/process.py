"""Runs a confined program: no shell, input, inherited environment or files; resource limits; a deadline."""

import contextlib
import os
import secrets
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

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
    """The size of a file that it writes; ImageMagick 7 lists some TIFFs' directories in one."""
    output_bytes: PositiveInt = 4096
    """The size of its output, which is normally about a hundred bytes."""
    timeout_s: PositiveFloat = 60.0
    """Wall-clock time, which stops a program that waits; ``cpu_s`` limits one that computes."""


_PIPE_BYTES = 64 * 1024
_ERROR_BYTES = 4096
"""How many bytes of its standard error are kept."""


class ProcessTimedOut(Exception):
    """The program did not end before its deadline and was killed.

    ``was_waiting`` means that it was sleeping. Otherwise it was running or waiting for a processor or a
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
        keep_errors: bool = False,
    ) -> None:
        """Start the program in ``directory``. Raises :class:`OSError` if that is impossible.

        With ``keep_errors``, :attr:`errors` has its standard error.
        """
        self._limits = limits
        self._run = secrets.token_hex(16)
        adopt_orphans()
        self._process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if keep_errors else subprocess.DEVNULL,
            env={**environment, RUN_VARIABLE: self._run},
            cwd=directory,
            close_fds=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self._output = self._process.stdout
        self._error_pipe = self._process.stderr
        self._written_bytes = 0
        self._error_text = bytearray()
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
        if self._error_pipe:
            self._error_pipe.close()

    @property
    def errors(self) -> str:
        """The beginning of what the program has printed to standard error so far."""
        return self._error_text.decode("utf-8", "replace").strip()

    def output(self) -> tuple[int, bytes]:
        """Wait for the program and return its exit code, negative for a signal, and its output.

        Does not wait for processes that it has left running. Raises :class:`ProcessTimedOut` or
        :class:`OutputTooLong`.
        """
        written = b"".join(self.blocks())
        return self.exit_code, written

    @property
    def exit_code(self) -> int:
        """The exit code of the program once it has ended, negative for a signal."""
        return self._process.returncode

    def blocks(self) -> Iterator[bytes]:
        """Yield the output as it is written, until the program ends. Raises the same as :meth:`output`."""
        deadline = time.monotonic() + self._limits.timeout_s
        try:
            yield from self._written_blocks(deadline)
            self._process.wait(timeout=max(deadline - time.monotonic(), 0))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise ProcessTimedOut(was_waiting=_is_waiting(self._process.pid)) from None

    def _written_blocks(self, deadline: float) -> Iterator[bytes]:
        """Read what is written until the program ends.

        If its end cannot be awaited, read until no process is left that could write.
        """
        pipes = [pipe for pipe in (self._output, self._error_pipe) if pipe]
        with ExitStack() as stack:
            selector = stack.enter_context(selectors.PollSelector())
            for pipe in pipes:
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            end = None
            with contextlib.suppress(AttributeError, OSError):  # not Linux, or a kernel before 5.3
                end = os.pidfd_open(self._process.pid)
                stack.callback(os.close, end)
                selector.register(end, selectors.EVENT_READ)
            while selector.get_map():
                ready = [key.fileobj for key, _ in selector.select(max(deadline - time.monotonic(), 0))]
                if not ready:
                    raise TimeoutError
                # Once it has ended, everything that it wrote since the last read is in the pipes.
                has_ended = end in ready
                for pipe in pipes:
                    if not has_ended and pipe not in ready:
                        continue
                    block, may_be_more = self._available(pipe)
                    if block:
                        yield block
                    if not may_be_more and not has_ended:
                        selector.unregister(pipe)
                if has_ended:
                    break

    def _available(self, pipe: IO[bytes]) -> tuple[bytes, bool]:
        """Return the output that can be read now, and whether there may be more in the pipe later."""
        written = bytearray()
        while True:
            try:
                block = os.read(pipe.fileno(), _PIPE_BYTES)
            except BlockingIOError:
                return bytes(written), True
            if not block:
                return bytes(written), False
            if pipe is self._error_pipe:
                self._error_text += block[: _ERROR_BYTES - len(self._error_text)]
                continue
            written += block
            self._written_bytes += len(block)
            if self._written_bytes > self._limits.output_bytes:
                raise OutputTooLong

    def _kill(self) -> None:
        """Kill and reap the program and all processes that it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        end_descendants(self._run, self._process.pid)


def _is_waiting(pid: int) -> bool:
    """Tell whether a process sleeps, instead of running or waiting for a processor or disk (proc(5))."""
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
