"""Settling finishes what is unfinished about an image. It may run any number of times, in any order."""

from dataclasses import dataclass, replace

from domain.images.acceptance import Acceptance, DuplicatePolicy
from domain.images.errors import (
    AccountClosed,
    ChecksumMismatch,
    DuplicateImage,
    ImageTooLarge,
    UnsupportedImageType,
    UploadExpired,
    UploadIncomplete,
    UploadOverwritten,
)
from domain.images.inspection import HEADER_LENGTH, ImageInspector, InspectedImage
from domain.images.model import ImageLimits, ImageRef, ImageStatus
from domain.images.ports import ImageRecords, ImageStore, IncomingStore, OpenedUpload, RecordConflict
from domain.images.record import BytesClaim, ImageRecord, UploadWay
from domain.images.removal import ImageRemoval
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import MetadataDocument
from domain.shared.clock import Clock
from domain.shared.errors import DomainError, ServiceUnavailable

_MAX_STEPS = 8

_REFUSALS = (
    ChecksumMismatch,
    ImageDimensionsExceeded,
    ImageTooLarge,
    UnreadableImage,
    UnsupportedImageType,
    UploadIncomplete,
)
"""The errors that are the image's fault. After any other, the image is unchanged and retried later."""


@dataclass(frozen=True, slots=True)
class SettleImage:
    """Examines one image and finishes whatever is unfinished about it.

    - Bytes without a record are removed.
    - Incoming bytes are read and claimed, and become the original, or the image is rejected.
    - What a crash left unfinished is finished, based only on the claim if there is one.
    - Bytes that arrive after an image is ready are removed. A rejected image keeps no bytes at all.
    - An upload whose bytes have not arrived in time is rejected.
    - An image whose rebuilding was interrupted is made ready from its document.
    - A small upload that a crash left unfinished is finished or, if that is impossible, deleted, because
      its client has received no response.

    Each change is one conditional write of the record. It comes after the bytes that it refers to are
    stored, and before the bytes that it no longer refers to are removed. So settling can be interrupted
    and repeated at any time.
    """

    inspector: ImageInspector
    records: ImageRecords
    images: ImageStore
    incoming: IncomingStore
    acceptance: Acceptance
    removal: ImageRemoval
    limits: ImageLimits
    clock: Clock

    def __call__(self, ref: ImageRef) -> None:
        """Return once there is nothing left to do for this image at the moment.

        Raises ServiceUnavailable if that is not possible for now; what was done stays done.
        """
        for _ in range(_MAX_STEPS):
            try:
                if self._settle(ref):
                    return
            except RecordConflict:
                continue
        raise ServiceUnavailable("The image keeps changing while it is settled.")

    def _settle(self, ref: ImageRef) -> bool:
        """Do what the record requires. Returns whether the image is settled."""
        record = self.records.find(ref)
        if record is None:
            self._clear_withdrawn(ref)
        elif record.status is ImageStatus.READY:
            self._remove_incoming(record)
        elif record.status is ImageStatus.REJECTED:
            self._remove_bytes(record)
        elif record.announced.way is UploadWay.SMALL:
            self._finish_small(record)
        elif record.announced.way is UploadWay.REBUILT:
            self._finish_rebuilt(record)
        else:
            return self._read_incoming(record)
        return True

    def _clear_withdrawn(self, ref: ImageRef) -> None:
        tombstone = self.records.find_tombstone(ref)
        if tombstone and tombstone.may_have_parts:
            self.incoming.abort_multiparts(ref)
        self.images.remove([ref], renditions=tombstone.renditions if tombstone else ())
        if tombstone and tombstone.due_at and tombstone.quiet_at <= self.clock():
            self.records.settle_tombstone(ref)

    def _finish_small(self, record: ImageRecord) -> None:
        if not self._is_overdue(record):
            return
        image_format = record.announced.image_format
        assert image_format is not None  # noqa: S101 - a small upload was read before it was announced
        with self.images.open_original(record.ref, image_format) as content:
            if content is None:
                self._forget(record)
                return
            try:
                inspected = self.inspector.inspect(content)
            except _REFUSALS:
                self._forget(record)
                return
        self._accept(record, inspected)

    def _finish_rebuilt(self, record: ImageRecord) -> None:
        # It was accepted once, so that nothing about it is examined or refused again.
        stored = self.images.load_document(record.ref)
        if stored is None:
            self._forget(record)
            return
        document = MetadataDocument.model_validate_json(stored)
        self._make_ready(
            replace(self.acceptance, duplicates=DuplicatePolicy.REPORT), record, document, stored
        )

    def _read_incoming(self, record: ImageRecord) -> bool:
        with self.incoming.open(record.ref, HEADER_LENGTH) as opened:
            if opened is None:
                return self._continue_without_incoming(record)
            try:
                inspected = self._inspect(record, opened)
            except _REFUSALS as refusal:
                if record.claim:
                    # These arrived after the claimed bytes.
                    return self._continue_without_incoming(record)
                self._refuse(record, refusal)
                return True
        if record.claim is None:
            claimed = record.claim_bytes(BytesClaim(opened.etag, inspected.sha256, inspected.image_format))
            self.records.save(record, claimed)
            record = claimed
        elif record.claim.sha256 != inspected.sha256:
            return self._continue_without_incoming(record)
        if not self.incoming.accept(record.ref, opened.etag, inspected.image_format, record.filename):
            return False
        self._accept(record, inspected)
        self._remove_incoming(record)
        return True

    def _continue_without_incoming(self, record: ImageRecord) -> bool:
        if record.claim is None:
            if self._is_overdue(record):
                self._refuse(record, UploadExpired("The bytes of the image did not arrive in time."))
            return True
        with self.images.open_original(record.ref, record.claim.image_format) as content:
            if content is None:
                self._refuse(
                    record, UploadOverwritten("The bytes were replaced while they were being read.")
                )
                return True
            inspected = self.inspector.inspect(content)
        self._accept(record, inspected)
        self._remove_incoming(record)
        return True

    def _inspect(self, record: ImageRecord, opened: OpenedUpload) -> InspectedImage:
        announced, limit = record.announced, self.limits.max_upload_bytes
        if opened.size_bytes > limit:
            raise ImageTooLarge(f"The image has {opened.size_bytes} bytes; it may have at most {limit}.")
        if opened.size_bytes != announced.size_bytes:
            raise UploadIncomplete(
                f"The upload has {opened.size_bytes} bytes; {announced.size_bytes} were declared."
            )
        # Most unacceptable images are refused by their first bytes, however large they are.
        self.inspector.check_header(opened.header)
        with opened.download() as content:
            inspected = self.inspector.inspect(content)
        if announced.sha256 not in (None, inspected.sha256):
            raise ChecksumMismatch("The uploaded bytes do not have the declared SHA-256 checksum.")
        return inspected

    def _accept(self, record: ImageRecord, inspected: InspectedImage) -> None:
        stored = inspected.document.to_json()
        self.images.save_document(record.ref, stored)
        self._make_ready(self.acceptance, record, inspected.document, stored)

    def _make_ready(
        self, acceptance: Acceptance, record: ImageRecord, document: MetadataDocument, stored: bytes
    ) -> None:
        try:
            acceptance.accept(record, document, stored)
        except DuplicateImage as refusal:
            self._refuse(record, refusal)
        except AccountClosed:
            # The account's deletion removes the record.
            self.images.remove([record.ref])

    def _forget(self, record: ImageRecord) -> None:
        self.removal.withdraw(record, release_key=True)
        self.removal.clear(record)

    def _refuse(self, record: ImageRecord, refusal: DomainError) -> None:
        if record.announced.way is UploadWay.SMALL:
            self._forget(record)
            return
        duplicate_of = refusal.image_id if isinstance(refusal, DuplicateImage) else None
        self.records.save(record, record.reject(refusal, duplicate_of=duplicate_of))
        # A rejected image is no longer due. If this fails, the caller must request the settling again.
        self._remove_bytes(record)

    def _remove_bytes(self, record: ImageRecord) -> None:
        if record.announced.way is UploadWay.MULTIPART:
            self.incoming.abort_multiparts(record.ref)
        self.images.remove([record.ref])

    def _remove_incoming(self, record: ImageRecord) -> None:
        if record.announced.way.is_direct:
            self.incoming.remove(record.ref)
        if record.announced.way is UploadWay.MULTIPART:
            # A lost response makes the SDK begin a second upload, and leaves the first one behind.
            self.incoming.abort_multiparts(record.ref)

    def _is_overdue(self, record: ImageRecord) -> bool:
        return record.announced.expires_at <= self.clock()
