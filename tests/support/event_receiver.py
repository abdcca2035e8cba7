"""A program that receives events over HTTP, as a developer or a customer would write it."""

import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class ReceivedRequest:
    """One request, regardless of its response."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class EventReceiver:
    """Listens on loopback, records requests, and responds with the next of ``statuses``, or else 204."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[ReceivedRequest] = []
        self.statuses: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        host, port = ("localhost", self._server.server_port) if tls else self._server.server_address[:2]
        self.url = f"http{'s' if tls else ''}://{host!s}:{port}/events?from=images"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "EventReceiver":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def await_requests(self, count: int, patience_s: float = 30) -> list[ReceivedRequest]:
        """Wait until this many have arrived."""
        deadline = time.monotonic() + patience_s
        while len(self.requests) < count and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        return self.requests


def _handler(receiver: EventReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = ReceivedRequest(self.command, self.path, dict(self.headers.items()), body)
            status = receiver.statuses.pop(0) if receiver.statuses else 204
            receiver.requests.append(request)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    return Handler
