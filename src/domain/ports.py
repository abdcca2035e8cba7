"""What the domain needs from the outside world.

Every implementation passes the contract tests of its port. All methods raise
:class:`~domain.errors.ServiceUnavailable` when the service behind them fails for now, and the
identity provider's raise :class:`~domain.errors.TooManyRequests` when it limits the rate.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from pydantic import SecretStr

from domain.accounts import (
    Challenge,
    ChallengeAnswer,
    ProfilePatch,
    RegisteredUser,
    Registration,
    Tokens,
    UserProfile,
)
from domain.audit import AuditEvent
from domain.image_format import ImageFormat
from domain.images import ContentLink, ImageRef, Original, Rejection, StoredImage, StoredImagePage
from domain.metadata import ExtractedMetadata, MetadataDocument
from domain.uploads import (
    IdempotencyRecord,
    IncomingImage,
    SignedRequest,
    StorageOperation,
    StoredPart,
    Upload,
    UploadedPart,
    UploadForm,
)


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class IdentityProvider(Protocol):
    """A directory of users that issues and renews their tokens. E-mail addresses are normalised."""

    def register(self, registration: Registration) -> RegisteredUser:
        """Create an unconfirmed account and send its confirmation code.

        Raises UserAlreadyExists, WeakPassword, RegistrationNotAllowed or InvalidRequest.
        """
        ...

    def confirm(self, email: str, code: str) -> None:
        """Confirm an account with the code that was sent to it.

        Raises InvalidCode (also for an unknown or an already confirmed account) or ExpiredCode.
        """
        ...

    def resend_confirmation_code(self, email: str) -> None:
        """Send a new code if there is an unconfirmed account; otherwise do nothing, silently."""
        ...

    def authenticate(self, email: str, password: SecretStr) -> Tokens | Challenge:
        """Sign in. A challenge MFA_SETUP has a new ``secret``, in base 32, among its parameters.

        Raises InvalidCredentials (the same, after a like time, for an unknown or a disabled user),
        UserNotConfirmed, PasswordResetRequired, or TooManyRequests during a lockout.
        """
        ...

    def answer_challenge(self, answer: ChallengeAnswer) -> Tokens | Challenge:
        """Go on with a sign-in. Raises ChallengeFailed or, of a new password, WeakPassword."""
        ...

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        """New access and ID tokens. Raises InvalidRefreshToken."""
        ...

    def revoke(self, refresh_token: SecretStr) -> None:
        """End the sign-in that this token renews; a token that isn't valid is no error (RFC 7009)."""
        ...

    def sign_out_everywhere(self, username: str) -> None:
        """End all sign-ins of this user, named by username or e-mail address, if there is one.

        Access and ID tokens that were issued stay good for whoever verifies them by signature alone.
        """
        ...

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password if there is a confirmed account; else do nothing, silently."""
        ...

    def reset_password(self, email: str, code: str, new_password: SecretStr) -> None:
        """Set a new password with the code that was sent.

        Raises InvalidCode, the same for an expired code and an unknown account, or WeakPassword.
        """
        ...

    def verify_password(self, username: str, password: SecretStr) -> None:
        """Return if this is the user's password; no sign-in remains. Raises InvalidCredentials."""
        ...

    def set_password(self, username: str, password: SecretStr) -> None:
        """Replace the user's password. Raises WeakPassword or UserNotFound."""
        ...

    def get_profile(self, username: str) -> UserProfile:
        """The account with this username (see :class:`Caller`). Raises UserNotFound."""
        ...

    def update_profile(self, username: str, patch: ProfilePatch) -> None:
        """Change an account. Raises UserNotFound."""
        ...

    def delete_user(self, username: str) -> None:
        """Remove an account and end its sign-ins. That it doesn't exist is no error."""
        ...

    def start_totp_enrolment(self, access_token: SecretStr) -> SecretStr:
        """A new secret for one-time passwords, in base 32. The one in force stays so until verified.

        Raises AccessTokenRequired if the token is no longer good for this, UserNotFound if its user is
        gone, PasswordResetRequired, or PermissionDenied if the directory does not let users choose, as
        do the two that follow.
        """
        ...

    def verify_totp(self, access_token: SecretStr, code: str) -> None:
        """Put the new secret in force if ``code`` proves that the user has it. Raises InvalidCode."""
        ...

    def disable_totp(self, access_token: SecretStr) -> None:
        """Ask for one-time passwords no more."""
        ...


class AuditLog(Protocol):
    """Keeps a record of events that matter to security."""

    def record(self, event: AuditEvent) -> None:
        """Write the event down."""
        ...


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

    def sign_operation(
        self, ref: ImageRef, upload: Upload, operation: StorageOperation, expires_in: timedelta
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

    def parts(self, ref: ImageRef) -> frozenset[StoredPart]:
        """The pieces that there are of this image."""
        ...

    def remove(self, ref: ImageRef, parts: Collection[StoredPart]) -> None:
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


class MetadataExtractor(Protocol):
    """Reads an image's properties and metadata without decoding its pixels."""

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image in ``content``, a seekable stream from which nothing else reads meanwhile.

        ``image_format`` is the format that the first bytes say; the stream is read as that and
        nothing else. A stream with a file's path as its ``name`` is read in place. Metadata that is
        damaged or beyond a limit is left out with a warning.

        Raises UnreadableImage if it is not an image of that format, or ImageDimensionsExceeded if
        its dimensions are beyond what the extractor is set to read.
        """
        ...
