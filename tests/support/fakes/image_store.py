"""The bytes of images in memory: stored and incoming ones, and the client that sends them."""

import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

from domain.images.errors import ChecksumMismatch, UploadIncomplete, UploadNotFound
from domain.images.model import ContentLink, ImageRef
from domain.images.record import Announcement, UploadWay
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    StorageLimits,
    UploadedPart,
    UploadForm,
)
from domain.renditions.model import Rendition
from domain.shared.clock import Clock
from domain.shared.image_format import ImageFormat


@dataclass
class InMemoryBytes:
    """One bucket: what both stores keep, which tests may look at."""

    originals: dict[ImageRef, tuple[ImageFormat, bytes]] = field(default_factory=dict)
    filenames: dict[ImageRef, str] = field(default_factory=dict)
    documents: dict[ImageRef, bytes] = field(default_factory=dict)
    renditions: dict[ImageRef, dict[str, Rendition]] = field(default_factory=dict)
    incoming: dict[ImageRef, bytes] = field(default_factory=dict)
    parts: dict[str, tuple[ImageRef, dict[int, bytes]]] = field(default_factory=dict)
    """By the storage's id of the upload."""
    before_request: Callable[[str], None] = lambda _: None
    """Called before each request takes effect."""

    @property
    def refs(self) -> set[ImageRef]:
        """The images of which anything is there."""
        return {*self.originals, *self.documents, *self.renditions, *self.incoming}

    def remove(self, ref: ImageRef, renditions: Collection[str]) -> None:
        """Remove all of one image but its unfinished parts and renditions of other names."""
        self.remove_renditions(ref, renditions)
        for pieces in (self.originals, self.filenames, self.documents, self.incoming):
            pieces.pop(ref, None)

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        """Remove these renditions of one image."""
        left = {name: one for name, one in self.renditions.pop(ref, {}).items() if name not in names}
        if left:
            self.renditions[ref] = left


