"""The ports of images: what they need from the outside world.

Every implementation passes the contract tests of its port. All methods raise
:class:`~domain.shared.errors.ServiceUnavailable` when the service behind them fails temporarily.
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
    """The record was changed or deleted after the caller read it.

    Nothing was written. The caller must read the record again and decide again.
    """


class KeyClaimed(Exception):
    """The idempotency key already has a claim, ``claim``. Nothing was written."""

    def __init__(self, claim: IdempotencyClaim) -> None:
        super().__init__("The idempotency key is already claimed.")
        self.claim = claim


class SameBytesExist(Exception):
    """The ready images with the same bytes are ``image_ids``, not those that the caller expected.

    Nothing was written.
    """

    def __init__(self, image_ids: tuple[str, ...]) -> None:
        super().__init__("There are images with the same bytes.")
        self.image_ids = image_ids


class ImageRecords(Protocol):
    """Stores the records of images, and what must change together with them.

    Besides records, it stores for each owner:

    - the account: usage, and whether it is being deleted,
    - tombstones of deleted images, until they expire,
    - claims of idempotency keys, until they expire,
    - for each checksum, the ids of the ready images with these bytes (at most
      :data:`MAX_KNOWN_DUPLICATES` of them).

    **Atomicity.** Each method that writes is one transaction: it writes everything or nothing. Of
    concurrent writes that exclude each other, one succeeds. The others raise and write nothing.

    **Consistency.** :meth:`find`, :meth:`find_many`, :meth:`find_tombstone`, :meth:`find_account`,
    :meth:`find_same_bytes` and :meth:`search` in the order of creation see every completed write.
    Searches by capture time and :meth:`due` see it within seconds.

    **Failures.** All methods raise ServiceUnavailable if the service behind them fails temporarily; a
    write that raises this may or may not have taken place. Conflicts with other writers that are no
    reason to refuse, such as those over the owner's usage, are first retried a bounded number of times.
    """

    def find(self, ref: ImageRef) -> ImageRecord | None:
        """Find the record of this image, or return ``None``."""
        ...

    def find_many(self, owner_id: str, image_ids: Collection[str]) -> Mapping[str, ImageRecord]:
        """Find the records of those of these images (at most 100) that exist, by image id."""
        ...

    def add(self, record: ImageRecord, quotas: Quotas, *, claim: IdempotencyClaim | None = None) -> None:
        """Create a pending image, increase its owner's usage, and claim the idempotency key, if given.

        Raises AccountClosed if the account was deleted or is being deleted, KeyClaimed if the key has a
        claim that has not expired, QuotaExceeded if the usage would exceed a quota, or RecordConflict if
        the image exists or has a tombstone. If several apply, raises the first of these.
        """
        ...

    def save(self, before: ImageRecord, after: ImageRecord, *, same_bytes: Collection[str] = ()) -> None:
        """Replace ``before`` with its next version, and update the usage accordingly.

        Raises RecordConflict unless the stored record has the version of ``before``.

        An image that becomes ready joins the list of images with its bytes. ``same_bytes`` are the images
        that the caller expects there: raises SameBytesExist if there are others. Raises AccountClosed if
        the account is being deleted.
        """
        ...

    def remove(self, before: ImageRecord, tombstone: Tombstone, *, release_key: bool = False) -> None:
        """Replace the record with the tombstone, and decrease the usage accordingly.

        The image leaves the list of images with its bytes. With ``release_key``, the claim of the
        record's ``idempotency_key_hash`` is removed too, if it names this image. Also works while the
        account is being deleted. Raises RecordConflict unless the stored record has the version of
        ``before``.
        """
        ...

    def begin_rendering(self, ref: ImageRef) -> ImageRecord | None:
        """Save :meth:`ImageRecord.begin_rendering` and return the new record, in one request.

        Does nothing and returns ``None`` if the image does not exist or has no open renditions.
        """
        ...

    def find_tombstone(self, ref: ImageRef) -> Tombstone | None:
        """Find the tombstone of a deleted image, unless it has expired."""
        ...

    def settle_tombstone(self, ref: ImageRef) -> None:
        """Record that all of a deleted image is removed, so its tombstone is no longer due. Idempotent."""
        ...

    def find_same_bytes(self, owner_id: str, sha256: str) -> tuple[str, ...]:
        """List the ids of the owner's ready images with this checksum, oldest first."""
        ...

    def search(
        self, owner_id: str, query: ImageQuery, *, limit: int, position: str | None = None
    ) -> RecordPage:
        """Find up to ``limit`` (1 to 100) of the owner's images that match ``query``, in its order.

        ``position`` is the ``next_position`` of an earlier page of the same query. It is not secret,
        reveals nothing about the owner, and can be computed from any image
        (:meth:`ImageQuery.position_of`). A page takes at most one request to the service. With
        criteria, it may be short or empty although ``next_position`` says that there may be more;
        without, only the last page is short. A search for a checksum takes two requests and finds all
        images at once, unless there are or were more than the records keep track of. Raises
        InvalidCursor if ``position`` is malformed.
        """
        ...

    def find_account(self, owner_id: str) -> Account:
        """Find the owner's account. If nothing was ever stored, it has no usage."""
        ...

    def close_account(self, owner_id: str, now: datetime) -> None:
        """Begin to delete the account, due from ``now``, unless its deletion has already begun or ended."""
        ...

    def purge(self, owner_id: str, *, limit: int) -> bool:
        """Delete up to ``limit`` (1 to 1,000) items of a closed account, of any kind.

        Returns whether there may be more, besides the account itself. Unlike the other methods, this is
        no transaction: what it did before a failure stays done. Afterwards, the account's usage is
        meaningless.
        """
        ...

    def finish_account(
        self, owner_id: str, deleted_at: datetime, expires_at: datetime, *, due_at: datetime | None = None
    ) -> None:
        """Record that all of a closed account is removed. It stays closed until it expires.

        The account is due once more at ``due_at``, if given, and no longer due otherwise. If it is
        already finished, only its ``due_at`` changes.
        """
        ...

    def due(self, now: datetime, *, limit: int, position: str | None = None) -> DuePage:
        """List what is due by ``now`` for all owners: images, tombstones and accounts, longest due first.

        ``limit`` is 1 to 100; ``position`` is the ``next_position`` of an earlier page.
        """
        ...

    def postpone(self, item: DueWork, due_at: datetime) -> None:
        """Make this item due at another time, unless its ``due_at`` has changed since or it is gone.

        Versions do not change.
        """
        ...


