"""An image store in memory that keeps the promises of the port."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

from domain.errors import ChecksumMismatch, ImageNotFound
from domain.images import (
    ContentLink,
    ImageRef,
    ImageStatus,
    Original,
    Rejection,
    StoredImage,
    StoredImagePage,
)
from domain.metadata import MetadataDocument
from domain.ports import Clock


class InMemoryImageStore:
    """Keeps everything in dictionaries; ``originals`` may be looked at by tests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.originals: dict[ImageRef, tuple[bytes, Original]] = {}
        self._documents: dict[ImageRef, MetadataDocument] = {}
        self._rejections: dict[ImageRef, Rejection] = {}

    def save_original(self, ref: ImageRef, content: bytes, original: Original) -> None:
        if original.sha256 and hashlib.sha256(content).hexdigest() != original.sha256:
            raise ChecksumMismatch("The bytes do not match their SHA-256 checksum.")
        digest = hashlib.sha256(content).hexdigest()
        self.originals.setdefault(ref, (content, replace(original, size_bytes=len(content), sha256=digest)))

    @contextmanager
    def open_original(self, ref: ImageRef) -> Iterator[BinaryIO]:
        if ref not in self.originals:
            raise ImageNotFound("There is no image with this id.")
        yield io.BytesIO(self.originals[ref][0])

    def save_metadata(self, ref: ImageRef, document: MetadataDocument) -> None:
        self._documents.setdefault(ref, document)

    def load_metadata(self, ref: ImageRef) -> MetadataDocument | None:
        return self._documents.get(ref)

    def save_rejection(self, ref: ImageRef, rejection: Rejection) -> None:
        self._rejections.setdefault(ref, rejection)
        self.originals.pop(ref, None)
        self._documents.pop(ref, None)

    def find(self, ref: ImageRef) -> StoredImage | None:
        if ref in self._rejections:
            return StoredImage(ref, ImageStatus.REJECTED, rejection=self._rejections[ref])
        if ref not in self.originals:
            return None
        status = ImageStatus.READY if ref in self._documents else ImageStatus.PENDING
        return StoredImage(ref, status, self.originals[ref][1])

    def list_images(self, owner_id: str, *, limit: int, after: str | None = None) -> StoredImagePage:
        refs = sorted(
            (ref for ref in {*self.originals, *self._rejections} if ref.owner_id == owner_id),
            key=lambda ref: ref.image_id,
        )
        images = [self._as_listed(ref) for ref in refs if after is None or ref.image_id > after]
        return StoredImagePage(tuple(images[:limit]), has_more=len(images) > limit)

    def content_link(self, image: StoredImage, expires_in: timedelta) -> ContentLink:
        if image.original is None:
            raise ImageNotFound("This image has no content.")
        expires_at = (self._clock() + expires_in).replace(microsecond=0)
        return ContentLink(f"memory://{image.ref.owner_id}/{image.ref.image_id}", expires_at)

    def delete(self, ref: ImageRef) -> bool:
        existed = self.find(ref) is not None
        for kept in (self.originals, self._documents, self._rejections):
            kept.pop(ref, None)
        return existed

    def delete_all(self, owner_id: str) -> None:
        for ref in [*self.originals, *self._documents, *self._rejections]:
            if ref.owner_id == owner_id:
                self.delete(ref)

    def _as_listed(self, ref: ImageRef) -> StoredImage:
        stored = self.find(ref)
        assert stored
        original = stored.original and Original(stored.original.image_format, stored.original.size_bytes)
        return replace(stored, original=original, rejection=None)
