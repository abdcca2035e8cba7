"""The record of an image: what is known of it, the states it can be in, and the moves between them.

An image exists if and only if its record does. A record is a value: each move returns its
next version, which takes effect once it has been saved over the version that it was made from.
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
"""Characters of a rejection's text that are kept."""
MAX_RENDITIONS_ERROR_LENGTH = 150
"""Characters of the text that are kept of why renditions cannot be made."""
MAX_RENDERING_ATTEMPTS = 2
"""How often renditions are begun; whoever makes them may die, and the image need not be at fault."""

WRITERS_END_WITHIN = timedelta(minutes=15)
"""By then, no function that began to write before an image was deleted is still running."""
TOMBSTONE_LIFETIME = timedelta(days=35)
"""Longer than any link is valid, and than any message is kept."""


class IllegalMove(RuntimeError):
    """The image's state does not allow this move: a programming error, never a client's."""


class UploadWay(StrEnum):
    """How an image's bytes are uploaded."""

    SMALL = "small"
    """In the body of a request to the API, which has read them before it makes the record."""
    FORM = "form"
    """Straight to storage, in one form."""
    MULTIPART = "multipart"
    """Straight to storage, in parts."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What was announced about an image's bytes before they were stored."""

    way: UploadWay
    size_bytes: int
    expires_at: datetime
    """From then on, bytes that have not arrived are given up."""
    image_format: ImageFormat | None = None
    """The declared format, if one was; of a small upload, the real one."""
    sha256: str | None = None
    """Lower-case hexadecimal SHA-256 that the bytes are to have."""
    part_bytes: int | None = None
    """The size of all parts but the last, of an upload in parts."""
    upload_id: str | None = None
    """Storage's id of the upload in parts, once it has begun."""

    @property
    def plan(self) -> MultipartPlan | None:
        """How the upload is divided into parts, once it has begun."""
        if self.part_bytes is None or self.upload_id is None:
            return None
        return MultipartPlan(self.upload_id, self.part_bytes)


@dataclass(frozen=True, slots=True)
class Claim:
    """Which of the bytes that came in are the image: no other bytes can become its original."""

    etag: str
    """Storage's tag of the incoming object."""
    sha256: str
    """Of the bytes, lower-case hexadecimal."""
    image_format: ImageFormat
    """What the bytes are, which decides the extension under which they are kept."""


@dataclass(frozen=True, slots=True)
class ImageContent:
    """What a ready image's bytes are."""

    image_format: ImageFormat
    size_bytes: int
    sha256: str
    """Lower-case hexadecimal."""
    width: int
    """Pixels as displayed, orientation applied."""
    height: int
    """Pixels as displayed, orientation applied."""
    document_sha256: str
    """Lower-case hexadecimal SHA-256 of the metadata document as stored."""


