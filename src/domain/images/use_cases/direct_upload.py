"""Uploads that go straight to storage: as one form, or in parts that can be resumed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.images.declared import clean_filename, parse_sha256
from domain.images.errors import ImageTooLarge, UnsupportedImageType, UploadIncomplete, UploadNotFound
from domain.images.ids import RandomBytes, created_at, is_image_id, new_image_id
from domain.images.model import Image, ImageLimits, ImageRef, StoredImage
from domain.images.ports import ImageStore, UploadStore
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    Upload,
    UploadedPart,
    UploadForm,
    announced_image,
    choose_part_bytes,
    missing_parts,
)
from domain.images.upload_policy import UploadPolicy
from domain.shared.caller import Caller
from domain.shared.clock import Clock
from domain.shared.errors import FieldError, InvalidRequest
from domain.shared.image_format import ImageFormat

MAX_SIGNED_PARTS = 100
"""How many parts can be signed at once."""
MULTIPART_LIFETIME = timedelta(hours=24)
"""An upload in parts that is not complete by then is swept away."""
_MAX_NAMED_PARTS = 10


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What a client says of the file that it wants to send; ``size_bytes`` is positive."""

    content_type: str
    size_bytes: int
    sha256: str | None = None
    """In hexadecimal or base 64."""
    filename: str | None = None
    multipart: bool = False
    """Whether the client wants to send it in parts, although it need not."""
    part_bytes: int | None = None
    """The size of the parts, should it be sent in parts."""


@dataclass(frozen=True, slots=True)
class MultipartUpload:
    """An upload in parts, as its owner sees it."""

    image_id: str
    upload: Upload
    plan: MultipartPlan
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """A new image, pending, and the way to send its bytes: a form, or in parts."""

    image: Image
    form: UploadForm | None = None
    multipart: MultipartUpload | None = None


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The request that uploads one part of ``size_bytes`` bytes."""

    number: int
    size_bytes: int
    request: SignedRequest


class CreateUpload:
    """Announces an upload and tells where to send the bytes."""

    def __init__(
        self,
        policy: UploadPolicy,
        store: UploadStore,
        limits: ImageLimits,
        clock: Clock,
        random_bytes: RandomBytes,
        link_lifetime: timedelta,
    ) -> None:
        self._policy = policy
        self._store = store
        self._limits = limits
        self._clock = clock
        self._random_bytes = random_bytes
        self._link_lifetime = link_lifetime

    def __call__(self, caller: Caller, request: UploadRequest) -> CreatedUpload:
        """The pending image and how to send it: in parts if wanted, or if it is too large for a form.

        Raises PermissionDenied, UnsupportedImageType, ImageTooLarge or InvalidRequest.
        """
        self._policy.authorise(caller)
        limits = self._limits
        image_format = ImageFormat.from_media_type(request.content_type)
        if image_format is None or image_format not in limits.formats:
            names = ", ".join(sorted(allowed.media_type for allowed in limits.formats))
            raise UnsupportedImageType(f"content_type must be one of {names}.")
        limit = max(limits.max_direct_upload_bytes, limits.max_multipart_upload_bytes)
        if request.size_bytes > limit:
            raise ImageTooLarge(f"The image has {request.size_bytes} bytes; it may have at most {limit}.")
        upload = Upload(
            image_format,
            request.size_bytes,
            sha256=None if request.sha256 is None else parse_sha256(request.sha256),
            filename=clean_filename(request.filename) or None if request.filename else None,
        )
        in_parts = request.multipart or request.size_bytes > limits.max_direct_upload_bytes
        part_bytes = choose_part_bytes(upload.size_bytes, request.part_bytes) if in_parts else None
        ref = ImageRef(caller.user_id, new_image_id(self._clock(), self._random_bytes))
        if part_bytes is None:
            self._store.announce(ref, upload)
            form = self._store.create_form(ref, upload, self._link_lifetime)
            return CreatedUpload(_pending(ref, upload), form=form)
        plan = MultipartPlan(self._store.start_multipart(ref, upload), part_bytes)
        upload = replace(upload, multipart=plan)
        self._store.announce(ref, upload)
        return CreatedUpload(_pending(ref, upload), multipart=_multipart(ref, upload, plan))


class SignParts:
    """Makes links with which parts of an upload can be sent."""

    def __init__(self, store: UploadStore, link_lifetime: timedelta) -> None:
        self._store = store
        self._link_lifetime = link_lifetime

    def __call__(self, caller: Caller, image_id: str, numbers: Sequence[int]) -> tuple[SignedPart, ...]:
        """A request for each of these 1 to :data:`MAX_SIGNED_PARTS` parts, also for one that was sent.

        Raises UploadNotFound or InvalidRequest.
        """
        if not 1 <= len(numbers) <= MAX_SIGNED_PARTS:
            message = f"must name 1 to {MAX_SIGNED_PARTS} parts"
            raise InvalidRequest(f"part_numbers {message}.", errors=[FieldError("part_numbers", message)])
        ref, upload, plan = _find_multipart(self._store, caller, image_id)
        sizes = [plan.part_length(number, upload.size_bytes) for number in numbers]
        return tuple(
            SignedPart(number, size, self._store.sign_part(ref, upload, number, self._link_lifetime))
            for number, size in zip(numbers, sizes, strict=True)
        )


class SignMultipartOperation:
    """Makes links for clients that speak storage's own protocol, as browser libraries do."""

    def __init__(self, store: UploadStore, link_lifetime: timedelta) -> None:
        self._store = store
        self._link_lifetime = link_lifetime

    def __call__(self, caller: Caller, image_id: str, operation: MultipartOperation) -> SignedRequest:
        """A request that does this to the upload. Raises UploadNotFound."""
        ref, upload, _ = _find_multipart(self._store, caller, image_id)
        return self._store.sign_multipart_operation(ref, upload, operation, self._link_lifetime)


