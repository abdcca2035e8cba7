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

    Nothing was written. Whoever gets this reads again and decides again.
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
    to refuse (of the owner's usage, say) are tried again, a bounded number of times, before that.
    """

    def find(self, ref: ImageRef) -> ImageRecord | None:
        """The record of this image, if it exists."""
        ...

    def find_many(self, owner_id: str, image_ids: Collection[str]) -> Mapping[str, ImageRecord]:
        """The records of those of these (at most 100) images that exist, by image id."""
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
        """What stayed of a deleted image, unless it has expired."""
        ...

    def settle_tombstone(self, ref: ImageRef) -> None:
        """Nothing is left of the deleted image: its tombstone is not due any more. May be repeated."""
        ...

    def find_same_bytes(self, owner_id: str, sha256: str) -> tuple[str, ...]:
        """The ids of the owner's ready images with this checksum, oldest first."""
        ...

    def search(
        self, owner_id: str, query: ImageQuery, *, limit: int, position: str | None = None
    ) -> RecordPage:
        """The owner's images that ``query`` matches, in its order: up to ``limit`` (1 to 100) of them.

        ``position`` is the ``next_position`` of an earlier page of the same query; it is no secret,
        says nothing of the owner, and is made anew from any image by :meth:`ImageQuery.position_of`.
        A page is the outcome of at most one request to the service: with criteria it may be short or
        even empty although ``next_position`` says that there may be more; without, it is full unless
        it is the last. Looking for a checksum finds all at once. Raises InvalidCursor if ``position``
        has not the form of one.
        """
        ...

    def find_account(self, owner_id: str) -> Account:
        """The owner's account; one without usage if nothing was ever stored."""
        ...

    def close_account(self, owner_id: str, now: datetime) -> None:
        """Begin the deletion of the account, due from ``now``; one that has begun or ended stays so."""
        ...

    def purge(self, owner_id: str, *, limit: int) -> bool:
        """Delete up to ``limit`` (1 to 1,000) items of a closed account, of whatever kind.

        Tells if there may be more, the account itself not counted. Whatever it did before a failure
        stays done: this alone is no transaction, and from here on the account's usage means nothing.
        """
        ...

    def finish_account(self, owner_id: str, deleted_at: datetime, expires_at: datetime) -> None:
        """Nothing is left of a closed account: it is not due any more, and forgotten when it expires.

        Until then it stays closed. One that is finished already stays as it is.
        """
        ...

    def due(self, now: datetime, *, limit: int, position: str | None = None) -> DuePage:
        """Of all owners, what is due by ``now``: images, tombstones and accounts, longest due first.

        ``limit`` is 1 to 100; ``position`` is the ``next_position`` of an earlier page.
        """
        ...

    def postpone(self, item: DueWork, due_at: datetime) -> None:
        """Make this due at another time, unless its ``due_at`` has changed since or it is gone.

        It leaves versions as they are.
        """
        ...


class StoredOriginals(Protocol):
    """What storage itself tells of the images whose originals it keeps."""

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
    """Brings work to whoever settles it: at least once, soon, in any order."""

    def send(self, work: Work) -> None:
        """Have this settled."""
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
        """Storage's tag, which tells these bytes from others that are sent over them meanwhile."""
        ...

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
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
        """A form that accepts exactly the announced bytes: their size, and their SHA-256 if known."""
        ...

    def begin_multipart(self, ref: ImageRef, announced: Announcement) -> str:
        """Begin an upload in parts. Returns storage's id of it."""
        ...

    def sign_part(
        self, ref: ImageRef, plan: MultipartPlan, number: int, size_bytes: int, expires_in: timedelta
    ) -> SignedRequest:
        """A request that uploads this part, of exactly this size."""
        ...

    def sign_multipart_operation(
        self, ref: ImageRef, plan: MultipartPlan, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        """A request with which the client does this itself, in storage's own protocol."""
        ...

    def list_parts(self, ref: ImageRef, plan: MultipartPlan) -> tuple[UploadedPart, ...]:
        """The parts that storage has, by number. Raises UploadNotFound once the upload is over."""
        ...

    def complete_multipart(self, ref: ImageRef, plan: MultipartPlan, parts: Iterable[UploadedPart]) -> None:
        """Put the parts together; the bytes have then come in.

        Raises UploadNotFound once the upload is over, or UploadIncomplete if a part changed meanwhile.
        """
        ...

    def abort_multiparts(self, ref: ImageRef, *, but: str | None = None) -> None:
        """End all uploads in parts of this image, or all but one; also those whose id was never noted."""
        ...

    def open(self, ref: ImageRef, header_bytes: int) -> AbstractContextManager[OpenedUpload | None]:
        """What has come in, with up to ``header_bytes`` read already; ``None`` if there is nothing."""
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

    What exists is for the records to say: this only holds bytes. An original is never overwritten.
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
        """The original bytes as a seekable stream on disk; ``None`` if there are none."""
        ...

    def save_document(self, ref: ImageRef, document: bytes) -> None:
        """Store the metadata document, JSON in UTF-8."""
        ...

    def load_document(self, ref: ImageRef) -> bytes | None:
        """The stored document, or ``None`` if there is none."""
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
        """A link to the original, made without a request.

        Whoever follows it gets the bytes with the media type of the format and this file name. It is good
        for GET, or, if ``headers_only``, for HEAD.
        """
        ...

    def save_rendition(self, ref: ImageRef, rendition: Rendition) -> None:
        """Store a rendition, over an earlier one of its name."""
        ...

    def rendition_link(
        self, ref: ImageRef, name: str, expires_in: timedelta, *, filename: str | None = None
    ) -> ContentLink:
        """A link to a rendition, made without a request; with a file name, as of the original."""
        ...

    def remove(self, refs: Collection[ImageRef], *, renditions: Collection[str] = ()) -> None:
        """Remove all that is stored of these images, what has come in of them included.

        ``renditions`` are the names of the renditions that may be there.
        """
        ...

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        """Remove these renditions of an image, if they are there."""
        ...

    def remove_owner(self, owner_id: str, *, limit: int) -> bool:
        """Remove up to ``limit`` (1 to 1,000) objects of this owner, old versions and parts included.

        Tells if there may be more.
        """
        ...
