"""Keeps the calls of an AWS client within the deadline of the request that they are made for."""

import os
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from adapters.request_deadline import RequestDeadline

_SHORTEST_S = 0.5
"""What is not worth an attempt any more."""


class OutOfTime(BotoCoreError):
    """The request's time is over, or too short for another attempt."""

    fmt = "The time for this request is over."


def keep_deadline(
    client: Any, deadline: RequestDeadline, *, connect_timeout_s: float, read_timeout_s: float
) -> None:
    """Let no attempt of the client go on beyond the deadline.

    The timeouts are those of the client's own configuration. What is not answered in time raises
    :class:`OutOfTime` or, as an attempt that failed for good, another BotoCoreError.
    """
    keeper = _DeadlineKeeper(deadline, connect_timeout_s, read_timeout_s)
    client.meta.events.register_first("before-send", keeper.before_send)
    client.meta.events.register_first("needs-retry", keeper.before_retry)


class _DeadlineKeeper:
    """Takes part in every attempt, through botocore's events."""

    def __init__(self, deadline: RequestDeadline, connect_timeout_s: float, read_timeout_s: float) -> None:
        self._deadline = deadline
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s

    def before_send(self, request: Any, **_: Any) -> Any:
        """Send the request here if the client's own timeouts are longer than what is left."""
        remaining_s = self._deadline.remaining_s()
        if remaining_s >= self._connect_timeout_s + self._read_timeout_s:
            return None
        if remaining_s < _SHORTEST_S:
            raise OutOfTime
        connect_s = min(self._connect_timeout_s, remaining_s / 2)
        session = URLLib3Session(
            verify=os.environ.get("AWS_CA_BUNDLE") or True,  # type: ignore[arg-type]  # or a path
            proxies=get_environ_proxies(request.url),
            timeout=(connect_s, remaining_s - connect_s),  # type: ignore[arg-type]  # or two of them
        )
        return session.send(request)

    def before_retry(self, response: Any, caught_exception: Exception | None, **_: Any) -> None:
        """Give up where a failed attempt leaves no time for another one."""
        has_failed = caught_exception is not None or response[0].status_code >= 500
        if has_failed and self._deadline.remaining_s() < _SHORTEST_S:
            raise OutOfTime from caught_exception
