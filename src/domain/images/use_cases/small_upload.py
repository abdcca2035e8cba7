"""Uploading a small image through the API."""

import hashlib
import io

from domain.images.declared import clean_filename, parse_sha256
from domain.images.errors import (
    ChecksumMismatch,
    IdempotencyKeyReused,
    ImageTooLarge,
)
from domain.images.ids import RandomBytes, new_image_id
from domain.images.inspection import ImageInspector
from domain.images.model import (
    Image,
    ImageLimits,
    ImageRef,
    ImageStatus,
    Original,
    StoredImage,
)
from domain.images.ports import IdempotencyStore, ImageStore
from domain.images.upload import IdempotencyRecord
from domain.images.upload_policy import UploadPolicy
from domain.shared.caller import Caller
from domain.shared.clock import Clock
from domain.shared.errors import FieldError, InvalidRequest

MAX_IDEMPOTENCY_KEY_LENGTH = 255


class UploadImage:
    """Stores a small image, given as a whole, together with its metadata document."""

    def __init__(
        self,
        policy: UploadPolicy,
        inspector: ImageInspector,
        store: ImageStore,
        limits: ImageLimits,
        idempotency: IdempotencyStore,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy = policy
        self._inspector = inspector
        self._store = store
        self._idempotency = idempotency
        self._limits = limits
        self._clock = clock
        self._random_bytes = random_bytes

    def __call__(
        self,
        caller: Caller,
        content: bytes,
        *,
        filename: str | None = None,
        sha256: str | None = None,
        idempotency_key: str | None = None,
    ) -> Image:
        """The stored image, ready. Nothing is stored unless the image is accepted.

        ``filename`` is kept for display. ``sha256`` is the checksum that the client declares, in
        hexadecimal or base 64. Requests with the same ``idempotency_key``, content and file name make
        one image, however many there are, at whatever time within a day.

        Raises PermissionDenied, ImageTooLarge, ChecksumMismatch, InvalidRequest, IdempotencyKeyReused,
        or what :class:`ImageInspector` raises.
        """
        self._policy.authorise(caller)
        limit = self._limits.max_small_upload_bytes
        if len(content) > limit:
            raise ImageTooLarge(
                f"The image has {len(content)} bytes; at most {limit} bytes can be uploaded through this "
                "endpoint. Upload larger images directly to storage with POST /v1/uploads."
            )
        filename = clean_filename(filename) or None if filename else None
        if sha256 is not None and parse_sha256(sha256) != hashlib.sha256(content).hexdigest():
            raise ChecksumMismatch("The received bytes do not have the declared SHA-256 checksum.")
        if idempotency_key is not None:
            _require_idempotency_key(idempotency_key)
        inspected = self._inspector.inspect(io.BytesIO(content))
        ref = ImageRef(caller.user_id, new_image_id(self._clock(), self._random_bytes))
        if idempotency_key is not None:
            claimed = self._claim(ref, idempotency_key, _fingerprint(inspected.sha256, filename))
            if claimed != ref:
                ref = claimed
                made = self._store.find(ref)
                document = self._store.load_metadata(ref) if made else None
                if made and document:
                    return Image.of(made, document)
        original = Original(inspected.image_format, len(content), inspected.sha256, filename)
        self._store.save_original(ref, content, original)
        self._store.save_metadata(ref, inspected.document)
        return Image.of(StoredImage(ref, ImageStatus.READY, original), inspected.document)

    def _claim(self, ref: ImageRef, key: str, fingerprint: str) -> ImageRef:
        """The image that requests with this key make: ``ref``, or one that an earlier request named."""
        record = self._idempotency.claim(ref.owner_id, key, IdempotencyRecord(fingerprint, ref.image_id))
        if record.fingerprint != fingerprint:
            raise IdempotencyKeyReused("The key was used before, with another image or file name.")
        claimed = ImageRef(ref.owner_id, record.image_id)
        if claimed != ref and self._store.is_withdrawn(claimed):
            raise IdempotencyKeyReused("The key was used before, for an image that was deleted since.")
        return claimed


def _require_idempotency_key(key: str) -> None:
    if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not all(
        "!" <= character <= "~" for character in key
    ):
        message = f"must have 1 to {MAX_IDEMPOTENCY_KEY_LENGTH} visible ASCII characters"
        raise InvalidRequest(f"Idempotency-Key {message}.", errors=[FieldError("Idempotency-Key", message)])


def _fingerprint(sha256: str, filename: str | None) -> str:
    return hashlib.sha256(f"{sha256}\n{filename or ''}".encode()).hexdigest()
