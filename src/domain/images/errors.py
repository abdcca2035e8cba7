"""Errors of images and uploads."""

from domain.shared.errors import DomainError


class ImageNotFound(DomainError):
    """The caller has no image with this id."""

    code = "image-not-found"
    title = "The image does not exist"


class ImageNotReady(DomainError):
    """The image is pending or was rejected, so it has neither metadata nor content yet."""

    code = "image-not-ready"
    title = "The image is not ready"

    def __init__(self, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class RenditionNotFound(DomainError):
    """The image does not have this rendition, or does not have it yet."""

    code = "rendition-not-found"
    title = "The rendition does not exist"


class ImageTooLarge(DomainError):
    """The image has more bytes than the limit that the detail names."""

    code = "image-too-large"
    title = "The image is too large"


class UnsupportedImageType(DomainError):
    """The bytes or the declared type are not of an allowed image format."""

    code = "unsupported-image-type"
    title = "The image format is not supported"


class ChecksumMismatch(DomainError):
    """The bytes received do not have the checksum that the client declared."""

    code = "checksum-mismatch"
    title = "The checksum does not match"


class InvalidCursor(DomainError):
    """The page cursor was not issued by this API."""

    code = "invalid-cursor"
    title = "The cursor is not valid"


class IdempotencyKeyReused(DomainError):
    """The idempotency key was already used with a different body."""

    code = "idempotency-key-reused"
    title = "The idempotency key was used with a different request"


class UploadNotFound(DomainError):
    """The caller has no unfinished multipart upload for this image."""

    code = "upload-not-found"
    title = "The upload does not exist"


class UploadIncomplete(DomainError):
    """Parts of the upload are missing or have the wrong size; the detail names them."""

    code = "upload-incomplete"
    title = "The upload is incomplete"


class QuotaExceeded(DomainError):
    """The user's images would exceed a quota; the detail names the limit."""

    code = "quota-exceeded"
    title = "The quota is exceeded"


class AccountClosed(DomainError):
    """The account was deleted or is being deleted; nothing more can be stored for it."""

    code = "account-closed"
    title = "The account was deleted"


class DuplicateImage(DomainError):
    """The user has an image with the same bytes; the detail names its id."""

    code = "duplicate-image"
    title = "The image already exists"

    def __init__(self, image_id: str) -> None:
        super().__init__(f"The image {image_id} has the same bytes.")
        self.image_id = image_id


class UploadExpired(DomainError):
    """The bytes of the upload did not arrive in time."""

    code = "upload-expired"
    title = "The upload has expired"


class UploadOverwritten(DomainError):
    """The bytes of the upload were replaced while they were being read."""

    code = "upload-overwritten"
    title = "The upload was overwritten"


class EditConflict(DomainError):
    """The image was edited after the version that the request is based on."""

    code = "edit-conflict"
    title = "The image was edited in the meantime"
