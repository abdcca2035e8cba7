"""The record of an image: what is known of it, the states it can be in, and the moves between them.

An image exists if and only if its record does. A record is a value: each move returns its next
version. A move takes effect when that version is saved, which fails if the record has changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.images.compact_summary import compact_summary, fold
from domain.images.ids import created_at
from domain.images.model import ImageRef, ImageStatus, Rejection, RenditionsError
from domain.images.upload import MultipartPlan
from domain.metadata.model import MetadataDocument, Tags
from domain.renditions.model import StoredRendition
from domain.shared.errors import DomainError
from domain.shared.image_format import ImageFormat

MAX_REJECTION_DETAIL_LENGTH = 500
"""How many characters of a rejection's detail are kept."""
MAX_RENDITIONS_ERROR_LENGTH = 150
"""How many characters of a rendering error's detail are kept."""
MAX_RENDERING_ATTEMPTS = 2
"""How often rendering is tried: a function may be killed for reasons that are not the image's fault."""

WRITERS_END_WITHIN = timedelta(minutes=15)
"""After this time, no function that was writing when an image was deleted is still running."""
TOMBSTONE_LIFETIME = timedelta(days=35)
"""Longer than any link is valid, and longer than any message is kept."""


class IllegalMove(RuntimeError):
    """The image's state does not allow this move: a programming error, never a client's."""


class UploadWay(StrEnum):
    """How an image's bytes are uploaded."""

    SMALL = "small"
    """In the body of a request to the API, which reads them before it creates the record."""
    FORM = "form"
    """Straight to storage, with one form."""
    MULTIPART = "multipart"
    """Straight to storage, in parts."""
    REBUILT = "rebuilt"
    """In one of these ways, but the record was lost and created again from what is in storage."""

    @property
    def is_direct(self) -> bool:
        """Whether clients send bytes that are still to be examined."""
        return self in {UploadWay.FORM, UploadWay.MULTIPART}


@dataclass(frozen=True, slots=True)
class Announcement:
    """What was declared about an image's bytes before they were stored."""

    way: UploadWay
    size_bytes: int
    expires_at: datetime
    """When to stop waiting for the bytes."""
    image_format: ImageFormat | None = None
    """The declared format, if any; for a small upload, the real one."""
    sha256: str | None = None
    """The SHA-256 that the bytes must have, in lower-case hexadecimal."""
    part_bytes: int | None = None
    """For a multipart upload, the size of all parts but the last."""
    upload_id: str | None = None
    """Storage's id of the multipart upload, once it has begun."""

    @property
    def plan(self) -> MultipartPlan | None:
        """How the multipart upload is divided into parts, once it has begun."""
        if self.part_bytes is None or self.upload_id is None:
            return None
        return MultipartPlan(self.upload_id, self.part_bytes)


@dataclass(frozen=True, slots=True)
class BytesClaim:
    """Which incoming bytes are the image: no others can become its original."""

    etag: str
    """Storage's entity tag of the incoming object."""
    sha256: str
    """Checksum of the bytes, in lower-case hexadecimal."""
    image_format: ImageFormat
    """The real format of the bytes, which decides the extension of the original's key."""


