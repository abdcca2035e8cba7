"""Servers on loopback that behave like a failing service."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from unittest.mock import patch

Behaviour = Callable[[socket.socket], None]
"""Handles a connection before it is left open."""


def stay_silent(_: socket.socket) -> None:
    """Never answer."""


def stop_in_the_head(connection: socket.socket) -> None:
    """Start a response, and stop before its head is complete."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: ")


def stop_in_the_body(connection: socket.socket) -> None:
    """Promise a body, and send half of it."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(500))


def drip_the_head(connection: socket.socket) -> None:
    """Send the head of a response byte by byte, forever."""
    connection.recv(65536)
    _drip(connection, b"HTTP/1.1 200 OK\r\nX-Filler: ")


def drip_the_body(connection: socket.socket) -> None:
    """Promise a body, and send it byte by byte."""
    connection.recv(65536)
    _drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")


def _drip(connection: socket.socket, beginning: bytes) -> None:
    with suppress(OSError):
        connection.sendall(beginning)
        while True:
            connection.sendall(b" ")
            time.sleep(0.1)


def fail(connection: socket.socket) -> None:
    """Answer every request with an error."""
    with suppress(OSError):
        while connection.recv(65536):
            connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def server(behaviour: Behaviour) -> Iterator[str]:
    """Run a server that accepts all connections and handles them with this. Yields its URL."""
    connections: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threading.Thread(target=behaviour, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


@contextmanager
def deaf_server() -> Iterator[str]:
    """Run a server that neither accepts nor refuses connections. Yields its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        # The backlog is full; on loopback, further connections are silently dropped.
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for client in waiting:
            client.close()


@contextmanager
def nameless_server() -> Iterator[str]:
    """Return the URL of a server whose name cannot be resolved."""
    failure = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    with patch("socket.getaddrinfo", side_effect=failure):
        yield "http://aws.invalid"
