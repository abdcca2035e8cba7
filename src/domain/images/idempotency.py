"""Idempotency keys, with which repeated requests make one image."""

from datetime import datetime, timedelta

from domain.images.errors import IdempotencyKeyReused
from domain.images.model import ImageRef
from domain.images.ports import ImageRecords
from domain.images.record import IdempotencyClaim, ImageRecord, UploadWay
from domain.shared.digest import sha256_hex
from domain.shared.errors import FieldError, InvalidRequest

MAX_IDEMPOTENCY_KEY_LENGTH = 255
KEY_LIFETIME = timedelta(days=1)


def claim_key(key: str, way: UploadWay, fingerprint: str, ref: ImageRef, now: datetime) -> IdempotencyClaim:
    """Build the claim of a key for the image that is being created.

    Small uploads and direct uploads have separate keys. ``fingerprint`` is a text that is equal only
    for equal requests. Raises InvalidRequest if the key is malformed.
    """
    if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not all(
        "!" <= character <= "~" for character in key
    ):
        message = f"must have 1 to {MAX_IDEMPOTENCY_KEY_LENGTH} visible ASCII characters"
        raise InvalidRequest(f"Idempotency-Key {message}.", errors=[FieldError("Idempotency-Key", message)])
    kind = "small" if way is UploadWay.SMALL else "direct"
    return IdempotencyClaim(
        sha256_hex(f"{kind}\n{key}".encode()),
        sha256_hex(fingerprint.encode()),
        ref.image_id,
        now + KEY_LIFETIME,
    )


def find_earlier(
    records: ImageRecords, owner_id: str, wanted: IdempotencyClaim, found: IdempotencyClaim
) -> ImageRecord:
    """Find the image of the earlier request with the key, whose claim is ``found``.

    Raises IdempotencyKeyReused if that request was different, or its image has been deleted.
    """
    if found.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused("The key was already used with a different request.")
    record = records.find(ImageRef(owner_id, found.image_id))
    if record is None:
        raise IdempotencyKeyReused("The key was already used for an image that has been deleted.")
    return record
