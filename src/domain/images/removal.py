"""How an image is deleted: its record first, its bytes second."""

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
        """Delete the record, after which the image is gone. Raises RecordConflict.

        The tombstone ensures that the bytes are removed, whatever happens before :meth:`clear`. With
        ``release_key``, the idempotency key that made the image can be used again.
        """
        self.records.remove(record, record.withdraw(self.clock()), release_key=release_key)

    def clear(self, *withdrawn: ImageRecord) -> None:
        """Remove the bytes of images whose records are gone, unless storage cannot be reached for now."""
        with suppress(ServiceUnavailable):
            for record in withdrawn:
                if record.may_have_parts:
                    self.incoming.abort_multiparts(record.ref)
            names = {name for record in withdrawn for name in record.rendition_names}
            self.images.remove([record.ref for record in withdrawn], renditions=names)
