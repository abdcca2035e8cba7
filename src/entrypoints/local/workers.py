"""Runs the Lambda handlers as Lambda does: in processes of their own, one event at a time each."""

import asyncio
import importlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from uuid import uuid4

HANDLER_MODULES = [
    f"entrypoints.functions.{name}" for name in ("users", "images", "ingest", "events", "triggers")
]
_CONTEXT = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The part of Lambda's context object that handlers may look at."""

    function_name: str
    aws_request_id: str
    invoked_function_arn: str
    memory_limit_in_mb: int = 1024

    def get_remaining_time_in_millis(self) -> int:
        """The time limit is not simulated: always 29 seconds."""
        return 29_000


class HandlerWorkers:
    """A few processes in which any handler can be invoked, with ``environment`` added to ours."""

    def __init__(self, count: int, environment: dict[str, str], log_file: Path) -> None:
        self._count = count
        self._environment = environment
        self._log_file = log_file
        self._pool = self._new_pool()

    @staticmethod
    def preload() -> None:
        """Begin to import the handlers, once for all processes, while the caller does other things."""
        _CONTEXT.set_forkserver_preload(HANDLER_MODULES)
        forkserver.ensure_running()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count,
            mp_context=_CONTEXT,
            initializer=_initialise,
            initargs=(self._environment, self._log_file),
        )

    async def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """The answer of this function's handler, or the exception it raised."""
        pool = self._pool
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, _invoke, function, event)
        except BrokenProcessPool:
            # A handler that kills its process takes down its own environment only, as in Lambda.
            if pool is self._pool:
                self._pool = self._new_pool()
            raise

    def stop(self) -> None:
        """End the processes, after the events that they are at work on."""
        self._pool.shutdown(cancel_futures=True)


def _initialise(environment: dict[str, str], log_file: Path) -> None:
    os.environ.update(environment)
    # Ctrl-C is for the server, which then ends its workers in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _invoke(function: str, event: dict[str, Any]) -> dict[str, Any]:
    handler = importlib.import_module(f"entrypoints.functions.{function}").handler
    context = LambdaContext(
        function, str(uuid4()), f"arn:aws:lambda:local:000000000000:function:{function}"
    )
    answer: dict[str, Any] = handler(event, context)
    return answer
