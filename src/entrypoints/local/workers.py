"""Runs the Lambda handlers as Lambda does: in separate processes that each handle one event at a time."""

import asyncio
import importlib
import io
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from entrypoints.local.freed_memory import keep_freed_memory

TIME_LIMITS_S = {
    "users": 20,
    "images": 29,
    "web": 10,
    "ingest": 900,
    "render": 120,
    "triggers": 5,
    "events": 60,
}
"""The functions' time limits, as Terraform sets them. They are not enforced here."""
HANDLER_MODULES = [f"entrypoints.functions.{name}" for name in TIME_LIMITS_S]

_CONTEXT = multiprocessing.get_context("forkserver")
_SIGNALS_TO_THE_SERVER = (signal.SIGINT, signal.SIGHUP)
"""Signals that a terminal sends to all its processes. Workers ignore them; the server stops the workers."""
_STOP_TIMEOUT_S = 10


class FunctionFailed(RuntimeError):
    """A handler raised an exception, whose text is the message, or its process ended."""


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The attributes of Lambda's context object that handlers may use."""

    function_name: str
    aws_request_id: str
    invoked_function_arn: str
    memory_limit_in_mb: int = 1024
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining milliseconds of the function's time limit."""
        elapsed_s = time.monotonic() - self.started
        return int((TIME_LIMITS_S[self.function_name] - elapsed_s) * 1000)


class HandlerWorkers:
    """Processes that can invoke any handler, with ``environment`` added to this process's environment."""

    def __init__(self, count: int, environment: dict[str, str], log_file: Path) -> None:
        self._environment = environment
        self._log_file = log_file
        self._workers = [_Worker(environment, log_file) for _ in range(count)]
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._threads = ThreadPoolExecutor(count)

    @staticmethod
    def preload() -> None:
        """Start importing the handlers in the background, once for all worker processes."""
        _CONTEXT.set_forkserver_preload(HANDLER_MODULES)
        forkserver.ensure_running()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [worker.pid for worker in self._workers]

    async def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke this function's handler and return its result. Raises FunctionFailed.

        A process that ends is replaced; only the event that it was handling is lost.
        """
        worker = await self._idle.get()
        try:
            while not worker.is_alive:
                # The process ended while it was idle.
                worker = self._replace(worker)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, worker.ask, function, event)
        finally:
            self._idle.put_nowait(worker)

    def stop(self) -> None:
        """Stop the processes after their current events."""
        self._threads.shutdown()
        for worker in self._workers:
            worker.stop()

    def _replace(self, worker: "_Worker") -> "_Worker":
        worker.stop()
        new = _Worker(self._environment, self._log_file)
        self._workers[self._workers.index(worker)] = new
        return new


class _Worker:
    """A process, and this end of the pipe to it."""

    def __init__(self, environment: dict[str, str], log_file: Path) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(theirs, environment, log_file), daemon=True)
        self._process.start()
        # Now this is the only other end: when it closes for any reason, the process ends.
        theirs.close()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None  # noqa: S101 - it was started
        return pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Handle one event in the process. Raises FunctionFailed."""
        try:
            self._connection.send((function, event))
            answer, failure = self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            raise FunctionFailed("The process of the function ended.") from error
        if failure is not None:
            raise FunctionFailed(failure)
        result: dict[str, Any] = answer
        return result

    def stop(self) -> None:
        self._connection.close()
        self._process.join(_STOP_TIMEOUT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _work(connection: Connection, environment: dict[str, str], log_file: Path) -> None:
    """Handle events one after the other until the other end of the pipe is closed."""
    os.environ.update(environment)
    keep_freed_memory()
    for number in _SIGNALS_TO_THE_SERVER:
        signal.signal(number, signal.SIG_IGN)
    descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout = sys.stderr = _Log(sys.stdout)
    while True:
        try:
            function, event = connection.recv()
        except EOFError:
            return
        try:
            answer, failure = _handler(function)(event, _context(function)), None
        except Exception as error:  # any exception is a failure of the function
            traceback.print_exc()
            answer, failure = None, str(error) or type(error).__name__
        try:
            connection.send((answer, failure))
        except OSError:
            return


class _Log(io.TextIOBase):
    """A stream for the functions' output. If the disk is full, lines are lost, but no request fails."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
        return len(text)


def _handler(function: str) -> Callable[[dict[str, Any], LambdaContext], dict[str, Any]]:
    handler: Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
    handler = importlib.import_module(f"entrypoints.functions.{function}").handler
    return handler


def _context(function: str) -> LambdaContext:
    return LambdaContext(function, str(uuid4()), f"arn:aws:lambda:local:000000000000:function:{function}")
