"""Lambda's Runtime API, from which a function's process takes its events.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from entrypoints.local.emulator import HOST, REGION

_VERSION = "/2018-06-01/runtime"


class InvocationFailed(RuntimeError):
    """The handler raised an exception; ``error`` is what the runtime client reports about it."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('errorType')}: {error.get('errorMessage')}")
        self.error = error


@dataclass
class _Invocation:
    event: Any
    deadline_ms: int
    request_id: str = field(default_factory=lambda: str(uuid4()))
    answer: "Future[Any]" = field(default_factory=Future)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A function that is stopped says nothing more.
        if not isinstance(sys.exception(), ConnectionResetError):
            super().handle_error(request, client_address)


class RuntimeApi:
    """The API for one function, at ``address``; as a context manager it is served within the block."""

    def __init__(self, function_name: str) -> None:
        self._arn = f"arn:aws:lambda:{REGION}:000000000000:function:{function_name}"
        self._waiting: queue.Queue[_Invocation | None] = queue.Queue()
        self._under_way: dict[str, _Invocation] = {}
        self._failure: Exception | None = None
        self.initialised: Future[float] = Future()
        """When, by ``time.perf_counter``, it asked for its first event; or what kept it from that."""
        self._server = _Server((HOST, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"{HOST}:{self._server.server_port}"

    def __enter__(self) -> "RuntimeApi":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def invoke(self, event: Any, time_limit_s: float) -> Any:
        """The handler's answer to the event.

        Raises InvocationFailed, TimeoutError after the time limit, or what the function failed with.
        """
        if self._failure is not None:
            raise self._failure
        invocation = _Invocation(event, int((time.time() + time_limit_s) * 1000))
        self._under_way[invocation.request_id] = invocation
        self._waiting.put(invocation)
        return invocation.answer.result(time_limit_s)

    def fail(self, error: Exception) -> None:
        """Notify present and future waiters that the function does not respond any more."""
        self._failure = error
        for waited in [self.initialised, *(invocation.answer for invocation in self._under_way.values())]:
            if not waited.done():
                waited.set_exception(error)

    def _next(self) -> _Invocation | None:
        if not self.initialised.done():
            self.initialised.set_result(time.perf_counter())
        return self._waiting.get()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert self.path == f"{_VERSION}/invocation/next", self.path
                invocation = api._next()
                if invocation is None:
                    self.close_connection = True
                    return
                self._answer(
                    HTTPStatus.OK,
                    json.dumps(invocation.event).encode(),
                    {
                        "Content-Type": "application/json",
                        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                        "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                        "Lambda-Runtime-Invoked-Function-Arn": api._arn,
                        "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
                    },
                )

            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == f"{_VERSION}/init/error":
                    api.initialised.set_exception(InvocationFailed(told))
                else:
                    request_id, outcome = self.path.removeprefix(f"{_VERSION}/invocation/").split("/")
                    answer = api._under_way.pop(request_id).answer
                    if outcome == "error":
                        answer.set_exception(InvocationFailed(told))
                    else:
                        answer.set_result(told)
                self._answer(HTTPStatus.ACCEPTED, b'{"status": "OK"}', {})

            def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler
