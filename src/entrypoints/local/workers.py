"""Runs the Lambda handlers as Lambda does: in processes of their own, one event at a time each."""

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

TIME_LIMITS_S = {"users": 20, "images": 29, "web": 10, "ingest": 900, "triggers": 5, "events": 60}
"""The functions, and how long each may take, as Terraform sets it; here, nobody cuts them off."""
HANDLER_MODULES = [f"entrypoints.functions.{name}" for name in TIME_LIMITS_S]

_CONTEXT = multiprocessing.get_context("forkserver")
_SIGNALS_TO_THE_SERVER = (signal.SIGINT, signal.SIGHUP)
"""What a terminal sends to all its processes: the server ends its workers in good order."""
_STOP_TIMEOUT_S = 10


class FunctionFailed(RuntimeError):
    """A handler raised an exception, of which this is the text, or its process ended."""


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The part of Lambda's context object that handlers may look at."""

    function_name: str
    aws_request_id: str
    invoked_function_arn: str
    memory_limit_in_mb: int = 1024
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds of the function's time limit that are left."""
        elapsed_s = time.monotonic() - self.started
        return int((TIME_LIMITS_S[self.function_name] - elapsed_s) * 1000)


class HandlerWorkers:
    """A few processes in which any handler can be invoked, with ``environment`` added to ours."""

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
        """Begin to import the handlers, once for all processes, while the caller does other things."""
        _CONTEXT.set_forkserver_preload(HANDLER_MODULES)
        forkserver.ensure_running()

    @property
    def pids(self) -> list[int]:
        """The processes."""
        return [worker.pid for worker in self._workers]

    async def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """The answer of this function's handler. Raises FunctionFailed.

        A process that ends is replaced, and takes nothing with it but the event that it was at work on.
        """
        worker = await self._idle.get()
        try:
            while not worker.is_alive:
                # It ended while it had nothing to do.
                worker = self._replace(worker)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, worker.ask, function, event)
        finally:
            self._idle.put_nowait(worker)

    def stop(self) -> None:
        """End the processes, after the events that they are at work on."""
        self._threads.shutdown()
        for worker in self._workers:
            worker.stop()

    def _replace(self, worker: "_Worker") -> "_Worker":
        worker.stop()
        new = _Worker(self._environment, self._log_file)
        self._workers[self._workers.index(worker)] = new
        return new


class _Worker:
    """One process, and our end of the pipe to it."""

    def __init__(self, environment: dict[str, str], log_file: Path) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(theirs, environment, log_file), daemon=True)
        self._process.start()
        # Ours is the only other end now: when it closes, for whatever reason, the process ends.
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
        """Have one event dealt with. Raises FunctionFailed."""
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
    """Deal with one event after the other until the other end of the pipe is closed."""
    os.environ.update(environment)
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
        except Exception as error:  # whatever a handler raises, it is the function that failed
            traceback.print_exc()
            answer, failure = None, str(error) or type(error).__name__
        try:
            connection.send((answer, failure))
        except OSError:
            return


class _Log(io.TextIOBase):
    """What the functions print, as far as the disk has room: a line that is lost fails no request."""

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