@dataclass(frozen=True, slots=True)
class OwnerEdits:
    """The owner's own words on an image; ``number`` counts how often they were changed."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """One image: pending, ready or rejected. It takes at most 8 KB, whatever the file and its owner say.

    While ``due_at`` is set, something is unfinished, and the image is to be looked at again once that
    time has passed. ``version`` is 1 at first and rises by one with every move that is saved.
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
    claim: Claim | None = None
    content: ImageContent | None = None
    """Present if and only if the image is ready."""
    captured_at: str | None = None
    """ISO 8601, whole or partial; with an offset only where the file has one."""
    summary: Tags
    """The document's summary, cut short to what a list shows; empty until the image is ready."""
    edits: OwnerEdits = OwnerEdits()
    renditions: tuple[StoredRendition, ...] = ()
    """What is stored of the renditions, smallest first."""
    open_renditions: tuple[str, ...] = ()
    """The names of the renditions that are still to be made."""
    rendering_attempts: int = 0
    """How often the open renditions were begun, whatever became of that."""
    renditions_error: RenditionsError | None = None
    """Why the open renditions cannot be made, until somebody asks for them again."""
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
        """When the image was announced (UTC, to the millisecond)."""
        return created_at(self.ref.image_id)

    @property
    def size_bytes(self) -> int:
        """How many bytes the image has or, until it is ready, is to have."""
        return self.content.size_bytes if self.content else self.announced.size_bytes

    @property
    def ready_content(self) -> ImageContent:
        """What the bytes of the image are, which has to be ready."""
        if self.content is None:
            raise IllegalMove(f"A {self.status.value} image has no content.")
        return self.content

    @property
    def may_have_parts(self) -> bool:
        """Whether storage may have parts of it that were not put together."""
        return self.status is ImageStatus.PENDING and self.announced.way is UploadWay.MULTIPART

    @property
    def is_to_be_rendered(self) -> bool:
        """Whether there are renditions to be made."""
        return bool(self.open_renditions) and self.renditions_error is None

    @property
    def rendition_names(self) -> tuple[str, ...]:
        """The names of all renditions that are stored, or may be being stored."""
        return tuple(dict.fromkeys((*(one.name for one in self.renditions), *self.open_renditions)))

    @property
    def stored_format(self) -> ImageFormat | None:
        """The format under which the original is stored, if there may be one."""
        if self.content:
            return self.content.image_format
        if self.claim:
            return self.claim.image_format
        return self.announced.image_format if self.announced.way is UploadWay.SMALL else None

    @property
    def taken_at(self) -> str:
        """The camera's local time at the capture or, where none is known, the creation in UTC.

        ISO 8601 without an offset, whole or partial, so that such texts compare as times do.
        """
        if self.captured_at:
            date, separator, time = self.captured_at.partition("T")
            return date + separator + time.removesuffix("Z").split("+")[0].split("-")[0]
        return self.created_at.strftime("%Y-%m-%dT%H:%M:%S")

    @property
    def capture_sort_key(self) -> str:
        """The key that sorts ready images by capture time; distinct for each of an owner's images."""
        return f"{self.taken_at}#{self.ref.image_id}"

    @property
    def has_location(self) -> bool:
        """Whether a position is known."""
        return "latitude" in self.summary and "longitude" in self.summary

    @property
    def folded_filename(self) -> str:
        """The file name in the form in which it is searched; see :func:`fold`."""
        return fold(self.filename or "")

    @property
    def folded_camera(self) -> str:
        """The camera's make and model, likewise."""
        names = (self.summary.get("camera_make"), self.summary.get("camera_model"))
        return fold(" ".join(str(name) for name in names if name))

    @property
    def folded_keywords(self) -> frozenset[str]:
        """The file's and the owner's keywords, likewise."""
        stated = self.summary.get("keywords")
        found = stated if isinstance(stated, list) else []
        return frozenset(fold(str(keyword)) for keyword in (*found, *self.edits.keywords))

    def begin_multipart(self, upload_id: str) -> "ImageRecord":
        """Note that the upload in parts has begun in storage."""
        self._require(
            self.status is ImageStatus.PENDING
            and self.announced.part_bytes is not None
            and self.announced.upload_id is None,
            "begin an upload in parts",
        )
        return self._next(announced=replace(self.announced, upload_id=upload_id))

    def claim_bytes(self, claim: Claim) -> "ImageRecord":
        """Fix for good which of the incoming bytes are the image."""
        self._require(
            self.status is ImageStatus.PENDING
            and self.claim is None
            and self.announced.way is not UploadWay.SMALL,
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
        """Make the image ready: its original and its document are stored."""
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
        """Reject the upload, for good."""
        self._require(self.status is ImageStatus.PENDING, "be rejected")
        return self._next(
            status=ImageStatus.REJECTED,
            due_at=None,
            rejection=Rejection(code=error.code, detail=error.detail[:MAX_REJECTION_DETAIL_LENGTH]),
            duplicate_of=duplicate_of,
        )

    def begin_rendering(self) -> "ImageRecord":
        """Somebody makes the open renditions, and may end before they have."""
        self._require(self.is_to_be_rendered, "be rendered")
        return self._next(rendering_attempts=self.rendering_attempts + 1)

    def give_rendering_back(self) -> "ImageRecord":
        """Note that the renditions could not be made for now: that attempt does not count."""
        return self._next(rendering_attempts=max(self.rendering_attempts - 1, 0))

    def end_rendering(
        self, made: Collection[StoredRendition], error: DomainError | None = None
    ) -> "ImageRecord":
        """Note that these renditions are stored; other open ones cannot be made or are not wanted.

        With ``error``, those stay open, and nobody begins with them until they are asked for again.
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

    def ask_for_renditions(self, names: Collection[str]) -> "ImageRecord":
        """Those of these that are not stored are to be made, whatever became of them before."""
        self._require(self.status is ImageStatus.READY, "have renditions")
        stored = {rendition.name for rendition in self.renditions}
        return self._next(
            open_renditions=tuple(name for name in names if name not in stored),
            rendering_attempts=0,
            renditions_error=None,
        )

    def withdraw(self, now: datetime) -> "Tombstone":
        """Delete the image. Returns what remains of it while its bytes may still be being written."""
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
        """Change any of the file name, title, description and keywords, all of them checked before."""
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
    """What remains of a deleted image, so that nothing of it reappears unnoticed."""

    ref: ImageRef
    version: int
    """One more than the record's last version."""
    deleted_at: datetime
    quiet_at: datetime
    """From then on, nothing can still be writing to the image."""
    due_at: datetime | None
    """When whatever was being written at the moment of the deletion is to be removed."""
    expires_at: datetime
    may_have_parts: bool = False
    """Whether an upload in parts may still have to be ended in storage."""
    renditions: tuple[str, ...] = ()
    """The names of the renditions that may be there."""


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """Which image a request with an idempotency key has made or is making."""

    key_hash: str
    """Lower-case hexadecimal SHA-256 of the kind of request and the key."""
    fingerprint: str
    """Identifies the request: equal only for equal requests."""
    image_id: str
    expires_at: datetime
    """From then on it counts as absent, even if it is still stored."""
