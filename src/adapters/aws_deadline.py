"""Limits the calls of an AWS client to the deadline of the current request."""

import io
import socket
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.exceptions import BotoCoreError

from adapters.request_deadline import RequestDeadline

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_SHORTEST_S = 0.5
"""The least remaining time in which to begin an attempt."""


class OutOfTime(BotoCoreError):
    """The remaining time of the request is too short for another attempt."""

    fmt = "The time for this request has run out."


def keep_deadline(client: Any, deadline: RequestDeadline) -> None:
    """End each attempt of the client at the deadline, however slowly the response arrives.

    The client's own timeouts still apply: to connecting, and to waiting without receiving anything. A call
    without a response in time raises :class:`OutOfTime` or, if its last attempt failed, another
    BotoCoreError. Reading a body raises the same.
    """
    keeper = _DeadlineKeeper(deadline)
    client.meta.events.register_first("before-send", keeper.before_send)
    client.meta.events.register_first("needs-retry", keeper.before_retry)
    # botocore has no setting for the class of its connections.
    client._endpoint.http_session._pool_classes_by_scheme.update(_connection_pools(deadline))  # noqa: SLF001


class _DeadlineKeeper:
    """Handles botocore's events of every attempt."""

    def __init__(self, deadline: RequestDeadline) -> None:
        self._deadline = deadline

    def before_send(self, **_: Any) -> None:
        """Refuse to send a request that could not finish."""
        if self._deadline.remaining_s() < _SHORTEST_S:
            raise OutOfTime

    def before_retry(self, response: Any, caught_exception: Exception | None, **_: Any) -> None:
        """Give up if a failed attempt leaves no time for another one."""
        has_failed = caught_exception is not None or response[0].status_code >= 500
        if has_failed and self._deadline.remaining_s() < _SHORTEST_S:
            raise OutOfTime from caught_exception


def _connection_pools(deadline: RequestDeadline) -> dict[str, type]:
    """Create connection pools, by URL scheme, whose connections keep the deadline."""
    return {
        "http": _pool(AWSHTTPConnectionPool, AWSHTTPConnection, deadline),
        "https": _pool(AWSHTTPSConnectionPool, AWSHTTPSConnection, deadline),
    }


def _pool(pool: type, connection: type, deadline: RequestDeadline) -> type:
    timed = type("TimedConnection", (_TimedConnection, connection), {"deadline_of_request": deadline})
    return type("TimedConnectionPool", (pool,), {"ConnectionCls": timed})


class _TimedConnection:
    """Mixed into botocore's connections."""

    deadline_of_request: RequestDeadline
    timeout: float
    sock: Any

    def connect(self) -> None:
        # Half of the remaining time is reserved for the response.
        self.timeout = min(self.timeout, self.deadline_of_request.remaining_s() / 2)
        super().connect()  # type: ignore[misc]  # of the connection that this is added to
        self.sock = _TimedSocket(self.sock, self.deadline_of_request)


class _TimedSocket:
    """A socket that can be read until the deadline."""

    def __init__(self, connected: socket.socket, deadline: RequestDeadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)

    def makefile(self, _mode: str, buffering: int = -1) -> io.RawIOBase | io.BufferedReader:
        reader = _TimedReader(self._connected, self._deadline)
        return reader if buffering == 0 else io.BufferedReader(reader)


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the deadline.

    The socket's own timeout is not enough, because it starts again with every byte.
    """

    def __init__(self, connected: socket.socket, deadline: RequestDeadline) -> None:
        super().__init__()
        self._connected = connected
        self._deadline = deadline
        self._source = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        remaining_s = self._deadline.remaining_s()
        if not remaining_s:
            raise TimeoutError(OutOfTime.fmt)
        timeout_s = self._connected.gettimeout()
        if timeout_s is None or remaining_s < timeout_s:
            self._connected.settimeout(remaining_s)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()
