"""Ready-made records of images for tests, in each state."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from domain.images.errors import UnsupportedImageType
from domain.images.ids import new_image_id
from domain.images.model import ImageRef
from domain.images.record import (
    Announcement,
    BytesClaim,
    IdempotencyClaim,
    ImageRecord,
    Tombstone,
    UploadWay,
)
from domain.metadata.document import build_document
from domain.metadata.model import MetadataDocument, Tags
from domain.shared.image_format import ImageFormat
from tests.support.samples import CALLER, NOW, extracted_metadata

CONTENT = b"\xff\xd8\xff\xe0 image"


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def ref_at(seconds: float, owner_id: str = CALLER.user_id) -> ImageRef:
    """An image created that long after :data:`NOW`; of two, the later one sorts first."""
    return ImageRef(owner_id, new_image_id(NOW + timedelta(seconds=seconds), lambda count: b"\x01" * count))


def pending(ref: ImageRef, content: bytes = CONTENT, **changes: Any) -> ImageRecord:
    """A small upload whose bytes are not stored yet."""
    due_at = NOW + timedelta(minutes=1)
    announced = Announcement(UploadWay.SMALL, len(content), due_at, ImageFormat.JPEG, sha256_of(content))
    return ImageRecord.announce(ref, announced, **{"due_at": due_at, **changes})


def announced(ref: ImageRef, content: bytes = CONTENT, **changes: Any) -> ImageRecord:
    """An upload straight to storage, of which nothing has arrived yet."""
    due_at = NOW + timedelta(minutes=30)
    announcement = Announcement(UploadWay.FORM, len(content), due_at, ImageFormat.JPEG)
    return ImageRecord.announce(ref, announcement, **{"due_at": due_at, **changes})


def claim_of(content: bytes = CONTENT) -> BytesClaim:
    return BytesClaim('"etag"', sha256_of(content), ImageFormat.JPEG)


def document_of(content: bytes = CONTENT, **summary: Any) -> MetadataDocument:
    document = build_document(extracted_metadata(), size_bytes=len(content), sha256=sha256_of(content))
    tags: Tags = {k: v for k, v in {**document.summary, **summary}.items() if v is not None}
    return document.model_copy(update={"summary": tags})


def accepted(
    before: ImageRecord, content: bytes = CONTENT, *, renditions: tuple[str, ...] = (), **summary: Any
) -> ImageRecord:
    """The next version of a pending image, ready."""
    document = document_of(content, **summary)
    sha256 = sha256_of(document.to_json())
    return before.accept(document, document_sha256=sha256, renditions=renditions)


def rejected(before: ImageRecord) -> ImageRecord:
    return before.reject(UnsupportedImageType("The bytes are not an image of an allowed format."))


def tombstone_of(record: ImageRecord, now: datetime = NOW) -> Tombstone:
    return Tombstone(
        record.ref,
        record.version + 1,
        deleted_at=now,
        quiet_at=now + timedelta(minutes=1),
        due_at=now + timedelta(minutes=1),
        expires_at=now + timedelta(days=35),
    )


def claim_on_key(ref: ImageRef, key_hash: str = "0" * 64, **changes: Any) -> IdempotencyClaim:
    values = {"fingerprint": "f" * 64, "expires_at": NOW + timedelta(days=1), **changes}
    return IdempotencyClaim(key_hash, image_id=ref.image_id, **values)
