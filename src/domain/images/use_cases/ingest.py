"""What happens to an image after something was stored of it, however often and in whatever order."""

from domain.images.errors import (
    ChecksumMismatch,
    ImageNotFound,
    ImageTooLarge,
    UnsupportedImageType,
    UploadIncomplete,
)
from domain.images.inspection import HEADER_LENGTH, ImageInspector, InspectedImage
from domain.images.model import ImageLimits, ImageRef, Original, Rejection
from domain.images.ports import ImageStore, IncomingStore
from domain.images.upload import IncomingImage, StoredPiece
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.shared.errors import DomainError, ServiceUnavailable

_MAX_STEPS = 8
_EVERYTHING = frozenset(StoredPiece) - {StoredPiece.WITHDRAWAL}

_REFUSALS = (
    ChecksumMismatch,
    ImageDimensionsExceeded,
    ImageTooLarge,
    UnreadableImage,
    UnsupportedImageType,
    UploadIncomplete,
)
"""The errors that are the image's fault; any other leaves it as it is, to be tried again."""


class IngestImage:
    """Brings what is stored of one image into a state in which it can stay.

    Looks at what there is, takes the one step that this calls for, and looks again, until nothing is
    left to do:

    - of a deleted image, nothing stays;
    - of a rejected one, only the rejection;
    - of a ready one, the original and its document;
    - a document without an original goes: its image was deleted while it was written;
    - an original without a document, whose writer was interrupted, gets one;
    - incoming bytes are read, and become the original with its document, or a rejection.

    Each step changes one piece at a time and can be repeated, and whoever writes a piece causes a call
    of this use case afterwards. So it converges: whatever was interrupted, repeated or done at the
    same time, the last call sees all that was written, and leaves one of these states.
    """

    def __init__(
        self, inspector: ImageInspector, images: ImageStore, incoming: IncomingStore, limits: ImageLimits
    ) -> None:
        self._inspector = inspector
        self._images = images
        self._incoming = incoming
        self._limits = limits

    def __call__(self, ref: ImageRef) -> None:
        """Return once there is nothing left to do for this image.

        Raises ServiceUnavailable if that cannot be reached for now; the image then stays as it is.
        """
        for _ in range(_MAX_STEPS):
            if not self._take_step(ref):
                return
        raise ServiceUnavailable("The image keeps changing while it is read.")

    def _take_step(self, ref: ImageRef) -> bool:
        parts = self._incoming.parts(ref)
        if StoredPiece.WITHDRAWAL in parts:
            return self._keep_only(ref, parts, frozenset())
        if StoredPiece.REJECTION in parts:
            return self._keep_only(ref, parts, {StoredPiece.REJECTION})
        if StoredPiece.ORIGINAL in parts:
            if StoredPiece.METADATA in parts:
                return self._keep_only(ref, parts, {StoredPiece.ORIGINAL, StoredPiece.METADATA})
            self._describe_original(ref)
            return True
        if StoredPiece.METADATA in parts:
            self._incoming.remove(ref, {StoredPiece.METADATA})
            return True
        if StoredPiece.INCOMING in parts:
            self._read_incoming(ref)
            return True
        return False

    def _keep_only(
        self, ref: ImageRef, parts: frozenset[StoredPiece], kept: frozenset[StoredPiece] | set[StoredPiece]
    ) -> bool:
        surplus = parts & _EVERYTHING - kept
        if surplus:
            self._incoming.remove(ref, surplus)
        return bool(surplus)

    def _describe_original(self, ref: ImageRef) -> None:
        try:
            with self._images.open_original(ref) as content:
                inspected = self._inspector.inspect(content)
        except ImageNotFound:
            return
        except _REFUSALS as refusal:
            self._images.save_rejection(ref, _rejection(refusal))
            return
        self._images.save_metadata(ref, inspected.document)

    def _read_incoming(self, ref: ImageRef) -> None:
        incoming = self._incoming.find_incoming(ref)
        if incoming is None:
            return
        try:
            inspected = self._inspect_incoming(ref, incoming)
        except ImageNotFound:
            return
        except _REFUSALS as refusal:
            # Should the client have sent other bytes meanwhile, those are what counts.
            if self._incoming.find_incoming(ref) == incoming:
                self._images.save_rejection(ref, _rejection(refusal))
            return
        original = Original(
            inspected.image_format, inspected.size_bytes, inspected.sha256, incoming.filename
        )
        if self._incoming.accept(ref, incoming, original):
            self._images.save_metadata(ref, inspected.document)

    def _inspect_incoming(self, ref: ImageRef, incoming: IncomingImage) -> InspectedImage:
        declared, limit = incoming.declared_size_bytes, self._limits.max_upload_bytes
        if incoming.size_bytes > limit:
            raise ImageTooLarge(f"The image has {incoming.size_bytes} bytes; it may have at most {limit}.")
        if declared is not None and incoming.size_bytes != declared:
            raise UploadIncomplete(f"{incoming.size_bytes} bytes arrived where {declared} were declared.")
        # Most of what is refused is refused by its first bytes, however large it is.
        self._inspector.check_header(self._incoming.read_header(ref, incoming, HEADER_LENGTH))
        with self._incoming.open_incoming(ref, incoming) as content:
            inspected = self._inspector.inspect(content)
        if incoming.declared_sha256 not in (None, inspected.sha256):
            raise ChecksumMismatch("The bytes that arrived do not have the declared SHA-256 checksum.")
        return inspected


def _rejection(error: DomainError) -> Rejection:
    return Rejection(code=error.code, detail=error.detail)
