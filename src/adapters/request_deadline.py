"""The one time limit that everything done for a request shares."""

import math
import time
from collections.abc import Callable


class RequestDeadline:
    """Tells how much time is left for the request, or the batch, that this process deals with.

    A function's process deals with one at a time. Before :meth:`begin`, there is time without end.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = math.inf

    def begin(self, remaining_s: float) -> None:
        """Give the request at hand this many seconds from now."""
        self._ends_at = self._clock() + remaining_s

    def remaining_s(self) -> float:
        """Seconds that are left; none are less than 0."""
        return max(self._ends_at - self._clock(), 0)