class StoredOriginals(Protocol):
    """Lists the originals in storage, without the records."""

    def count(self) -> int:
        """Count the originals of all owners."""
        ...

    def list_all(self) -> Iterator[StoredOriginal]:
        """List the originals of all owners, in any order."""
        ...

    def filename_of(self, original: StoredOriginal) -> str | None:
        """Read the client's name for the file, which is stored with the original."""
        ...


class WorkQueue(Protocol):
    """Delivers work to the settling functions: at least once, soon, in any order."""

    def send(self, work: Work) -> None:
        """Queue this work."""
        ...


class RenderQueue(Protocol):
    """Delivers images to the rendering functions: at least once, soon, in any order."""

    def send(self, ref: ImageRef) -> None:
        """Queue this image, whose open renditions are to be made."""
        ...


class OpenedUpload(Protocol):
    """Bytes that a client sent to storage, opened for reading: their header is available at once."""

    @property
    def etag(self) -> str:
        """Storage's entity tag, which changes if other bytes replace these."""
        ...

    @property
    def size_bytes(self) -> int:
        """The number of bytes."""
        ...

    @property
    def header(self) -> bytes:
        """The first bytes: as many as were requested, or all if there are fewer."""
        ...

    def download(self) -> AbstractContextManager[BinaryIO]:
        """Read all bytes, the header included, as a seekable stream on disk. May be called once."""
        ...


