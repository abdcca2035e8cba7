"""What a user does with their images: list, find, read, link to, edit and delete them."""

import base64
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.images.account import Quotas, Usage
from domain.images.edits import check_edits, require_room
from domain.images.errors import EditConflict, ImageNotFound, ImageNotReady, InvalidCursor
from domain.images.ids import is_image_id
from domain.images.links import ImageViews, ServedLink
from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import ImageRecords, ImageStore, RecordConflict
from domain.images.query import ImageQuery
from domain.images.record import ImageContent, ImageRecord
from domain.images.removal import ImageRemoval
from domain.images.view import Image
from domain.metadata.model import MetadataDocument
from domain.shared.caller import Caller
from domain.shared.errors import FieldError, InvalidRequest, ServiceUnavailable

MAX_PAGE_SIZE = 100
MAX_DELETED_AT_ONCE = 100
PENDING_RETRY_S = 2
"""How many seconds a client should wait before it asks for a pending image again."""
_MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ImagePage:
    """Some of a user's images in the requested order, and the cursor of the next page, if there is one."""

    items: tuple[Image, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CurrentImage:
    """The current state of an image; ``edit_number`` counts the owner's edits."""

    image: Image
    edit_number: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A stored metadata document, JSON in UTF-8; absent if the caller already has it."""

    sha256: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class ListImages:
    """Lists or finds the caller's images."""

    records: ImageRecords
    views: ImageViews

    def __call__(
        self, caller: Caller, query: ImageQuery, *, limit: int, cursor: str | None = None
    ) -> ImagePage:
        """Find a page of up to ``limit`` (1 to :data:`MAX_PAGE_SIZE`) images.

        With criteria, a page may be short or empty even if it is not the last.
        Raises InvalidRequest, or InvalidCursor unless ``cursor`` is from a page of the same query.
        """
        if not 1 <= limit <= MAX_PAGE_SIZE:
            message = f"must be from 1 to {MAX_PAGE_SIZE}"
            raise InvalidRequest(f"limit {message}.", errors=[FieldError("limit", message)])
        position = None if cursor is None else _position(query, cursor)
        page = self.records.search(caller.user_id, query, limit=limit, position=position)
        return ImagePage(
            tuple(map(self.views.listed, page.records)),
            None if page.next_position is None else _cursor(query, page.next_position),
        )


@dataclass(frozen=True, slots=True)
class GetImage:
    """Reads one image of the caller, with its metadata once it is ready."""

    records: ImageRecords
    images: ImageStore
    views: ImageViews

    def __call__(self, caller: Caller, image_id: str) -> CurrentImage:
        """Read the image. Raises ImageNotFound, also for other people's images."""
        record = _find(self.records, caller, image_id)
        if record.content is None:
            return CurrentImage(self.views.whole(record), record.edits.number)
        stored = self.images.load_document(record.ref)
        if stored is None:
            # It was deleted after its record was read.
            raise ImageNotFound(_NOT_FOUND)
        image = self.views.whole(record, MetadataDocument.model_validate_json(stored))
        return CurrentImage(image, record.edits.number)


@dataclass(frozen=True, slots=True)
class GetImageMetadata:
    """Reads the metadata document of one image of the caller."""

    records: ImageRecords
    images: ImageStore

    def __call__(self, caller: Caller, image_id: str, *, known: Container[str] = ()) -> StoredDocument:
        """Read the document, unless its checksum is in ``known``.

        Raises ImageNotFound, or ImageNotReady while there is no document.
        """
        record, content = _find_ready(self.records, caller, image_id)
        if content.document_sha256 in known:
            return StoredDocument(content.document_sha256, None)
        stored = self.images.load_document(record.ref)
        if stored is None:
            raise ImageNotFound(_NOT_FOUND)
        return StoredDocument(content.document_sha256, stored)


@dataclass(frozen=True, slots=True)
class GetContentLink:
    """Makes a short-lived link to the original or a rendition of one image of the caller."""

    records: ImageRecords
    views: ImageViews

    def __call__(
        self, caller: Caller, image_id: str, *, rendition: str | None = None, without_bytes: bool = False
    ) -> ServedLink:
        """Make the link. With ``without_bytes``, a link to the original serves only its size and type.

        Raises ImageNotFound, ImageNotReady or RenditionNotFound.
        """
        record, _ = _find_ready(self.records, caller, image_id)
        if rendition is not None:
            return self.views.rendition(record, rendition)
        return self.views.original(record, without_bytes=without_bytes)


@dataclass(frozen=True, slots=True)
class EditImage:
    """Edits one image of the caller. The file and its metadata never change."""

    records: ImageRecords
    views: ImageViews

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        changes: Mapping[str, Any],
        *,
        expected: Collection[int] | None = None,
    ) -> CurrentImage:
        """Change any of filename, title, description and keywords. Returns the image's new state.

        ``expected`` are the edit numbers that the changes may be based on; ``None`` allows any. Raises
        InvalidRequest, ImageNotFound, also if the account is being deleted, or EditConflict if the
        current edit number is not expected.
        """
        checked = check_edits(changes)
        if self.records.find_account(caller.user_id).deleting_at is not None:
            raise ImageNotFound(_NOT_FOUND)
        for _ in range(_MAX_ATTEMPTS):
            record = _find(self.records, caller, image_id)
            if expected is not None and record.edits.number not in expected:
                raise EditConflict(
                    "The image has been edited since you read it; read it again and repeat the change."
                )
            edited = record.edit(checked) if checked else record
            require_room(edited.edits.title, edited.edits.description, edited.edits.keywords)
            try:
                if edited is not record:
                    self.records.save(record, edited)
            except RecordConflict:
                continue
            return CurrentImage(self.views.whole(edited), edited.edits.number)
        raise _contended()


