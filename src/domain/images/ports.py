"""What the domain needs from the outside world.

Every implementation passes the contract tests of its port. All methods raise
:class:`~domain.shared.errors.ServiceUnavailable` when the service behind them fails for now, and the
identity provider's raise :class:`~domain.shared.errors.TooManyRequests` when it limits the rate.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import BinaryIO, Protocol

from domain.images.model import ContentLink, ImageRef, Original, Rejection, StoredImage, StoredImagePage
from domain.images.upload import (
    IdempotencyRecord,
    IncomingImage,
    MultipartOperation,
    SignedRequest,
    StoredPiece,
    Upload,
    UploadedPart,
    UploadForm,
)
from domain.metadata.model import MetadataDocument


class ImageStore(Protocol):
    """Keeps each image's original bytes and, beside them, its metadata document or its rejection.

    An image is ``rejected`` when it has a rejection, else ``ready`` when it has an original and a
    document, and ``pending`` while it has an original alone or bytes that have come in and are not
    read yet. Nothing stored is ever overwritten with other bytes.
    """

    def save_original(self, ref: ImageRef, content: bytes, original: Original) -> None:
        """Store the bytes, verified end to end against ``original.sha256``.

        Raises ChecksumMismatch if they do not match. If this image already has an original, the
        bytes there stay as they are.
        """
        ...

    def open_original(self, ref: ImageRef) -> AbstractContextManager[BinaryIO]:
        """The original bytes as a seekable stream, on disk rather than in memory.

        Raises ImageNotFound.
        """
        ...

    def save_metadata(self, ref: ImageRef, document: MetadataDocument) -> None:
        """Store the document, which makes the image ready. An existing document stays as it is."""
        ...

    def load_metadata(self, ref: ImageRef) -> MetadataDocument | None:
        """The stored document, or ``None`` while there is none."""
        ...

    def save_rejection(self, ref: ImageRef, rejection: Rejection) -> None:
        """Record why the upload was refused, then remove everything else. A rejection is final."""
        ...

    def find(self, ref: ImageRef) -> StoredImage | None:
        """What is stored of this image, in full, or ``None``."""
        ...

    def list_images(self, owner_id: str, *, limit: int, after: str | None = None) -> StoredImagePage:
        """The owner's newest ``limit`` images, or those older than the image id ``after``.

        Only format, size and status are filled in; a rejection's text is not.
        """
        ...

    def content_link(self, image: StoredImage, expires_in: timedelta) -> ContentLink:
        """A link to the original of a stored image.

        Its response has the media type of the image's format and a Content-Disposition (RFC 6266)
        with the stored file name.
        """
        ...

    def delete(self, ref: ImageRef) -> bool:
        """Remove all that is stored of this image, bytes first. Tells if there was anything.

        If there was, the image counts as withdrawn for a day at least, so that what is being written
        or sent at this moment does not stay.
        """
        ...

    def is_withdrawn(self, ref: ImageRef) -> bool:
        """Whether the image, or all of its owner, was deleted a short time ago."""
        ...

    def delete_all(self, owner_id: str) -> None:
        """Remove all that is stored for this owner, who counts as withdrawn for a day at least."""
        ...


class UploadStore(Protocol):
    """Lets clients send bytes straight to storage, and knows what they announced for a day at least.

    What arrives is incoming: see :class:`IncomingStore`.
    """

    def announce(self, ref: ImageRef, upload: Upload) -> None:
        """Remember what will be sent."""
        ...

    def find_announced(self, ref: ImageRef) -> Upload | None:
        """What was announced, unless it was forgotten since, or has been read."""
        ...

    def create_form(self, ref: ImageRef, upload: Upload, expires_in: timedelta) -> UploadForm:
        """A form that accepts exactly the announced bytes: their size, and their SHA-256 if known."""
        ...

    def start_multipart(self, ref: ImageRef, upload: Upload) -> str:
        """Begin an upload in parts. Returns storage's id of it."""
        ...

    def sign_part(self, ref: ImageRef, upload: Upload, number: int, expires_in: timedelta) -> SignedRequest:
        """A request that uploads one part, of exactly its planned size."""
        ...

    def sign_multipart_operation(
        self, ref: ImageRef, upload: Upload, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        """A request with which the client does this itself, in storage's own protocol."""
        ...

    def list_parts(self, ref: ImageRef, upload: Upload) -> tuple[UploadedPart, ...]:
        """The parts that storage has, by number. Raises UploadNotFound once it is over."""
        ...

    def complete_multipart(self, ref: ImageRef, upload: Upload, parts: Iterable[UploadedPart]) -> None:
        """Put the parts together; the bytes are then incoming.

        Raises UploadNotFound once it is over, or UploadIncomplete if a part changed meanwhile.
        """
        ...


class IncomingStore(Protocol):
    """The bytes of uploads that have arrived, and all that storage holds of an image, piece by piece.

    Every change to one piece is atomic, and seen by everyone from then on.
    """

    def parts(self, ref: ImageRef) -> frozenset[StoredPiece]:
        """The pieces that there are of this image."""
        ...

    def remove(self, ref: ImageRef, parts: Collection[StoredPiece]) -> None:
        """Remove these pieces, bytes first. A withdrawal cannot be removed."""
        ...

    def find_incoming(self, ref: ImageRef) -> IncomingImage | None:
        """The bytes that have arrived, if there are any."""
        ...

    def read_header(self, ref: ImageRef, incoming: IncomingImage, length: int) -> bytes:
        """Their first ``length`` bytes, or all of fewer. Raises ImageNotFound if they are gone."""
        ...

    def open_incoming(self, ref: ImageRef, incoming: IncomingImage) -> AbstractContextManager[BinaryIO]:
        """Exactly these bytes as a seekable stream, on disk rather than in memory.

        Raises ImageNotFound if they are gone or were replaced.
        """
        ...

    def accept(self, ref: ImageRef, incoming: IncomingImage, original: Original) -> bool:
        """Make exactly these bytes the image's original.

        Does nothing and returns ``False`` if they are gone or were replaced, or if the image has an
        original already.
        """
        ...


class IdempotencyStore(Protocol):
    """Remembers for a day at least which image a request with an idempotency key made."""

    def claim(self, owner_id: str, key: str, record: IdempotencyRecord) -> IdempotencyRecord:
        """Remember ``record`` for this key of this owner, or return what was remembered before.

        Of concurrent callers with the same key, all get the record of one.
        """
        ...
