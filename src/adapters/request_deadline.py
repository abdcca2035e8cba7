"""The time limit that all work for a request shares."""

import math
import time
from collections.abc import Callable


class RequestDeadline:
    """The time left for the request or batch that this process handles.

    A function's process handles one of these at a time. Before :meth:`begin`, the time is unlimited.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = math.inf

    def begin(self, remaining_s: float) -> None:
        """Start the time limit of a request, in seconds."""
        self._ends_at = self._clock() + remaining_s

    def remaining_s(self) -> float:
        """Return the remaining seconds, at least 0."""
        return max(self._ends_at - self._clock(), 0)
