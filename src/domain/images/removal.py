"""Deleting an image: first its record, then its bytes."""

from contextlib import suppress
from dataclasses import dataclass

from domain.images.ports import ImageRecords, ImageStore, IncomingStore
from domain.images.record import ImageRecord
from domain.shared.clock import Clock
from domain.shared.errors import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class ImageRemoval:
    """Deletes images."""

    records: ImageRecords
    images: ImageStore
    incoming: IncomingStore
    clock: Clock

    def withdraw(self, record: ImageRecord, *, release_key: bool = False) -> None:
        """Delete the record; the image no longer exists then. Raises RecordConflict.

        The tombstone ensures that the bytes are removed even if :meth:`clear` is not reached. With
        ``release_key``, the idempotency key that created the image can be used again.
        """
        self.records.remove(record, record.withdraw(self.clock()), release_key=release_key)

    def clear(self, *withdrawn: ImageRecord) -> None:
        """Remove the bytes of images whose records are deleted. Leaves them if storage is unavailable."""
        with suppress(ServiceUnavailable):
            for record in withdrawn:
                if record.may_have_parts:
                    self.incoming.abort_multiparts(record.ref)
            names = {name for record in withdrawn for name in record.rendition_names}
            self.images.remove([record.ref for record in withdrawn], renditions=names)
