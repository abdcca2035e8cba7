"""An image store in memory that keeps the promises of the port."""

import hashlib
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO

from domain.images.errors import ChecksumMismatch, ImageNotFound
from domain.images.model import (
    ContentLink,
    ImageRef,
    ImageStatus,
    Original,
    Rejection,
    StoredImage,
    StoredImagePage,
)
from domain.images.upload import IncomingImage, StoredPiece, Upload
from domain.metadata.model import MetadataDocument
from domain.shared.clock import Clock


class InMemoryImageStore:
    """Keeps everything in dictionaries, of which the public ones may be looked at by tests.

    It is an image store and a store of incoming images at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.originals: dict[ImageRef, tuple[bytes, Original]] = {}
        self.incoming: dict[ImageRef, tuple[bytes, IncomingImage]] = {}
        self.announcements: dict[ImageRef, Upload] = {}
        self._documents: dict[ImageRef, MetadataDocument] = {}
        self._rejections: dict[ImageRef, Rejection] = {}
        self._withdrawn: set[ImageRef] = set()
        self._withdrawn_owners: set[str] = set()

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
        self.remove(ref, set(StoredPiece) - {StoredPiece.REJECTION})

    def find(self, ref: ImageRef) -> StoredImage | None:
        if ref in self._rejections:
            return StoredImage(ref, ImageStatus.REJECTED, rejection=self._rejections[ref])
        if ref in self.originals:
            status = ImageStatus.READY if ref in self._documents else ImageStatus.PENDING
            return StoredImage(ref, status, self.originals[ref][1])
        if ref in self.incoming:
            _, incoming = self.incoming[ref]
            original = Original(
                incoming.declared_format, incoming.size_bytes, incoming.declared_sha256, incoming.filename
            )
            return StoredImage(ref, ImageStatus.PENDING, original)
        return None

    def list_images(self, owner_id: str, *, limit: int, after: str | None = None) -> StoredImagePage:
        refs = sorted(
            (
                ref
                for ref in {*self.originals, *self.incoming, *self._rejections}
                if ref.owner_id == owner_id
            ),
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
        existed = self.find(ref) is not None or ref in self.announcements
        if existed:
            self._withdrawn.add(ref)
        self.remove(ref, set(StoredPiece))
        return existed

    def is_withdrawn(self, ref: ImageRef) -> bool:
        return ref in self._withdrawn or ref.owner_id in self._withdrawn_owners

    def delete_all(self, owner_id: str) -> None:
        self._withdrawn_owners.add(owner_id)
        for pieces in self._pieces.values():
            for ref in [ref for ref in pieces if ref.owner_id == owner_id]:
                del pieces[ref]

    def parts(self, ref: ImageRef) -> frozenset[StoredPiece]:
        parts = {part for part, pieces in self._pieces.items() if ref in pieces}
        return frozenset(parts | ({StoredPiece.WITHDRAWAL} if self.is_withdrawn(ref) else set()))

    def remove(self, ref: ImageRef, parts: Collection[StoredPiece]) -> None:
        for part, pieces in self._pieces.items():
            if part in parts:
                pieces.pop(ref, None)

    def find_incoming(self, ref: ImageRef) -> IncomingImage | None:
        return self.incoming[ref][1] if ref in self.incoming else None

    def read_header(self, ref: ImageRef, incoming: IncomingImage, length: int) -> bytes:
        return self._incoming_bytes(ref, incoming)[:length]

    @contextmanager
    def open_incoming(self, ref: ImageRef, incoming: IncomingImage) -> Iterator[BinaryIO]:
        yield io.BytesIO(self._incoming_bytes(ref, incoming))

    def accept(self, ref: ImageRef, incoming: IncomingImage, original: Original) -> bool:
        if self.find_incoming(ref) != incoming or ref in self.originals:
            return False
        self.save_original(ref, self.incoming[ref][0], original)
        return True

    @property
    def _pieces(self) -> dict[StoredPiece, dict[ImageRef, Any]]:
        return {
            StoredPiece.ANNOUNCEMENT: self.announcements,
            StoredPiece.INCOMING: self.incoming,
            StoredPiece.ORIGINAL: self.originals,
            StoredPiece.METADATA: self._documents,
            StoredPiece.REJECTION: self._rejections,
        }

    def _incoming_bytes(self, ref: ImageRef, incoming: IncomingImage) -> bytes:
        if self.find_incoming(ref) != incoming:
            raise ImageNotFound("The bytes are gone, or were replaced.")
        return self.incoming[ref][0]

    def _as_listed(self, ref: ImageRef) -> StoredImage:
        stored = self.find(ref)
        assert stored
        original = stored.original and Original(stored.original.image_format, stored.original.size_bytes)
        return replace(stored, original=original, rejection=None)
