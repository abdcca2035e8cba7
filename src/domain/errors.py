"""The one family of errors that the domain and its adapters raise.

Each class has a stable, kebab-case ``code`` that clients may rely on and a short ``title``. The
``detail`` of an instance is written for the caller of the API: it names the field and the limit and
never an internal cause. How an error looks in HTTP is decided at the edge, not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field of a request: its dotted name and what is wrong with it."""

    field: str
    message: str


class DomainError(Exception):
    """Base of every error that a caller of the domain is meant to see."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class InvalidRequest(DomainError):
    """A value is missing, malformed or out of range."""

    code = "invalid-request"
    title = "The request is invalid"


class WeakPassword(DomainError):
    """The password does not satisfy the password policy, which the detail states."""

    code = "weak-password"
    title = "The password does not satisfy the password policy"


class UserAlreadyExists(DomainError):
    """An account with this e-mail address exists."""

    code = "user-exists"
    title = "An account with this e-mail address exists"


class RegistrationNotAllowed(DomainError):
    """The registration policy refuses this e-mail address, or registration is closed."""

    code = "registration-not-allowed"
    title = "Registration is not allowed"


class UserNotFound(DomainError):
    """The account that a valid token names no longer exists."""

    code = "user-not-found"
    title = "The account does not exist"


class UserNotConfirmed(DomainError):
    """The credentials are right, but the e-mail address has not been confirmed."""

    code = "user-not-confirmed"
    title = "The account is not confirmed"


class InvalidCredentials(DomainError):
    """The e-mail address or the password is wrong; which of the two is never said."""

    code = "invalid-credentials"
    title = "The e-mail address or the password is wrong"


class PasswordResetRequired(DomainError):
    """The credentials are right, but an administrator requires a new password before the next sign-in."""

    code = "password-reset-required"
    title = "A new password is required"


class InvalidCode(DomainError):
    """A confirmation, reset or one-time code does not match."""

    code = "invalid-code"
    title = "The code is wrong"


class ExpiredCode(DomainError):
    """A confirmation or reset code is no longer valid; a new one can be requested."""

    code = "expired-code"
    title = "The code has expired"


class ChallengeFailed(DomainError):
    """The answer to a sign-in challenge, or its session, is wrong or has expired."""

    code = "challenge-failed"
    title = "The challenge was not passed"


class InvalidRefreshToken(DomainError):
    """The refresh token is malformed, expired or revoked, or belongs to another client."""

    code = "invalid-refresh-token"
    title = "The refresh token is not valid"


class AccessTokenRequired(DomainError):
    """The operation needs the caller's access token; an ID token was sent."""

    code = "access-token-required"
    title = "An access token is required"


class PermissionDenied(DomainError):
    """The caller is known but lacks a permission, which the detail names."""

    code = "permission-denied"
    title = "The permission is missing"


class TooManyRequests(DomainError):
    """A rate limit or a lockout is in force; the request may be repeated later."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ServiceUnavailable(DomainError):
    """A service behind this one failed for now; the request may be repeated later."""

    code = "service-unavailable"
    title = "The service is unavailable"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


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


class ImageTooLarge(DomainError):
    """The image has more bytes than the limit that the detail names."""

    code = "image-too-large"
    title = "The image is too large"


class UnsupportedImageType(DomainError):
    """The bytes, or the declared type, are not of an allowed image format."""

    code = "unsupported-image-type"
    title = "The image format is not supported"


class UnreadableImage(DomainError):
    """The bytes look like an allowed format but cannot be read as an image of it."""

    code = "unreadable-image"
    title = "The image cannot be read"


class ImageDimensionsExceeded(DomainError):
    """The image has more pixels, or a longer side, than the limits that the detail names."""

    code = "image-dimensions-exceeded"
    title = "The image's dimensions exceed the limit"


class ChecksumMismatch(DomainError):
    """The bytes received do not have the checksum that the client declared."""

    code = "checksum-mismatch"
    title = "The checksum does not match"


class InvalidCursor(DomainError):
    """The page cursor was not issued by this API."""

    code = "invalid-cursor"
    title = "The cursor is not valid"


class IdempotencyKeyReused(DomainError):
    """The idempotency key was used before with another body."""

    code = "idempotency-key-reused"
    title = "The idempotency key was used with another request"


class UploadNotFound(DomainError):
    """The caller has no unfinished multipart upload for this image."""

    code = "upload-not-found"
    title = "The upload does not exist"


class UploadIncomplete(DomainError):
    """Parts of the upload, which the detail names, are missing or have another size than planned."""

    code = "upload-incomplete"
    title = "The upload is incomplete"
