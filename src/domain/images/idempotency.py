"""Idempotency keys, with which repeated requests make one image."""

from datetime import datetime, timedelta

from domain.images.account import Quotas
from domain.images.errors import IdempotencyKeyReused
from domain.images.model import ImageRef
from domain.images.ports import ImageRecords, KeyClaimed
from domain.images.record import IdempotencyClaim, ImageRecord, UploadWay
from domain.shared.digest import sha256_hex
from domain.shared.errors import FieldError, InvalidRequest

MAX_IDEMPOTENCY_KEY_LENGTH = 255
KEY_LIFETIME = timedelta(days=1)
_MAX_ATTEMPTS = 5


def claim_key(key: str, way: UploadWay, fingerprint: str, ref: ImageRef, now: datetime) -> IdempotencyClaim:
    """Build the claim of a key for the image that is being created.

    Small uploads and direct uploads have separate keys. ``fingerprint`` is a text that is equal only
    for equal requests. Raises InvalidRequest if the key is malformed.
    """
    if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not all(
        "!" <= character <= "~" for character in key
    ):
        message = f"must have 1 to {MAX_IDEMPOTENCY_KEY_LENGTH} visible ASCII characters"
        raise InvalidRequest(
            f"The idempotency key {message}.", errors=[FieldError("idempotency_key", message)]
        )
    kind = "small" if way is UploadWay.SMALL else "direct"
    return IdempotencyClaim(
        sha256_hex(f"{kind}\n{key}".encode()),
        sha256_hex(fingerprint.encode()),
        ref.image_id,
        now + KEY_LIFETIME,
    )


def add_once(
    records: ImageRecords, record: ImageRecord, quotas: Quotas, claim: IdempotencyClaim | None
) -> ImageRecord:
    """Create this image, or find the image that an earlier request with the key has created.

    Raises the errors of :meth:`ImageRecords.add`, or IdempotencyKeyReused if the earlier request was
    different or its image has been deleted.
    """
    for _ in range(_MAX_ATTEMPTS):
        try:
            records.add(record, quotas, claim=claim)
        except KeyClaimed as found:
            assert claim is not None  # noqa: S101 - without a claim, none can conflict
            if found.claim.fingerprint != claim.fingerprint:
                raise IdempotencyKeyReused("The key was already used with a different request.") from None
            earlier = records.find(ImageRef(record.ref.owner_id, found.claim.image_id))
            if earlier is not None:
                return earlier
            # It has been deleted, or has just been refused, which releases its key.
        else:
            return record
    raise IdempotencyKeyReused("The key was already used for an image that has been deleted.")