@dataclass(frozen=True, slots=True)
class DeleteImages:
    """Deletes images of the caller and everything that is stored with them."""

    records: ImageRecords
    removal: ImageRemoval

    def delete_one(self, caller: Caller, image_id: str) -> None:
        """Delete one image. Raises ImageNotFound."""
        record = self._withdraw(_find(self.records, caller, image_id))
        if record is None:
            raise ImageNotFound(_NOT_FOUND)
        self.removal.clear(record)

    def delete_many(self, caller: Caller, image_ids: Sequence[str]) -> list[bool]:
        """Delete 1 to :data:`MAX_DELETED_AT_ONCE` images. Returns for each whether it existed.

        Raises InvalidRequest. If a call fails midway, the images deleted so far stay deleted, and the
        call can be repeated.
        """
        if not 1 <= len(image_ids) <= MAX_DELETED_AT_ONCE:
            message = f"must name 1 to {MAX_DELETED_AT_ONCE} images"
            raise InvalidRequest(f"image_ids {message}.", errors=[FieldError("image_ids", message)])
        wanted = [image_id for image_id in dict.fromkeys(image_ids) if is_image_id(image_id)]
        found = self.records.find_many(caller.user_id, wanted) if wanted else {}
        withdrawn: dict[str, ImageRecord] = {}
        try:
            for image_id, record in found.items():
                gone = self._withdraw(record)
                if gone:
                    withdrawn[image_id] = gone
        finally:
            if withdrawn:
                self.removal.clear(*withdrawn.values())
        return [image_id in withdrawn for image_id in image_ids]

    def _withdraw(self, record: ImageRecord) -> ImageRecord | None:
        """Delete the record, even if it has changed; ``None`` if another request has deleted it."""
        current: ImageRecord | None = record
        for _ in range(_MAX_ATTEMPTS):
            if current is None:
                return None
            try:
                self.removal.withdraw(current)
            except RecordConflict:
                current = self.records.find(current.ref)
            else:
                return current
        raise _contended()


@dataclass(frozen=True, slots=True)
class GetUsage:
    """Reads the caller's usage and quotas."""

    records: ImageRecords
    quotas: Quotas

    def __call__(self, caller: Caller) -> tuple[Usage, Quotas]:
        """Read the usage, pending images included, and the quotas."""
        return self.records.find_account(caller.user_id).usage, self.quotas


_NOT_FOUND = "There is no image with this id."


def _find(records: ImageRecords, caller: Caller, image_id: str) -> ImageRecord:
    record = records.find(ImageRef(caller.user_id, image_id)) if is_image_id(image_id) else None
    if record is None:
        raise ImageNotFound(_NOT_FOUND)
    return record


def _find_ready(records: ImageRecords, caller: Caller, image_id: str) -> tuple[ImageRecord, ImageContent]:
    record = _find(records, caller, image_id)
    if record.content is None:
        pending = record.status is ImageStatus.PENDING
        raise ImageNotReady(
            f"The image is {record.status.value}.", retry_after_s=PENDING_RETRY_S if pending else None
        )
    return record, record.content


def _contended() -> ServiceUnavailable:
    return ServiceUnavailable("The image keeps changing; please try again.", retry_after_s=1)


def _cursor(query: ImageQuery, position: str) -> str:
    return base64.urlsafe_b64encode(f"{query.digest}:{position}".encode()).decode().rstrip("=")


def _position(query: ImageQuery, cursor: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    digest, _, position = text.partition(":")
    if digest != query.digest or not position:
        raise InvalidCursor("cursor must be the next_cursor of a page of the same query.")
    return position
