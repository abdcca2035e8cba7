"""Direct uploads in memory, and the client that sends them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.images.errors import UploadIncomplete, UploadNotFound
from domain.images.model import ImageRef
from domain.images.upload import (
    IdempotencyRecord,
    IncomingImage,
    MultipartOperation,
    SignedRequest,
    Upload,
    UploadedPart,
    UploadForm,
)
from domain.shared.clock import Clock
from tests.support.fakes.image_store import InMemoryImageStore


@dataclass
class _Parts:
    ref: ImageRef
    upload: Upload
    contents: dict[int, bytes] = field(default_factory=dict)


class InMemoryUploadStore:
    """Puts what a client sends into an image store, as incoming."""

    def __init__(self, images: InMemoryImageStore, clock: Clock) -> None:
        self._images = images
        self._clock = clock
        self._multiparts: dict[str, _Parts] = {}
        self._forms: dict[str, tuple[ImageRef, Upload]] = {}

    def announce(self, ref: ImageRef, upload: Upload) -> None:
        self._images.announcements[ref] = upload

    def find_announced(self, ref: ImageRef) -> Upload | None:
        return self._images.announcements.get(ref)

    def create_form(self, ref: ImageRef, upload: Upload, expires_in: timedelta) -> UploadForm:
        policy = f"policy-{len(self._forms)}"
        self._forms[policy] = ref, upload
        return UploadForm("memory://", {"policy": policy}, self._expiry(expires_in))

    def start_multipart(self, ref: ImageRef, upload: Upload) -> str:
        upload_id = f"upload-{len(self._multiparts)}"
        self._multiparts[upload_id] = _Parts(ref, upload)
        return upload_id

    def sign_part(self, ref: ImageRef, upload: Upload, number: int, expires_in: timedelta) -> SignedRequest:
        assert upload.multipart
        size = upload.multipart.part_length(number, upload.size_bytes)
        url = f"memory://{upload.multipart.upload_id}/{number}/{size}"
        return SignedRequest("PUT", url, self._expiry(expires_in))

    def sign_multipart_operation(
        self, ref: ImageRef, upload: Upload, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        method = "GET" if operation is MultipartOperation.LIST_PARTS else "POST"
        return SignedRequest(method, f"memory://{operation}", self._expiry(expires_in))

    def list_parts(self, ref: ImageRef, upload: Upload) -> tuple[UploadedPart, ...]:
        return tuple(
            UploadedPart(number, len(content), _etag(content))
            for number, content in sorted(self._find(ref, upload).contents.items())
        )

    def complete_multipart(self, ref: ImageRef, upload: Upload, parts: Iterable[UploadedPart]) -> None:
        contents = self._find(ref, upload).contents
        parts = list(parts)
        if any(_etag(contents.get(part.number, b"")) != part.etag for part in parts):
            raise UploadIncomplete("A part changed while the parts were put together; please try again.")
        self._arrive(ref, upload, b"".join(contents[part.number] for part in parts))
        assert upload.multipart
        del self._multiparts[upload.multipart.upload_id]

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        """What a browser does. Tells whether storage accepted it."""
        ref, upload = self._forms[form.fields["policy"]]
        if len(content) != upload.size_bytes:
            return False
        if upload.sha256 and hashlib.sha256(content).hexdigest() != upload.sha256:
            return False
        self._arrive(ref, upload, content)
        return True

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        """What a client does with one part. Tells whether storage accepted it."""
        upload_id, number, size = request.url.removeprefix("memory://").split("/")
        sent = self._multiparts.get(upload_id)
        if sent is None or sent.ref not in self._images.announcements or len(content) != int(size):
            return False
        sent.contents[int(number)] = content
        return True

    def _arrive(self, ref: ImageRef, upload: Upload, content: bytes) -> None:
        self._images.incoming[ref] = (
            content,
            IncomingImage(
                revision=_etag(content),
                size_bytes=len(content),
                declared_format=upload.image_format,
                declared_size_bytes=upload.size_bytes,
                declared_sha256=upload.sha256,
                filename=upload.filename,
            ),
        )

    def _find(self, ref: ImageRef, upload: Upload) -> _Parts:
        parts = self._multiparts.get(upload.multipart.upload_id) if upload.multipart else None
        if parts is None or ref not in self._images.announcements:
            raise UploadNotFound("The upload is complete, or was given up.")
        return parts

    def _expiry(self, expires_in: timedelta) -> datetime:
        return (self._clock() + expires_in).replace(microsecond=0)


class InMemoryIdempotencyStore:
    """Remembers claims in a dictionary."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], IdempotencyRecord] = {}

    def claim(self, owner_id: str, key: str, record: IdempotencyRecord) -> IdempotencyRecord:
        return self._records.setdefault((owner_id, key), record)


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
