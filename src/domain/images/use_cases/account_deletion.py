"""Removes the images of a deleted account."""

from dataclasses import dataclass
from datetime import timedelta

from domain.images.ports import ImageRecords, ImageStore, WorkQueue
from domain.images.record import WRITERS_END_WITHIN
from domain.images.work import Work
from domain.shared.clock import Clock

MAX_REMOVED_AT_ONCE = 1000
CLOSED_FOR = timedelta(days=35)
"""Longer than any token or link of the account is valid, and longer than any message is kept."""


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Begins the deletion; implements :class:`domain.accounts.ports.PersonalData`."""

    records: ImageRecords
    clock: Clock

    def begin_deletion(self, owner_id: str) -> None:
        """Refuse new images of this owner, and begin to remove the existing ones. Idempotent."""
        self.records.close_account(owner_id, self.clock())


@dataclass(frozen=True, slots=True)
class SettleAccount:
    """Continues the deletion, a limited number of objects and records at a time, until nothing is left."""

    records: ImageRecords
    images: ImageStore
    queue: WorkQueue
    clock: Clock

    def __call__(self, owner_id: str) -> None:
        """Remove up to :data:`MAX_REMOVED_AT_ONCE` objects and as many records, and queue the rest.

        Does nothing for an account that is not being deleted. Raises ServiceUnavailable.
        """
        account = self.records.find_account(owner_id)
        if account.deleting_at is None or account.due_at is None:
            return
        has_more_bytes = self.images.remove_owner(owner_id, limit=MAX_REMOVED_AT_ONCE)
        has_more_records = self.records.purge(owner_id, limit=MAX_REMOVED_AT_ONCE)
        if has_more_bytes or has_more_records:
            self.queue.send(Work(owner_id))
            return
        # A function that began to store an image before the deletion may still write its bytes and die.
        now, quiet_at = self.clock(), account.deleting_at + WRITERS_END_WITHIN
        self.records.finish_account(
            owner_id, now, now + CLOSED_FOR, due_at=quiet_at if now < quiet_at else None
        )