class ListParts:
    """Tells which parts of an upload have arrived, so that it can be resumed."""

    def __init__(self, store: UploadStore) -> None:
        self._store = store

    def __call__(self, caller: Caller, image_id: str) -> tuple[MultipartUpload, tuple[UploadedPart, ...]]:
        """The upload and the parts that storage has. Raises UploadNotFound."""
        ref, upload, plan = _find_multipart(self._store, caller, image_id)
        return _multipart(ref, upload, plan), self._store.list_parts(ref, upload)


class CompleteUpload:
    """Puts the parts of an upload together, after which the image is read."""

    def __init__(self, store: UploadStore, images: ImageStore) -> None:
        self._store = store
        self._images = images

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """The image, usually still pending; may be repeated.

        Raises UploadNotFound, or UploadIncomplete, after which the missing parts can be sent.
        """
        try:
            ref, upload, plan = _find_multipart(self._store, caller, image_id)
            parts = self._store.list_parts(ref, upload)
            missing = missing_parts(plan, upload.size_bytes, parts)
            if missing:
                raise UploadIncomplete(_describe_missing(missing))
            self._store.complete_multipart(ref, upload, parts)
        except UploadNotFound:
            # A repeat, or the image was read already: then there is no upload, but an image.
            stored = self._find_arrived(caller, image_id)
            if stored is None:
                raise
            return Image.of(stored)
        return _pending(ref, upload)

    def _find_arrived(self, caller: Caller, image_id: str) -> StoredImage | None:
        return self._images.find(ImageRef(caller.user_id, image_id)) if is_image_id(image_id) else None


class AbortUpload:
    """Gives up an upload whose bytes have not all been sent."""

    def __init__(self, store: UploadStore, images: ImageStore) -> None:
        self._store = store
        self._images = images

    def __call__(self, caller: Caller, image_id: str) -> None:
        """Returns once what was sent is gone, and the image with it. Raises UploadNotFound."""
        _find_announced(self._store, caller, image_id)
        self._images.delete(ImageRef(caller.user_id, image_id))


_NOT_FOUND = "There is no unfinished upload for an image with this id."


def _find_announced(store: UploadStore, caller: Caller, image_id: str) -> tuple[ImageRef, Upload]:
    ref = ImageRef(caller.user_id, image_id)
    upload = store.find_announced(ref) if is_image_id(image_id) else None
    if upload is None:
        raise UploadNotFound(_NOT_FOUND)
    return ref, upload


def _find_multipart(
    store: UploadStore, caller: Caller, image_id: str
) -> tuple[ImageRef, Upload, MultipartPlan]:
    ref, upload = _find_announced(store, caller, image_id)
    if upload.multipart is None:
        raise UploadNotFound(_NOT_FOUND)
    return ref, upload, upload.multipart


def _multipart(ref: ImageRef, upload: Upload, plan: MultipartPlan) -> MultipartUpload:
    return MultipartUpload(ref.image_id, upload, plan, created_at(ref.image_id) + MULTIPART_LIFETIME)


def _pending(ref: ImageRef, upload: Upload) -> Image:
    return Image.of(announced_image(ref, upload))


def _describe_missing(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:_MAX_NAMED_PARTS]))
    more = f" and {len(numbers) - _MAX_NAMED_PARTS} more" if len(numbers) > _MAX_NAMED_PARTS else ""
    return f"Parts that are missing or have another size than planned: {named}{more}."
