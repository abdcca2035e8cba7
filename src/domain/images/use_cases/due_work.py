"""What nobody has settled in time."""

from dataclasses import dataclass
from datetime import timedelta

from domain.images.ports import ImageRecords, WorkQueue
from domain.shared.clock import Clock

_PAGE_SIZE = 100
_MAX_PAGES = 10


@dataclass(frozen=True, slots=True)
class QueueDueWork:
    """Sends what is due to whoever settles it, and makes it due again in case that fails."""

    records: ImageRecords
    queue: WorkQueue
    clock: Clock
    retry_after: timedelta

    def __call__(self) -> int:
        """Send what is due now, the longest due first, up to 1,000 items. Returns how many they were."""
        now = self.clock()
        sent, position = 0, None
        for _ in range(_MAX_PAGES):
            page = self.records.due(now, limit=_PAGE_SIZE, position=position)
            for item in page.items:
                self.queue.send(item.work)
                self.records.postpone(item, now + self.retry_after)
                sent += 1
            position = page.next_position
            if position is None:
                break
        return sent
