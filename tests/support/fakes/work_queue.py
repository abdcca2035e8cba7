"""Queues in memory."""

from collections.abc import Callable

from domain.images.model import ImageRef
from domain.images.work import Work


class InMemoryWorkQueue:
    """Holds what was sent, oldest first."""

    def __init__(self, before_request: Callable[[str], None] = lambda _: None) -> None:
        self.sent: list[Work] = []
        self._before_request = before_request

    def send(self, work: Work) -> None:
        self._before_request("send")
        self.sent.append(work)


class InMemoryRenderQueue:
    """Holds what was sent, oldest first."""

    def __init__(self) -> None:
        self.sent: list[ImageRef] = []

    def send(self, ref: ImageRef) -> None:
        self.sent.append(ref)
