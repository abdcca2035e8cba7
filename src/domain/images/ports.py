"""What the domain needs from the outside world.

Every implementation passes the contract tests of its port. All methods raise
:class:`~domain.shared.errors.ServiceUnavailable` when the service behind them fails for now, and the
identity provider's raise :class:`~domain.shared.errors.TooManyRequests` when it limits the rate.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from domain.images.account import Account, Quotas
from domain.images.model import ContentLink, ImageRef, StoredOriginal
from domain.images.query import ImageQuery, RecordPage
from domain.images.record import Announcement, IdempotencyClaim, ImageRecord, Tombstone
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    StorageLimits,
    UploadedPart,
    UploadForm,
)
from domain.images.work import DuePage, DueWork, Work
from domain.renditions.model import Rendition
from domain.shared.image_format import ImageFormat

MAX_KNOWN_DUPLICATES = 100
"""How many images with the same bytes the records keep track of."""


class RecordConflict(Exception):
    """The record is not what the change was based on: it was changed or deleted meanwhile.

    Nothing was written. The caller reads the record again and decides again.
    """


class KeyClaimed(Exception):
    """The idempotency key has a claim already, which is ``claim``. Nothing was written."""

    def __init__(self, claim: IdempotencyClaim) -> None:
        super().__init__("The idempotency key was claimed before.")
        self.claim = claim


class SameBytesExist(Exception):
    """The ready images with the same bytes are not those that were expected, but ``image_ids``.

    Nothing was written.
    """

    def __init__(self, image_ids: tuple[str, ...]) -> None:
        super().__init__("There are images with the same bytes.")
        self.image_ids = image_ids


class ImageRecords(Protocol):
    """Keeps the records of images, and what must change together with them.

    Besides records, it keeps for each owner:

    - the account: usage, and whether it is being deleted,
    - tombstones of deleted images, until they expire,
    - claims of idempotency keys, until they expire,
    - for each checksum, the ids of the ready images with these bytes (at most
      :data:`MAX_KNOWN_DUPLICATES` of them).

    **Atomicity.** Each method that writes is one transaction: it does all that it says, or nothing,
    and of concurrent ones that exclude each other one wins. A refused one raises, having written
    nothing.

    **Consistency.** What a method has written is seen by every :meth:`find`, :meth:`find_many`,
    :meth:`find_tombstone`, :meth:`find_account`, :meth:`find_same_bytes` and :meth:`search` in the order
    of creation from then on. Searches by capture time and :meth:`due` may follow within seconds.

    **Failures.** All methods raise ServiceUnavailable if the service behind them fails for now; a
    write that raised this may have been done or not. Conflicts with other writers that are no reason
    to refuse (over the owner's usage, for example) are first retried a bounded number of times.
    """

    def find(self, ref: ImageRef) -> ImageRecord | None:
        """Find the record of this image, or return ``None``."""
        ...

    def find_many(self, owner_id: str, image_ids: Collection[str]) -> Mapping[str, ImageRecord]:
        """Find the records of those of these (at most 100) images that exist, by image id."""
        ...

    def add(self, record: ImageRecord, quotas: Quotas, *, claim: IdempotencyClaim | None = None) -> None:
        """Create a pending image, raise its owner's usage, and claim the idempotency key, if given.

        Raises AccountClosed if the account is being deleted or was, KeyClaimed if the key has a claim
        that has not expired, QuotaExceeded if with this image the usage would be beyond a quota, or
        RecordConflict if the image exists or has a tombstone. If several apply, the first one of
        these is raised.
        """
        ...

    def save(self, before: ImageRecord, after: ImageRecord, *, same_bytes: Collection[str] = ()) -> None:
        """Replace ``before``, as it was read, by its next version, and change the usage accordingly.

        Raises RecordConflict unless the record's version is that of ``before``.

        If the image becomes ready with this, it is taken into the list of images with its bytes, of
        which ``same_bytes`` are those that the caller knows: raises SameBytesExist if there are
        others. Raises AccountClosed if the account is being deleted.
        """
        ...

    def remove(self, before: ImageRecord, tombstone: Tombstone, *, release_key: bool = False) -> None:
        """Delete the record, leaving the tombstone, and lower the usage accordingly.

        The image leaves the list of images with its bytes. With ``release_key``, the claim of the
        record's ``idempotency_key_hash`` goes too, if it is this image's. Works whether the account is
        being deleted or not. Raises RecordConflict unless the record's version is that of ``before``.
        """
        ...

    def begin_rendering(self, ref: ImageRef) -> ImageRecord | None:
        """Make the move of that name, and give the record that is there then, in one request.

        Returns ``None``, having done nothing, if there is no such image or it is not to be rendered.
        """
        ...

    def find_tombstone(self, ref: ImageRef) -> Tombstone | None:
        """Find the tombstone of a deleted image, unless it has expired."""
        ...

    def settle_tombstone(self, ref: ImageRef) -> None:
        """Note that nothing is left of a deleted image, so its tombstone is not due. May be repeated."""
        ...

    def find_same_bytes(self, owner_id: str, sha256: str) -> tuple[str, ...]:
        """List the ids of the owner's ready images with this checksum, oldest first."""
        ...

    def search(
        self, owner_id: str, query: ImageQuery, *, limit: int, position: str | None = None
    ) -> RecordPage:
        """Find up to ``limit`` (1 to 100) of the owner's images that match ``query``, in its order.

        ``position`` is the ``next_position`` of an earlier page of the same query; it is not secret,
        reveals nothing about the owner, and :meth:`ImageQuery.position_of` computes it from any image.
        A page is the result of at most one request to the service: with criteria, it may be short or
        even empty although ``next_position`` says that there may be more; without, it is full unless
        it is the last. A search for a checksum finds all images at once. Raises InvalidCursor if
        ``position`` is malformed.
        """
        ...

    def find_account(self, owner_id: str) -> Account:
        """Find the owner's account; it is one without usage if nothing was ever stored."""
        ...

    def close_account(self, owner_id: str, now: datetime) -> None:
        """Begin to delete the account, due from ``now``, unless its deletion has begun or ended."""
        ...

    def purge(self, owner_id: str, *, limit: int) -> bool:
        """Delete up to ``limit`` (1 to 1,000) items of a closed account, of whatever kind.

        Tells whether there may be more, not counting the account itself. What it did before a failure
        stays done: unlike the other methods, this is no transaction. Afterwards, the account's usage is
        meaningless.
        """
        ...

    def finish_account(
        self, owner_id: str, deleted_at: datetime, expires_at: datetime, *, due_at: datetime | None = None
    ) -> None:
        """Note that nothing is left of a closed account, which stays closed until it expires.

        It is due once more at ``due_at``, if given, and no longer due otherwise. If it is finished
        already, only that changes.
        """
        ...

    def due(self, now: datetime, *, limit: int, position: str | None = None) -> DuePage:
        """List what is due by ``now`` for all owners: images, tombstones and accounts, longest due first.

        ``limit`` is 1 to 100; ``position`` is the ``next_position`` of an earlier page.
        """
        ...

    def postpone(self, item: DueWork, due_at: datetime) -> None:
        """Make this due at another time, unless its ``due_at`` has changed since or it is gone.

        Versions do not change.
        """
        ...


class StoredOriginals(Protocol):
    """Tells which originals storage has, without the records."""

    def count(self) -> int:
        """Count the originals of all owners."""
        ...

    def list_all(self) -> Iterator[StoredOriginal]:
        """List the originals of all owners, in any order."""
        ...

    def filename_of(self, original: StoredOriginal) -> str | None:
        """Read the client's name for the file, which is kept with the original."""
        ...


class WorkQueue(Protocol):
    """Delivers work to the settling functions: at least once, soon, in any order."""

    def send(self, work: Work) -> None:
        """Queue this work."""
        ...


class RenderQueue(Protocol):
    """Brings images to whoever makes their renditions: at least once, soon, in any order."""

    def send(self, ref: ImageRef) -> None:
        """Have the open renditions of this image made."""
        ...


class OpenedUpload(Protocol):
    """Bytes that a client sent to storage, as they are read: first their beginning, then all of them."""

    @property
    def etag(self) -> str:
        """Storage's tag, which differs if other bytes have replaced these."""
        ...

    @property
    def size_bytes(self) -> int:
        """The number of bytes."""
        ...

    @property
    def header(self) -> bytes:
        """The first bytes: as many as were asked for, or all of fewer."""
        ...

    def download(self) -> AbstractContextManager[BinaryIO]:
        """Read all bytes, the header included, as a seekable stream on disk. May be called once."""
        ...


class IncomingStore(Protocol):
    """Lets clients send bytes straight to storage, and keeps what has come in until it is settled.

    Bytes that are sent again replace those that came in before.
    """

    @property
    def limits(self) -> StorageLimits:
        """What storage accepts."""
        ...

    def create_form(self, ref: ImageRef, announced: Announcement, expires_in: timedelta) -> UploadForm:
        """Make a form that accepts exactly the announced bytes: their size, and their SHA-256 if known."""
        ...

    def begin_multipart(self, ref: ImageRef, announced: Announcement) -> str:
        """Begin an upload in parts. Returns storage's id of it."""
        ...

    def sign_part(
        self, ref: ImageRef, plan: MultipartPlan, number: int, size_bytes: int, expires_in: timedelta
    ) -> SignedRequest:
        """Sign a request that uploads this part, of exactly this size."""
        ...

    def sign_multipart_operation(
        self, ref: ImageRef, plan: MultipartPlan, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        """Sign a request with which the client does this itself, in storage's own protocol."""
        ...

    def list_parts(self, ref: ImageRef, plan: MultipartPlan) -> tuple[UploadedPart, ...]:
        """List the parts that storage has, by number. Raises UploadNotFound once the upload is over."""
        ...

    def complete_multipart(self, ref: ImageRef, plan: MultipartPlan, parts: Iterable[UploadedPart]) -> None:
        """Put the parts together; the bytes have then come in.

        Raises UploadNotFound once the upload is over, or UploadIncomplete if a part changed meanwhile.
        """
        ...

    def abort_multiparts(self, ref: ImageRef, *, but: str | None = None) -> None:
        """Abort all uploads in parts of this image, or all but one; also those whose id was never saved."""
        ...

    def open(self, ref: ImageRef, header_bytes: int) -> AbstractContextManager[OpenedUpload | None]:
        """Open what has come in, with up to ``header_bytes`` already read; ``None`` if there is nothing."""
        ...

    def accept(self, ref: ImageRef, etag: str, image_format: ImageFormat, filename: str | None) -> bool:
        """Make the bytes with this tag the image's original, unless it has one, which then stays.

        Returns ``False``, having done nothing, if they are gone or were replaced.
        """
        ...

    def remove(self, ref: ImageRef) -> None:
        """Remove what has come in, if anything has."""
        ...


class ImageStore(Protocol):
    """Keeps each image's original bytes and its metadata document beside them.

    The records decide which images exist: this only stores bytes. An original is never overwritten.
    """

    def save_original(
        self,
        ref: ImageRef,
        content: bytes,
        *,
        image_format: ImageFormat,
        sha256: str,
        filename: str | None = None,
    ) -> None:
        """Store the bytes, verified end to end against ``sha256``; an original that is there stays.

        Raises ChecksumMismatch if they do not match.
        """
        ...

    def open_original(
        self, ref: ImageRef, image_format: ImageFormat
    ) -> AbstractContextManager[BinaryIO | None]:
        """Open the original bytes as a seekable stream on disk; ``None`` if there are none."""
        ...

    def save_document(self, ref: ImageRef, document: bytes) -> None:
        """Store the metadata document, JSON in UTF-8."""
        ...

    def load_document(self, ref: ImageRef) -> bytes | None:
        """Load the stored document, or return ``None`` if there is none."""
        ...

    def content_link(
        self,
        ref: ImageRef,
        image_format: ImageFormat,
        filename: str,
        expires_in: timedelta,
        *,
        headers_only: bool = False,
    ) -> ContentLink:
        """Make a link to the original, without a request.

        It serves the bytes with the media type of the format and this file name. It is good
        for GET, or, if ``headers_only``, for HEAD.
        """
        ...

    def save_rendition(self, ref: ImageRef, rendition: Rendition) -> None:
        """Store a rendition, over an earlier one of its name."""
        ...

    def rendition_link(
        self, ref: ImageRef, name: str, expires_in: timedelta, *, filename: str | None = None
    ) -> ContentLink:
        """Make a link to a rendition, without a request; with a file name, as for the original."""
        ...

    def remove(self, refs: Collection[ImageRef], *, renditions: Collection[str] = ()) -> None:
        """Remove everything that is stored of these images, including incoming bytes.

        ``renditions`` are the names of the renditions that may be there.
        """
        ...

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        """Remove these renditions of an image, if they are there."""
        ...

    def remove_owner(self, owner_id: str, *, limit: int) -> bool:
        """Remove up to ``limit`` (1 to 1,000) objects of this owner, old versions and parts included.

        Tells whether there may be more.
        """
        ...
