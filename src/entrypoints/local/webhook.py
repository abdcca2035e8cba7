"""Posts events to the developer's program, as an API destination of EventBridge does.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import asyncio
import http.client
import ipaddress
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 5
"""The time after which EventBridge stops waiting for a response."""
HEADERS = {
    "Accept-Encoding": "gzip,deflate",
    "Connection": "close",
    "Content-Type": "application/json; charset=utf-8",
    "Range": "bytes=0-1048575",
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
}
"""The headers that EventBridge sends besides the one with the secret."""
_PASSING_STATUSES = {401, 407, 409, 429}
"""The statuses besides 5xx after which EventBridge retries."""
_DEFAULT_PORT = 80
_THREADS = ThreadPoolExecutor(10)
"""Separate threads, so that nothing else waits for the developer's program."""


class NotOnLoopback(ValueError):
    """The URL is invalid or not on this machine; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL on this machine. Unlike EventBridge, which retries for a day, it gives up after seconds."""

    host: str
    port: int
    target: str
    """The path with the query."""
    pauses_s: tuple[float, ...] = (1, 2)
    """The pause before each retry."""

    @classmethod
    def at(cls, url: str) -> "Webhook":
        """Parse the URL of a webhook. Raises NotOnLoopback."""
        refused = NotOnLoopback(
            f"WEBHOOK_URL is {url!r}. Events are posted only to this machine: "
            "set http://127.0.0.1:PORT/PATH."
        )
        try:
            split = urlsplit(url)
            host, port = split.hostname or "", split.port or _DEFAULT_PORT
        except ValueError as error:
            raise refused from error
        is_plain = url.isascii() and url.isprintable() and " " not in url
        if split.scheme != "http" or split.username is not None or not is_plain or not _is_loopback(host):
            raise refused
        query = f"?{split.query}" if split.query else ""
        return cls(host, port, f"{split.path or '/'}{query}")

    async def post(self, event: str, stopped: asyncio.Event) -> bool:
        """Post an event, in EventBridge's JSON, until it is accepted or the last attempt fails.

        Returns false if ``stopped`` is set before that.
        """
        loop = asyncio.get_running_loop()
        pauses_s = list(self.pauses_s)
        while failure := await loop.run_in_executor(_THREADS, self._try, event):
            if not failure.may_pass or not pauses_s:
                print(
                    f"warning: an event could not be posted: {failure.reason}", file=sys.stderr, flush=True
                )
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pauses_s.pop(0))
                return False
        return True

    def _try(self, event: str) -> "_Failure | None":
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self.target, event.encode(), HEADERS)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return _Failure(f"{self.host}:{self.port}: {error!r}", may_pass=True)
        finally:
            connection.close()
        if http.client.OK <= status < http.client.MULTIPLE_CHOICES:
            return None
        may_pass = status in _PASSING_STATUSES or status >= http.client.INTERNAL_SERVER_ERROR
        return _Failure(f"the response was {status}", may_pass)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt failed."""

    reason: str
    may_pass: bool


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
