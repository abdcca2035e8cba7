"""Rebuilds records from storage after the loss of the table."""

from dataclasses import dataclass
from enum import StrEnum

from domain.images.acceptance import Acceptance
from domain.images.account import Quotas
from domain.images.errors import AccountClosed, UnsupportedImageType
from domain.images.inspection import ImageInspector
from domain.images.model import StoredOriginal
from domain.images.ports import ImageRecords, ImageStore, RecordConflict, StoredOriginals
from domain.images.record import Announcement, ImageRecord, UploadWay
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
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
    UNREADABLE = "unreadable"
    """Its document is missing, and its bytes would be refused today. They are left as they are."""


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
    inspector: ImageInspector
    clock: Clock
    renditions: tuple[str, ...] = ()
    """The names of the renditions to make of each image."""

    def __call__(self, original: StoredOriginal) -> Rebuilt:
        """Create the record, unless there is a record or a tombstone. Raises ServiceUnavailable."""
        ref = original.ref
        if self.records.find(ref) or self.records.find_tombstone(ref):
            return Rebuilt.KNOWN
        try:
            document, stored = self._document(original)
        except (UnsupportedImageType, UnreadableImage, ImageDimensionsExceeded):
            return Rebuilt.UNREADABLE
        now = self.clock()
        announced = Announcement(
            UploadWay.REBUILT, original.size_bytes, now, original.image_format, document.image.sha256
        )
        record = ImageRecord.announce(
            ref, announced, due_at=now, filename=self.originals.filename_of(original)
        )
        try:
            self.records.add(record, _NO_QUOTAS)
            Acceptance(self.records, renditions=self.renditions).accept(record, document, stored)
        except RecordConflict:
            return Rebuilt.KNOWN
        except AccountClosed:
            return Rebuilt.REFUSED
        return Rebuilt.REBUILT

    def _document(self, original: StoredOriginal) -> tuple[MetadataDocument, bytes]:
        """Load the document of these bytes. If it is missing, read the bytes again and store it."""
        stored = self.images.load_document(original.ref)
        if stored is not None:
            document = MetadataDocument.model_validate_json(stored)
            if document.image.size_bytes == original.size_bytes:
                return document, stored
        with self.images.open_original(original.ref, original.image_format) as content:
            if content is None:
                raise UnreadableImage("The bytes are gone.")
            document = self.inspector.inspect(content).document
        stored = document.to_json()
        self.images.save_document(original.ref, stored)
        return document, stored