@dataclass(frozen=True, slots=True)
class ImageContent:
    """The properties of a ready image's bytes."""

    image_format: ImageFormat
    size_bytes: int
    sha256: str
    """In lower-case hexadecimal."""
    width: int
    """Pixels as displayed, orientation applied."""
    height: int
    """Pixels as displayed, orientation applied."""
    document_sha256: str
    """SHA-256 of the stored metadata document, in lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class OwnerEdits:
    """What the owner has written about an image; ``number`` counts the edits."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """One image: pending, ready or rejected. It takes at most 8 KB, whatever the file contains.

    While ``due_at`` is set, something is unfinished, and the image must be settled after that time.
    ``version`` starts at 1 and increases by one with every saved move.
    """

    ref: ImageRef
    version: int = 1
    status: ImageStatus = ImageStatus.PENDING
    announced: Announcement
    filename: str | None = None
    """The client's name for the file: data for display, never part of a key or a path."""
    idempotency_key_hash: str | None = None
    """See :class:`IdempotencyClaim`."""
    due_at: datetime | None = None
    claim: BytesClaim | None = None
    content: ImageContent | None = None
    """Present if and only if the image is ready."""
    captured_at: str | None = None
    """ISO 8601, whole or partial; with an offset only where the file has one."""
    summary: Tags
    """The document's summary, shortened for lists; empty until the image is ready."""
    edits: OwnerEdits = OwnerEdits()
    renditions: tuple[StoredRendition, ...] = ()
    """The renditions that are stored, smallest first."""
    open_renditions: tuple[str, ...] = ()
    """The names of the renditions that are still to be made."""
    rendering_attempts: int = 0
    """How often rendering the open renditions has begun, successful or not."""
    renditions_error: RenditionsError | None = None
    """Why the open renditions cannot be made. They are not tried until they are requested again."""
    duplicate_of: str | None = None
    """The id of an older image of the owner with the same bytes."""
    rejection: Rejection | None = None
    """Present if and only if the image was rejected."""

    @classmethod
    def announce(
        cls,
        ref: ImageRef,
        announced: Announcement,
        *,
        due_at: datetime,
        filename: str | None = None,
        idempotency_key_hash: str | None = None,
    ) -> "ImageRecord":
        """Create the record of a new, pending image, before any of its bytes are stored."""
        return cls(
            ref=ref,
            announced=announced,
            filename=filename,
            idempotency_key_hash=idempotency_key_hash,
            due_at=due_at,
            summary={},
        )

    @property
    def created_at(self) -> datetime:
        """When the image was created (UTC, to the millisecond)."""
        return created_at(self.ref.image_id)

    @property
    def size_bytes(self) -> int:
        """How many bytes the image has; until it is ready, the declared size."""
        return self.content.size_bytes if self.content else self.announced.size_bytes

    @property
    def ready_content(self) -> ImageContent:
        """The properties of the bytes. Raises IllegalMove unless the image is ready."""
        if self.content is None:
            raise IllegalMove(f"A {self.status.value} image has no content.")
        return self.content

    @property
    def may_have_parts(self) -> bool:
        """Whether storage may have uncombined parts of it."""
        return self.status is ImageStatus.PENDING and self.announced.way is UploadWay.MULTIPART

    @property
    def is_to_be_rendered(self) -> bool:
        """Whether there are renditions to be made."""
        return bool(self.open_renditions) and self.renditions_error is None

    @property
    def rendition_names(self) -> tuple[str, ...]:
        """The names of all renditions that are stored or may be in the process of being stored."""
        return tuple(dict.fromkeys((*(one.name for one in self.renditions), *self.open_renditions)))

    @property
    def stored_format(self) -> ImageFormat | None:
        """The format under which the original is stored, if there may be one."""
        if self.content:
            return self.content.image_format
        if self.claim:
            return self.claim.image_format
        return None if self.announced.way.is_direct else self.announced.image_format

    @property
    def taken_at(self) -> str:
        """The camera's local time of the capture or, if unknown, the time of creation in UTC.

        ISO 8601 without an offset, whole or partial, so that comparing the texts compares the times.
        """
        if self.captured_at:
            date, separator, time = self.captured_at.partition("T")
            return date + separator + time.removesuffix("Z").split("+")[0].split("-")[0]
        return self.created_at.strftime("%Y-%m-%dT%H:%M:%S")

    @property
    def capture_sort_key(self) -> str:
        """The key that sorts ready images by capture time, unique among an owner's images."""
        return f"{self.taken_at}#{self.ref.image_id}"

    @property
    def has_location(self) -> bool:
        """Whether a position is known."""
        return "latitude" in self.summary and "longitude" in self.summary

    @property
    def folded_filename(self) -> str:
        """The file name, folded for comparisons (:func:`fold`)."""
        return fold(self.filename or "")

    @property
    def folded_camera(self) -> str:
        """The camera's make and model, folded for comparisons."""
        names = (self.summary.get("camera_make"), self.summary.get("camera_model"))
        return fold(" ".join(str(name) for name in names if name))

    @property
    def folded_keywords(self) -> frozenset[str]:
        """The file's and the owner's keywords, folded for comparisons."""
        stated = self.summary.get("keywords")
        found = stated if isinstance(stated, list) else []
        return frozenset(fold(str(keyword)) for keyword in (*found, *self.edits.keywords))

    def begin_multipart(self, upload_id: str) -> "ImageRecord":
        """Record that the multipart upload has begun in storage."""
        self._require(
            self.status is ImageStatus.PENDING
            and self.announced.part_bytes is not None
            and self.announced.upload_id is None,
            "begin a multipart upload",
        )
        return self._next(announced=replace(self.announced, upload_id=upload_id))

    def claim_bytes(self, claim: BytesClaim) -> "ImageRecord":
        """Record permanently which incoming bytes are the image."""
        self._require(
            self.status is ImageStatus.PENDING and self.claim is None and self.announced.way.is_direct,
            "claim bytes",
        )
        return self._next(claim=claim)

    def accept(
        self,
        document: MetadataDocument,
        *,
        document_sha256: str,
        renditions: tuple[str, ...] = (),
        duplicate_of: str | None = None,
    ) -> "ImageRecord":
        """Make the image ready. Its original and its document must be stored."""
        image = document.image
        self._require(self.status is ImageStatus.PENDING, "become ready")
        self._require(image.size_bytes == self.announced.size_bytes, "become ready with another size")
        self._require(self.announced.sha256 in (None, image.sha256), "become ready with other bytes")
        self._require(
            self.stored_format is image.format
            and (self.claim is None or self.claim.sha256 == image.sha256),
            "become ready with bytes that are not the claimed ones",
        )
        width, height = image.displayed_size
        captured_at = document.summary.get("captured_at")
        return self._next(
            status=ImageStatus.READY,
            due_at=None,
            content=ImageContent(
                image.format, image.size_bytes, image.sha256, width, height, document_sha256
            ),
            captured_at=captured_at if isinstance(captured_at, str) else None,
            summary=compact_summary(document.summary),
            open_renditions=renditions,
            duplicate_of=duplicate_of,
        )

    def reject(self, error: DomainError, *, duplicate_of: str | None = None) -> "ImageRecord":
        """Reject the upload permanently."""
        self._require(self.status is ImageStatus.PENDING, "be rejected")
        return self._next(
            status=ImageStatus.REJECTED,
            due_at=None,
            rejection=Rejection(code=error.code, detail=error.detail[:MAX_REJECTION_DETAIL_LENGTH]),
            duplicate_of=duplicate_of,
        )

    def begin_rendering(self) -> "ImageRecord":
        """Count an attempt to make the open renditions before it begins, because it may be killed."""
        self._require(self.is_to_be_rendered, "be rendered")
        return self._next(rendering_attempts=self.rendering_attempts + 1)

    def undo_rendering_attempt(self) -> "ImageRecord":
        """Uncount an attempt that failed temporarily."""
        return self._next(rendering_attempts=max(self.rendering_attempts - 1, 0))

    def end_rendering(
        self, made: Collection[StoredRendition], error: DomainError | None = None
    ) -> "ImageRecord":
        """Record that these renditions are stored, and close the other open ones.

        With ``error``, the others stay open, but are not tried until they are requested again.
        """
        self._require(self.status is ImageStatus.READY, "have renditions")
        stored = {rendition.name: rendition for rendition in (*self.renditions, *made)}
        still_open = tuple(name for name in self.open_renditions if name not in stored) if error else ()
        return self._next(
            renditions=tuple(sorted(stored.values(), key=lambda one: max(one.width, one.height))),
            open_renditions=still_open,
            rendering_attempts=0,
            renditions_error=RenditionsError(
                code=error.code, detail=error.detail[:MAX_RENDITIONS_ERROR_LENGTH]
            )
            if error and still_open
            else None,
        )

    def request_renditions(self, names: Collection[str]) -> "ImageRecord":
        """Open those of these renditions that are not stored, whatever the outcome of earlier attempts."""
        self._require(self.status is ImageStatus.READY, "have renditions")
        stored = {rendition.name for rendition in self.renditions}
        return self._next(
            open_renditions=tuple(name for name in names if name not in stored),
            rendering_attempts=0,
            renditions_error=None,
        )

    def withdraw(self, now: datetime) -> "Tombstone":
        """Delete the image. Returns the tombstone that replaces the record."""
        quiet_at = now + WRITERS_END_WITHIN
        if self.status is ImageStatus.PENDING:
            quiet_at = max(quiet_at, self.announced.expires_at)
        return Tombstone(
            self.ref,
            self.version + 1,
            deleted_at=now,
            quiet_at=quiet_at,
            due_at=quiet_at,
            expires_at=now + TOMBSTONE_LIFETIME,
            may_have_parts=self.may_have_parts,
            renditions=self.rendition_names,
        )

    def edit(self, changes: Mapping[str, Any]) -> "ImageRecord":
        """Change any of the file name, title, description and keywords, which must have been checked."""
        words = {name: value for name, value in changes.items() if name != "filename"}
        edits = replace(self.edits, **words, number=self.edits.number + 1)
        return self._next(edits=edits, filename=changes.get("filename", self.filename))

    def _next(self, **changes: Any) -> "ImageRecord":
        return replace(self, version=self.version + 1, **changes)

    def _require(self, is_allowed: bool, move: str) -> None:
        if not is_allowed:
            raise IllegalMove(f"A {self.status.value} image cannot {move}.")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What remains of a deleted image until nothing can be writing to it any more."""

    ref: ImageRef
    version: int
    """One more than the record's last version."""
    deleted_at: datetime
    quiet_at: datetime
    """From then on, nothing can still be writing to the image."""
    due_at: datetime | None
    """When to remove what was being written at the time of the deletion; ``None`` once done."""
    expires_at: datetime
    may_have_parts: bool = False
    """Whether storage may have a multipart upload to abort."""
    renditions: tuple[str, ...] = ()
    """The names of the renditions that may exist."""


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """Which image a request with an idempotency key has created or is creating."""

    key_hash: str
    """SHA-256 of the kind of request and the key, in lower-case hexadecimal."""
    fingerprint: str
    """Identifies the request: equal only for equal requests."""
    image_id: str
    expires_at: datetime
    """From then on it counts as absent, even if it is still stored."""
