"""What a user does with their images: upload, list, read, link to and delete them."""

import base64
from collections.abc import Sequence
from datetime import timedelta

from domain.images.errors import (
    ImageNotFound,
    ImageNotReady,
    InvalidCursor,
)
from domain.images.ids import is_image_id
from domain.images.model import (
    ContentLink,
    Image,
    ImagePage,
    ImageRef,
    ImageStatus,
    StoredImage,
)
from domain.images.ports import ImageStore, UploadStore
from domain.images.upload import announced_image
from domain.metadata.model import MetadataDocument
from domain.shared.caller import Caller
from domain.shared.errors import FieldError, InvalidRequest

MAX_PAGE_SIZE = 100
PENDING_RETRY_S = 2
"""When it is worth asking again whether a pending image has been read."""


class ListImages:
    """Lists the caller's images, newest first."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def __call__(self, caller: Caller, *, limit: int, cursor: str | None = None) -> ImagePage:
        """A page of 1 to :data:`MAX_PAGE_SIZE` images. Raises InvalidRequest or InvalidCursor."""
        if not 1 <= limit <= MAX_PAGE_SIZE:
            message = f"must be from 1 to {MAX_PAGE_SIZE}"
            raise InvalidRequest(f"limit {message}.", errors=[FieldError("limit", message)])
        page = self._store.list_images(
            caller.user_id, limit=limit, after=None if cursor is None else _after(cursor)
        )
        return ImagePage(
            tuple(Image.of(stored) for stored in page.images),
            _cursor(page.images) if page.has_more else None,
        )


class GetImage:
    """Reads one image of the caller, with its metadata once it is ready."""

    def __init__(self, store: ImageStore, uploads: UploadStore) -> None:
        self._store = store
        self._uploads = uploads

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """The image; that of an upload of which nothing has arrived yet, as it was announced.

        Raises ImageNotFound, also for other people's images.
        """
        stored = _find(self._store, self._uploads, caller, image_id)
        ready = stored.status is ImageStatus.READY
        return Image.of(stored, self._store.load_metadata(stored.ref) if ready else None)


class GetImageMetadata:
    """Reads the metadata document of one image of the caller."""

    def __init__(self, store: ImageStore, uploads: UploadStore) -> None:
        self._store = store
        self._uploads = uploads

    def __call__(self, caller: Caller, image_id: str) -> MetadataDocument:
        """The document as stored. Raises ImageNotFound, or ImageNotReady while there is none."""
        stored = _find_ready(self._store, self._uploads, caller, image_id)
        document = self._store.load_metadata(stored.ref)
        if document is None:
            raise ImageNotFound(_NOT_FOUND)
        return document


class GetContentLink:
    """Makes a short-lived link to the original bytes of one image of the caller."""

    def __init__(self, store: ImageStore, uploads: UploadStore, expires_in: timedelta) -> None:
        self._store = store
        self._uploads = uploads
        self._expires_in = expires_in

    def __call__(self, caller: Caller, image_id: str) -> ContentLink:
        """The link. Raises ImageNotFound or ImageNotReady."""
        stored = _find_ready(self._store, self._uploads, caller, image_id)
        return self._store.content_link(stored, self._expires_in)


class DeleteImage:
    """Removes one image of the caller and all that was stored with it."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def __call__(self, caller: Caller, image_id: str) -> None:
        """Returns once the image is gone. Raises ImageNotFound if there was none."""
        if not is_image_id(image_id) or not self._store.delete(ImageRef(caller.user_id, image_id)):
            raise ImageNotFound(_NOT_FOUND)


_NOT_FOUND = "There is no image with this id."


def _find(store: ImageStore, uploads: UploadStore, caller: Caller, image_id: str) -> StoredImage:
    if not is_image_id(image_id):
        raise ImageNotFound(_NOT_FOUND)
    ref = ImageRef(caller.user_id, image_id)
    stored = store.find(ref)
    if stored is None:
        upload = uploads.find_announced(ref)
        # An announcement goes once the image is stored, which may have been just now.
        stored = announced_image(ref, upload) if upload else store.find(ref)
    if stored is None:
        raise ImageNotFound(_NOT_FOUND)
    return stored


def _find_ready(store: ImageStore, uploads: UploadStore, caller: Caller, image_id: str) -> StoredImage:
    stored = _find(store, uploads, caller, image_id)
    if stored.status is not ImageStatus.READY:
        pending = stored.status is ImageStatus.PENDING
        raise ImageNotReady(
            f"The image is {stored.status.value}.", retry_after_s=PENDING_RETRY_S if pending else None
        )
    return stored


def _cursor(images: Sequence[StoredImage]) -> str:
    return base64.urlsafe_b64encode(images[-1].ref.image_id.encode()).decode().rstrip("=")


def _after(cursor: str) -> str:
    try:
        image_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        image_id = ""
    if not is_image_id(image_id):
        raise InvalidCursor("cursor must be a next_cursor of an earlier page.")
    return image_id
