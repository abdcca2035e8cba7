"""How an image whose bytes and document are stored becomes ready."""

from dataclasses import dataclass
from enum import StrEnum

from domain.images.errors import DuplicateImage
from domain.images.ports import ImageRecords, SameBytesExist
from domain.images.record import ImageRecord
from domain.metadata.model import MetadataDocument
from domain.shared.digest import sha256_hex
from domain.shared.errors import ServiceUnavailable

_MAX_ATTEMPTS = 5


class DuplicatePolicy(StrEnum):
    """What happens to an image with the same bytes as another one of its owner."""

    REPORT = "report"
    """Accept it, and report which image it duplicates."""
    REJECT = "reject"
    """Refuse it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Makes images ready."""

    records: ImageRecords
    duplicates: DuplicatePolicy = DuplicatePolicy.REPORT
    renditions: tuple[str, ...] = ()
    """The names of the renditions to make of each image."""

    def accept(self, pending: ImageRecord, document: MetadataDocument, stored: bytes) -> ImageRecord:
        """Make the image ready with ``document``, whose stored bytes are ``stored``.

        Raises DuplicateImage if duplicates are refused, AccountClosed, or RecordConflict.
        """
        known: tuple[str, ...] = ()
        for _ in range(_MAX_ATTEMPTS):
            ready = pending.accept(
                document,
                document_sha256=sha256_hex(stored),
                renditions=self.renditions,
                duplicate_of=known[0] if known else None,
            )
            try:
                self.records.save(pending, ready, same_bytes=known)
            except SameBytesExist as found:
                known = found.image_ids
                if known and self.duplicates is DuplicatePolicy.REJECT:
                    raise DuplicateImage(known[0]) from found
            else:
                return ready
        raise ServiceUnavailable("Other images with the same bytes keep changing; please try again.")

    def refuse_duplicate(self, owner_id: str, sha256: str) -> None:
        """Raise DuplicateImage if duplicates are refused and the owner has an image with these bytes."""
        if self.duplicates is DuplicatePolicy.REJECT:
            known = self.records.find_same_bytes(owner_id, sha256)
            if known:
                raise DuplicateImage(known[0])
