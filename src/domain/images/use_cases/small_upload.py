"""Uploading a small image through the API."""

import io
from dataclasses import dataclass
from datetime import timedelta

from domain.images.acceptance import Acceptance
from domain.images.account import Quotas
from domain.images.declared import clean_filename, parse_sha256
from domain.images.errors import (
    AccountClosed,
    ChecksumMismatch,
    DuplicateImage,
    ImageNotFound,
    ImageTooLarge,
)
from domain.images.idempotency import add_once, claim_key
from domain.images.ids import RandomBytes, new_image_id
from domain.images.inspection import ImageInspector, InspectedImage
from domain.images.links import ImageViews
from domain.images.model import ImageLimits, ImageRef, ImageStatus
from domain.images.ports import ImageRecords, ImageStore, RecordConflict
from domain.images.record import Announcement, ImageRecord, UploadWay
from domain.images.removal import ImageRemoval
from domain.images.upload_policy import UploadPolicy
from domain.images.view import Image
from domain.metadata.model import MetadataDocument
from domain.shared.caller import Caller
from domain.shared.clock import Clock
from domain.shared.digest import sha256_hex

CHECKSUM_FIELD = "x-checksum-sha256"
"""The name under which clients declare the checksum."""
UNFINISHED_AFTER = timedelta(minutes=1)
"""After this time, a request that stores an image has ended, successfully or not."""


@dataclass(frozen=True, slots=True)
class UploadImage:
    """Stores a small image, given as a whole, together with its metadata document."""

    policy: UploadPolicy
    inspector: ImageInspector
    records: ImageRecords
    images: ImageStore
    acceptance: Acceptance
    removal: ImageRemoval
    limits: ImageLimits
    quotas: Quotas
    clock: Clock
    random_bytes: RandomBytes
    views: ImageViews

    def __call__(
        self,
        caller: Caller,
        content: bytes,
        *,
        filename: str | None = None,
        sha256: str | None = None,
        idempotency_key: str | None = None,
    ) -> Image:
        """Store the image and make it ready. A refused image leaves nothing behind.

        ``filename`` is kept for display. ``sha256`` is the checksum that the client declares, in
        hexadecimal or base 64. Within a day, requests with the same ``idempotency_key``, content and
        file name create only one image.

        Raises PermissionDenied, ImageTooLarge, ChecksumMismatch, InvalidRequest, IdempotencyKeyReused,
        QuotaExceeded, DuplicateImage, AccountClosed, ImageNotFound if the image was deleted while it
        was being stored, or what :class:`ImageInspector` raises.
        """
        self.policy.authorise(caller)
        limit = self.limits.max_small_upload_bytes
        if len(content) > limit:
            raise ImageTooLarge(
                f"The image has {len(content)} bytes; at most {limit} bytes can be uploaded this way."
            )
        filename = clean_filename(filename) or None if filename else None
        digest = sha256_hex(content)
        if sha256 is not None and parse_sha256(sha256, CHECKSUM_FIELD) != digest:
            raise ChecksumMismatch("The received bytes do not have the declared SHA-256 checksum.")
        now = self.clock()
        ref = ImageRef(caller.user_id, new_image_id(now, self.random_bytes))
        claim = (
            claim_key(idempotency_key, UploadWay.SMALL, f"{digest}\n{filename or ''}", ref, now)
            if idempotency_key is not None
            else None
        )
        inspected = self.inspector.inspect(io.BytesIO(content))
        expires_at = self.clock() + UNFINISHED_AFTER
        record = ImageRecord.announce(
            ref,
            Announcement(UploadWay.SMALL, len(content), expires_at, inspected.image_format, digest),
            due_at=expires_at,
            filename=filename,
            idempotency_key_hash=claim.key_hash if claim else None,
        )
        record = add_once(self.records, record, self.quotas, claim)
        return self._store(record, content, inspected)

    def _store(self, record: ImageRecord, content: bytes, inspected: InspectedImage) -> Image:
        if record.status is not ImageStatus.PENDING:
            return self._stored(record)
        ref, document = record.ref, inspected.document.to_json()
        self.images.save_original(
            ref,
            content,
            image_format=inspected.image_format,
            sha256=inspected.sha256,
            filename=record.filename,
        )
        self.images.save_document(ref, document)
        try:
            ready = self.acceptance.accept(record, inspected.document, document)
        except RecordConflict:
            return self._stored_by_another(ref, inspected.sha256)
        except DuplicateImage:
            try:
                self.removal.withdraw(record, release_key=True)
            except RecordConflict:
                return self._stored_by_another(ref, inspected.sha256)
            self.removal.clear(record)
            raise
        except AccountClosed:
            self.removal.clear(record)
            raise
        return self.views.whole(ready, inspected.document)

    def _stored(self, record: ImageRecord) -> Image:
        stored = self.images.load_document(record.ref) if record.content else None
        return self.views.whole(
            record, MetadataDocument.model_validate_json(stored) if stored is not None else None
        )

    def _stored_by_another(self, ref: ImageRef, sha256: str) -> Image:
        """Show the image that a repeated request or settling has stored."""
        record = self.records.find(ref)
        if record is None:
            self.images.remove([ref])
            # A repeated request may have been refused in the meantime; this one is then refused as well.
            self.acceptance.refuse_duplicate(ref.owner_id, sha256)
            raise ImageNotFound("The image was deleted while it was being stored.")
        return self._stored(record)
