"""What a user does with their images: upload, list, read, link to and delete them."""

import base64
import binascii
import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta

from domain.accounts import Caller
from domain.authorization import UploadPolicy
from domain.errors import (
    ChecksumMismatch,
    FieldError,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageNotReady,
    ImageTooLarge,
    InvalidCursor,
    InvalidRequest,
)
from domain.image_ids import RandomBytes, is_image_id, new_image_id
from domain.image_inspection import ImageInspector
from domain.images import (
    ContentLink,
    Image,
    ImageLimits,
    ImagePage,
    ImageRef,
    ImageStatus,
    Original,
    StoredImage,
)
from domain.metadata import MetadataDocument
from domain.ports import Clock, IdempotencyStore, ImageStore, UploadStore
from domain.uploads import IdempotencyRecord, announced_image

MAX_PAGE_SIZE = 100
PENDING_RETRY_S = 2
"""When it is worth asking again whether a pending image has been read."""
MAX_IDEMPOTENCY_KEY_LENGTH = 255
MAX_FILENAME_BYTES = 255
"""The longest file name, in bytes of UTF-8, that common file systems accept."""


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


class ListImages:
    """Lists the caller's images, newest first."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def __call__(self, caller: Caller, *, limit: int, cursor: str | None = None) -> ImagePage:
        """A page of 1 to :data:`MAX_PAGE_SIZE` images. Raises InvalidRequest or InvalidCursor."""
        if not 1 <= limit <= MAX_PAGE_SIZE:
            message = f"must be from 1 to {MAX_PAGE_SIZE}"
            raise InvalidRequest(f"limit {message}.", errors=[FieldError("limit", message)])
        page = self._store.list_images(
            caller.user_id, limit=limit, after=None if cursor is None else _after(cursor)
        )
        return ImagePage(
            tuple(Image.of(stored) for stored in page.images),
            _cursor(page.images) if page.has_more else None,
        )


class GetImage:
    """Reads one image of the caller, with its metadata once it is ready."""

    def __init__(self, store: ImageStore, uploads: UploadStore) -> None:
        self._store = store
        self._uploads = uploads

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """The image; that of an upload of which nothing has arrived yet, as it was announced.

        Raises ImageNotFound, also for other people's images.
        """
        stored = _find(self._store, self._uploads, caller, image_id)
        ready = stored.status is ImageStatus.READY
        return Image.of(stored, self._store.load_metadata(stored.ref) if ready else None)


class GetImageMetadata:
    """Reads the metadata document of one image of the caller."""

    def __init__(self, store: ImageStore, uploads: UploadStore) -> None:
        self._store = store
        self._uploads = uploads

    def __call__(self, caller: Caller, image_id: str) -> MetadataDocument:
        """The document as stored. Raises ImageNotFound, or ImageNotReady while there is none."""
        stored = _find_ready(self._store, self._uploads, caller, image_id)
        document = self._store.load_metadata(stored.ref)
        if document is None:
            raise ImageNotFound(_NOT_FOUND)
        return document


class GetContentLink:
    """Makes a short-lived link to the original bytes of one image of the caller."""

    def __init__(self, store: ImageStore, uploads: UploadStore, expires_in: timedelta) -> None:
        self._store = store
        self._uploads = uploads
        self._expires_in = expires_in

    def __call__(self, caller: Caller, image_id: str) -> ContentLink:
        """The link. Raises ImageNotFound or ImageNotReady."""
        stored = _find_ready(self._store, self._uploads, caller, image_id)
        return self._store.content_link(stored, self._expires_in)


class DeleteImage:
    """Removes one image of the caller and all that was stored with it."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def __call__(self, caller: Caller, image_id: str) -> None:
        """Returns once the image is gone. Raises ImageNotFound if there was none."""
        if not is_image_id(image_id) or not self._store.delete(ImageRef(caller.user_id, image_id)):
            raise ImageNotFound(_NOT_FOUND)


_NOT_FOUND = "There is no image with this id."


def clean_filename(filename: str) -> str:
    """The last component of a client's file name, free of control characters.

    Raises InvalidRequest if it is longer than :data:`MAX_FILENAME_BYTES`.
    """
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip()
    if len(name.encode("utf-8", "surrogatepass")) > MAX_FILENAME_BYTES:
        message = f"must be at most {MAX_FILENAME_BYTES} bytes long in UTF-8"
        raise InvalidRequest(f"filename {message}.", errors=[FieldError("filename", message)])
    return name


def parse_sha256(text: str) -> str:
    """The checksum in lower-case hexadecimal, given in hexadecimal or base 64.

    Raises InvalidRequest naming the field ``sha256``.
    """
    try:
        digest = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        message = "must be a SHA-256 checksum: 64 hexadecimal digits, or 32 bytes in base 64"
        raise InvalidRequest(f"sha256 {message}.", errors=[FieldError("sha256", message)])
    return digest.hex()


def _require_idempotency_key(key: str) -> None:
    if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not all(
        "!" <= character <= "~" for character in key
    ):
        message = f"must have 1 to {MAX_IDEMPOTENCY_KEY_LENGTH} visible ASCII characters"
        raise InvalidRequest(f"Idempotency-Key {message}.", errors=[FieldError("Idempotency-Key", message)])


def _fingerprint(sha256: str, filename: str | None) -> str:
    return hashlib.sha256(f"{sha256}\n{filename or ''}".encode()).hexdigest()


def _find(store: ImageStore, uploads: UploadStore, caller: Caller, image_id: str) -> StoredImage:
    if not is_image_id(image_id):
        raise ImageNotFound(_NOT_FOUND)
    ref = ImageRef(caller.user_id, image_id)
    stored = store.find(ref)
    if stored is None:
        upload = uploads.find_announced(ref)
        # An announcement goes once the image is stored, which may have been just now.
        stored = announced_image(ref, upload) if upload else store.find(ref)
    if stored is None:
        raise ImageNotFound(_NOT_FOUND)
    return stored


def _find_ready(store: ImageStore, uploads: UploadStore, caller: Caller, image_id: str) -> StoredImage:
    stored = _find(store, uploads, caller, image_id)
    if stored.status is not ImageStatus.READY:
        pending = stored.status is ImageStatus.PENDING
        raise ImageNotReady(
            f"The image is {stored.status.value}.", retry_after_s=PENDING_RETRY_S if pending else None
        )
    return stored


def _cursor(images: Sequence[StoredImage]) -> str:
    return base64.urlsafe_b64encode(images[-1].ref.image_id.encode()).decode().rstrip("=")


def _after(cursor: str) -> str:
    try:
        image_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        image_id = ""
    if not is_image_id(image_id):
        raise InvalidCursor("cursor must be a next_cursor of an earlier page.")
    return image_id