class IncomingStore(Protocol):
    """Lets clients send bytes straight to storage, and keeps these incoming bytes until they are settled.

    Bytes that are sent again replace the earlier ones.
    """

    @property
    def limits(self) -> StorageLimits:
        """What storage accepts."""
        ...

    def create_form(self, ref: ImageRef, announced: Announcement, expires_in: timedelta) -> UploadForm:
        """Create a form that accepts only bytes of the declared size and, if declared, SHA-256."""
        ...

    def begin_multipart(self, ref: ImageRef, announced: Announcement) -> str:
        """Begin a multipart upload. Returns its id in storage."""
        ...

    def sign_part(
        self, ref: ImageRef, plan: MultipartPlan, number: int, size_bytes: int, expires_in: timedelta
    ) -> SignedRequest:
        """Sign a request that uploads this part with exactly this size."""
        ...

    def sign_multipart_operation(
        self, ref: ImageRef, plan: MultipartPlan, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        """Sign a request with which the client itself performs this operation in storage's protocol."""
        ...

    def list_parts(self, ref: ImageRef, plan: MultipartPlan) -> tuple[UploadedPart, ...]:
        """List the parts that storage has, by number. Raises UploadNotFound once the upload is over."""
        ...

    def complete_multipart(self, ref: ImageRef, plan: MultipartPlan, parts: Iterable[UploadedPart]) -> None:
        """Combine the parts into the incoming bytes.

        Raises UploadNotFound once the upload is over, or UploadIncomplete if a part has changed.
        """
        ...

    def abort_multiparts(self, ref: ImageRef, *, but: str | None = None) -> None:
        """Abort all multipart uploads of this image except ``but``, also those whose id was never saved."""
        ...

    def open(self, ref: ImageRef, header_bytes: int) -> AbstractContextManager[OpenedUpload | None]:
        """Open the incoming bytes, with up to ``header_bytes`` already read; ``None`` if there are none."""
        ...

    def accept(self, ref: ImageRef, etag: str, image_format: ImageFormat, filename: str | None) -> bool:
        """Make the incoming bytes with this entity tag the image's original. An existing original stays.

        Does nothing and returns ``False`` if these bytes are gone or were replaced.
        """
        ...

    def remove(self, ref: ImageRef) -> None:
        """Remove the incoming bytes, if there are any."""
        ...


class ImageStore(Protocol):
    """Stores each image's original bytes, its metadata document and its renditions.

    The records decide which images exist; this only stores bytes. An original is never overwritten.
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
        """Store the bytes, verified end to end against ``sha256``. An existing original stays.

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
        without_bytes: bool = False,
    ) -> ContentLink:
        """Make a link to the original, without a request.

        It serves the bytes with the media type of the format and this file name. With
        ``without_bytes``, it serves only their size and type.
        """
        ...

    def save_rendition(self, ref: ImageRef, rendition: Rendition) -> None:
        """Store a rendition, replacing an earlier one with its name."""
        ...

    def rendition_link(
        self, ref: ImageRef, name: str, expires_in: timedelta, *, filename: str | None = None
    ) -> ContentLink:
        """Make a link to a rendition, without a request; with a file name, as for the original."""
        ...

    def remove(self, refs: Collection[ImageRef], *, renditions: Collection[str] = ()) -> None:
        """Remove everything that is stored of these images, including incoming bytes.

        ``renditions`` are the names of the renditions that may exist.
        """
        ...

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        """Remove these renditions of an image, if they exist."""
        ...

    def remove_owner(self, owner_id: str, *, limit: int) -> bool:
        """Remove up to ``limit`` (1 to 1,000) objects of this owner, including old versions and parts.

        Returns whether there may be more.
        """
        ...
