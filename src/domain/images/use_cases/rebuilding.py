"""Rebuilds records from storage after the loss of the table."""

from dataclasses import dataclass
from enum import StrEnum

from domain.images.acceptance import Acceptance
from domain.images.account import Quotas
from domain.images.errors import AccountClosed
from domain.images.model import StoredOriginal
from domain.images.ports import ImageRecords, ImageStore, RecordConflict, StoredOriginals
from domain.images.record import Announcement, ImageRecord, UploadWay
from domain.images.use_cases.settling import SettleImage
from domain.metadata.model import MetadataDocument
from domain.shared.clock import Clock

_NO_QUOTAS = Quotas(max_pending=None)


class Rebuilt(StrEnum):
    """The result for one original."""

    REBUILT = "rebuilt"
    KNOWN = "known"
    """It has a record or a tombstone, which is unchanged."""
    REFUSED = "refused"
    """Its account is being deleted."""


@dataclass(frozen=True, slots=True)
class RebuildRecord:
    """Rebuilds the record of one ready image, and with it its owner's usage and list of duplicates.

    The owner's edits, rejections and pending uploads are not in storage, and are lost. Renditions are
    made again. Duplicates are reported, whatever the policy for new images. Rebuilding can be repeated,
    and run while the API is in use.
    """

    records: ImageRecords
    images: ImageStore
    originals: StoredOriginals
    settle: SettleImage
    clock: Clock
    renditions: tuple[str, ...] = ()
    """The names of the renditions to make of each image."""

    def __call__(self, original: StoredOriginal) -> Rebuilt:
        """Create the record, unless there is a record or a tombstone. Raises ServiceUnavailable."""
        ref = original.ref
        if self.records.find(ref) or self.records.find_tombstone(ref):
            return Rebuilt.KNOWN
        stored = self.images.load_document(ref)
        document = MetadataDocument.model_validate_json(stored) if stored is not None else None
        if document and document.image.size_bytes != original.size_bytes:
            document = None
        now = self.clock()
        announced = Announcement(
            UploadWay.SMALL,
            original.size_bytes,
            now,
            original.image_format,
            document.image.sha256 if document else None,
        )
        record = ImageRecord.announce(
            ref, announced, due_at=now, filename=self.originals.filename_of(original)
        )
        try:
            self.records.add(record, _NO_QUOTAS)
            if document is None or stored is None:
                # The original is read again, as after a small upload that died before writing its document.
                self.settle(ref)
            else:
                Acceptance(self.records, renditions=self.renditions).accept(record, document, stored)
        except RecordConflict:
            return Rebuilt.KNOWN
        except AccountClosed:
            return Rebuilt.REFUSED
        return Rebuilt.REBUILT
