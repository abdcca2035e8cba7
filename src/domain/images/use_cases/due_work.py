"""Queues work that was not finished in time."""

from dataclasses import dataclass
from datetime import timedelta

from domain.images.ports import ImageRecords, WorkQueue
from domain.shared.clock import Clock

_PAGE_SIZE = 100
_MAX_PAGES = 10


@dataclass(frozen=True, slots=True)
class QueuedWork:
    """How many items were queued, and for how long the first of them had been due."""

    count: int
    longest_due: timedelta


@dataclass(frozen=True, slots=True)
class QueueDueWork:
    """Queues what is due, and makes it due again later in case it is not finished then."""

    records: ImageRecords
    queue: WorkQueue
    clock: Clock
    retry_after: timedelta

    def __call__(self) -> QueuedWork:
        """Queue up to 1,000 items that are due now, longest due first."""
        now = self.clock()
        sent, longest_due, position = 0, timedelta(), None
        for _ in range(_MAX_PAGES):
            page = self.records.due(now, limit=_PAGE_SIZE, position=position)
            for item in page.items:
                self.queue.send(item.work)
                self.records.postpone(item, now + self.retry_after)
                sent += 1
                longest_due = max(longest_due, now - item.due_at)
            position = page.next_position
            if position is None:
                break
        return QueuedWork(sent, longest_due)