class InMemoryImageStore:
    """Keeps the promises of the port on a bucket in memory."""

    def __init__(self, bucket: InMemoryBytes, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def save_original(
        self,
        ref: ImageRef,
        content: bytes,
        *,
        image_format: ImageFormat,
        sha256: str,
        filename: str | None = None,
    ) -> None:
        self._bucket.before_request(f"put original {ref.image_id}")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ChecksumMismatch("The bytes do not match their SHA-256 checksum.")
        self._bucket.originals.setdefault(ref, (image_format, content))
        if filename:
            self._bucket.filenames.setdefault(ref, filename)

    @contextmanager
    def open_original(self, ref: ImageRef, image_format: ImageFormat) -> Iterator[BinaryIO | None]:
        self._bucket.before_request(f"get original {ref.image_id}")
        stored_format, content = self._bucket.originals.get(ref, (None, b""))
        yield io.BytesIO(content) if stored_format is image_format else None

    def save_document(self, ref: ImageRef, document: bytes) -> None:
        self._bucket.before_request(f"put document {ref.image_id}")
        self._bucket.documents[ref] = document

    def load_document(self, ref: ImageRef) -> bytes | None:
        self._bucket.before_request(f"get document {ref.image_id}")
        return self._bucket.documents.get(ref)

    def content_link(
        self,
        ref: ImageRef,
        image_format: ImageFormat,
        filename: str,
        expires_in: timedelta,
        *,
        without_bytes: bool = False,
    ) -> ContentLink:
        assert self._bucket.originals.get(ref, (image_format,))[0] is image_format
        expires_at = (self._clock() + expires_in).replace(microsecond=0)
        scheme = "properties-in-memory" if without_bytes else "memory"
        return ContentLink(f"{scheme}://{ref.owner_id}/{ref.image_id}/{filename}", expires_at)

    def save_rendition(self, ref: ImageRef, rendition: Rendition) -> None:
        self._bucket.before_request(f"put {rendition.name} {ref.image_id}")
        self._bucket.renditions.setdefault(ref, {})[rendition.name] = rendition

    def rendition_link(
        self, ref: ImageRef, name: str, expires_in: timedelta, *, filename: str | None = None
    ) -> ContentLink:
        expires_at = (self._clock() + expires_in).replace(microsecond=0)
        return ContentLink(
            f"memory://{ref.owner_id}/{ref.image_id}/renditions/{name}/{filename or ''}", expires_at
        )

    def remove(self, refs: Collection[ImageRef], *, renditions: Collection[str] = ()) -> None:
        self._bucket.before_request("remove " + " ".join(ref.image_id for ref in refs))
        for ref in refs:
            self._bucket.remove(ref, renditions)

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        self._bucket.before_request(f"remove renditions {ref.image_id}")
        self._bucket.remove_renditions(ref, names)

    def remove_owner(self, owner_id: str, *, limit: int) -> bool:
        self._bucket.before_request("remove owner")
        for upload_id in [
            name for name, (ref, _) in self._bucket.parts.items() if ref.owner_id == owner_id
        ]:
            del self._bucket.parts[upload_id]
        refs = sorted(
            (ref for ref in self._bucket.refs if ref.owner_id == owner_id), key=lambda ref: ref.image_id
        )
        for ref in refs[:limit]:
            self._bucket.remove(ref, tuple(self._bucket.renditions.get(ref, ())))
        return len(refs) > limit


@dataclass(frozen=True, slots=True)
class _Opened:
    content: bytes
    header_bytes: int

    @property
    def etag(self) -> str:
        return _etag(self.content)

    @property
    def size_bytes(self) -> int:
        return len(self.content)

    @property
    def header(self) -> bytes:
        return self.content[: self.header_bytes]

    def download(self) -> AbstractContextManager[BinaryIO]:
        return nullcontext(io.BytesIO(self.content))


class InMemoryIncomingStore:
    """Keeps the promises of the port on a bucket in memory; the ``send`` methods are a client's."""

    limits = StorageLimits(
        max_upload_bytes=4_000_000_000, min_part_bytes=1000, max_part_bytes=1_000_000_000, max_parts=50
    )

    def __init__(self, bucket: InMemoryBytes, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._forms: dict[str, tuple[ImageRef, Announcement]] = {}
        self._begun = 0

    def create_form(self, ref: ImageRef, announced: Announcement, expires_in: timedelta) -> UploadForm:
        assert announced.way is UploadWay.FORM
        policy = f"policy-{len(self._forms)}"
        self._forms[policy] = ref, announced
        return UploadForm("memory://", {"policy": policy}, self._expiry(expires_in))

    def begin_multipart(self, ref: ImageRef, announced: Announcement) -> str:
        self._bucket.before_request(f"begin parts {ref.image_id}")
        assert announced.way is UploadWay.MULTIPART
        self._begun += 1
        upload_id = f"upload-{self._begun}"
        self._bucket.parts[upload_id] = ref, {}
        return upload_id

    def sign_part(
        self, ref: ImageRef, plan: MultipartPlan, number: int, size_bytes: int, expires_in: timedelta
    ) -> SignedRequest:
        self._require_same(ref, plan)
        url = f"memory://{plan.upload_id}/{number}/{size_bytes}"
        return SignedRequest("PUT", url, self._expiry(expires_in))

    def sign_multipart_operation(
        self, ref: ImageRef, plan: MultipartPlan, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        self._require_same(ref, plan)
        method = "GET" if operation is MultipartOperation.LIST_PARTS else "POST"
        return SignedRequest(method, f"memory://{plan.upload_id}/{operation}", self._expiry(expires_in))

    def list_parts(self, ref: ImageRef, plan: MultipartPlan) -> tuple[UploadedPart, ...]:
        self._bucket.before_request(f"list parts {ref.image_id}")
        self._require_same(ref, plan)
        parts = self._find(plan.upload_id)
        return tuple(
            UploadedPart(number, len(content), _etag(content)) for number, content in sorted(parts.items())
        )

    def complete_multipart(self, ref: ImageRef, plan: MultipartPlan, parts: Iterable[UploadedPart]) -> None:
        self._bucket.before_request(f"complete parts {ref.image_id}")
        self._require_same(ref, plan)
        contents, parts = self._find(plan.upload_id), list(parts)
        if any(_etag(contents.get(part.number, b"")) != part.etag for part in parts):
            raise UploadIncomplete("A part changed while the parts were being combined; please try again.")
        if any(part.size_bytes < self.limits.min_part_bytes for part in parts[:-1]):
            raise UploadIncomplete("A part is smaller than storage accepts.")
        self._bucket.incoming[ref] = b"".join(contents[part.number] for part in parts)
        del self._bucket.parts[plan.upload_id]

    def abort_multiparts(self, ref: ImageRef, *, but: str | None = None) -> None:
        self._bucket.before_request(f"abort parts {ref.image_id}")
        for upload_id in [name for name, (begun, _) in self._bucket.parts.items() if begun == ref]:
            if upload_id != but:
                del self._bucket.parts[upload_id]

    @contextmanager
    def open(self, ref: ImageRef, header_bytes: int) -> Iterator[_Opened | None]:
        self._bucket.before_request(f"get incoming {ref.image_id}")
        assert header_bytes >= 0
        content = self._bucket.incoming.get(ref)
        yield None if content is None else _Opened(content, header_bytes)

    def accept(self, ref: ImageRef, etag: str, image_format: ImageFormat, filename: str | None) -> bool:
        self._bucket.before_request(f"copy {ref.image_id}")
        content = self._bucket.incoming.get(ref)
        if content is None:
            return False
        if ref in self._bucket.originals:
            return True
        if _etag(content) != etag:
            return False
        self._bucket.originals[ref] = image_format, content
        if filename:
            self._bucket.filenames[ref] = filename
        return True

    def remove(self, ref: ImageRef) -> None:
        self._bucket.before_request(f"remove incoming {ref.image_id}")
        self._bucket.incoming.pop(ref, None)

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        """Send it as a browser does. Returns whether storage accepted it."""
        ref, announced = self._forms[form.fields["policy"]]
        if len(content) != announced.size_bytes:
            return False
        if announced.sha256 and hashlib.sha256(content).hexdigest() != announced.sha256:
            return False
        self._bucket.incoming[ref] = content
        return True

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        """Send one part as a client does. Returns whether storage accepted it."""
        upload_id, number, size = request.url.removeprefix("memory://").split("/")
        sent = self._bucket.parts.get(upload_id)
        if sent is None or len(content) != int(size):
            return False
        sent[1][int(number)] = content
        return True

    def _require_same(self, ref: ImageRef, plan: MultipartPlan) -> None:
        begun, _ = self._bucket.parts.get(plan.upload_id, (ref, {}))
        assert begun == ref, "the upload is another image's"

    def _find(self, upload_id: str) -> dict[int, bytes]:
        if upload_id not in self._bucket.parts:
            raise UploadNotFound("The upload is already complete or was aborted.")
        return self._bucket.parts[upload_id][1]

    def _expiry(self, expires_in: timedelta) -> datetime:
        return (self._clock() + expires_in).replace(microsecond=0)


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
