"""Direct uploads, which go straight to storage: with one form, or in parts that can be resumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.images.account import Quotas
from domain.images.declared import clean_filename, declared_format, parse_sha256
from domain.images.errors import ImageTooLarge, UploadExpired, UploadIncomplete, UploadNotFound
from domain.images.idempotency import add_once, claim_key
from domain.images.ids import RandomBytes, is_image_id, new_image_id
from domain.images.model import ImageLimits, ImageRef, ImageStatus
from domain.images.ports import ImageRecords, IncomingStore, RecordConflict
from domain.images.record import Announcement, ImageRecord, UploadWay
from domain.images.removal import ImageRemoval
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    UploadedPart,
    UploadForm,
    choose_part_bytes,
    missing_parts,
)
from domain.images.upload_policy import UploadPolicy
from domain.images.view import Image
from domain.shared.caller import Caller
from domain.shared.clock import Clock
from domain.shared.errors import FieldError, InvalidRequest, ServiceUnavailable

MAX_SIGNED_PARTS = 100
"""How many parts can be signed at once."""
MULTIPART_LIFETIME = timedelta(hours=24)
"""How long a multipart upload may take before it is given up."""
FORM_GRACE = timedelta(minutes=15)
"""How long the bytes of a form may still arrive after it has expired."""
_MAX_NAMED_PARTS = 10
_MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What a client declares about the file that it wants to send; ``size_bytes`` is positive."""

    content_type: str | None
    """A media type, which may be a general one: the bytes decide the format."""
    size_bytes: int
    sha256: str | None = None
    """In hexadecimal or base 64."""
    filename: str | None = None
    multipart: bool = False
    """Whether the client wants to send the file in parts even if it is small enough for a form."""
    part_bytes: int | None = None
    """The size of the parts, if the file is sent in parts."""


@dataclass(frozen=True, slots=True)
class MultipartUpload:
    """A multipart upload, as its owner sees it."""

    image_id: str
    size_bytes: int
    plan: MultipartPlan
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """An image and, while it is pending, how to send its bytes: with a form, or in parts."""

    image: Image
    form: UploadForm | None = None
    multipart: MultipartUpload | None = None


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The request that uploads one part of ``size_bytes`` bytes."""

    number: int
    size_bytes: int
    request: SignedRequest


@dataclass(frozen=True, slots=True)
class CreateUpload:
    """Creates a pending image and tells the client where to send its bytes."""

    policy: UploadPolicy
    records: ImageRecords
    incoming: IncomingStore
    limits: ImageLimits
    quotas: Quotas
    clock: Clock
    random_bytes: RandomBytes
    link_lifetime: timedelta

    def __call__(
        self, caller: Caller, request: UploadRequest, *, idempotency_key: str | None = None
    ) -> CreatedUpload:
        """Create the pending image, to be sent with a form or, if requested or too large, in parts.

        Within a day, equal requests with the same ``idempotency_key`` create only one image.

        Raises PermissionDenied, UnsupportedImageType, ImageTooLarge, InvalidRequest, QuotaExceeded,
        AccountClosed, IdempotencyKeyReused, or UploadExpired if a repeated request comes too late.
        """
        self.policy.authorise(caller)
        now = self.clock()
        announced, filename = self._announcement(request, now)
        ref = ImageRef(caller.user_id, new_image_id(now, self.random_bytes))
        claim = (
            claim_key(idempotency_key, announced.way, repr(request), ref, now)
            if idempotency_key is not None
            else None
        )
        record = ImageRecord.announce(
            ref,
            announced,
            due_at=announced.expires_at,
            filename=filename,
            idempotency_key_hash=claim.key_hash if claim else None,
        )
        record = add_once(self.records, record, self.quotas, claim)
        if record.status is not ImageStatus.PENDING:
            return CreatedUpload(Image.of(record))
        if record.announced.way is UploadWay.FORM:
            return CreatedUpload(Image.of(record), form=self._form(record, now))
        record = self._begun(record)
        return CreatedUpload(Image.of(record), multipart=_multipart(record))

    def _announcement(self, request: UploadRequest, now: datetime) -> tuple[Announcement, str | None]:
        limits = self.limits
        image_format = declared_format(request.content_type, limits.formats)
        storage = self.incoming.limits
        limit = min(
            max(limits.max_direct_upload_bytes, limits.max_multipart_upload_bytes), storage.max_upload_bytes
        )
        if request.size_bytes > limit:
            raise ImageTooLarge(f"The image has {request.size_bytes} bytes; it may have at most {limit}.")
        sha256 = None if request.sha256 is None else parse_sha256(request.sha256)
        filename = clean_filename(request.filename) or None if request.filename else None
        part_bytes = choose_part_bytes(storage, request.size_bytes, request.part_bytes)
        if request.multipart or request.size_bytes > limits.max_direct_upload_bytes:
            expires_at = now + MULTIPART_LIFETIME
            announced = Announcement(
                UploadWay.MULTIPART, request.size_bytes, expires_at, image_format, sha256, part_bytes
            )
        else:
            expires_at = now + self.link_lifetime + FORM_GRACE
            announced = Announcement(UploadWay.FORM, request.size_bytes, expires_at, image_format, sha256)
        return announced, filename

    def _form(self, record: ImageRecord, now: datetime) -> UploadForm:
        lifetime = min(self.link_lifetime, record.announced.expires_at - FORM_GRACE - now)
        if lifetime < timedelta(seconds=1):
            raise UploadExpired(
                "The upload was created too long ago; create it again with another idempotency key."
            )
        return self.incoming.create_form(record.ref, record.announced, lifetime)

    def _begun(self, record: ImageRecord) -> ImageRecord:
        """Begin the multipart upload in storage, unless another request has. Returns the record."""
        if record.announced.plan is not None:
            return record
        begun = record.begin_multipart(self.incoming.begin_multipart(record.ref, record.announced))
        try:
            self.records.save(record, begun)
        except RecordConflict:
            # Either another request has begun an upload, which the client must use, or the image is gone.
            current = self.records.find(record.ref)
            if current is None or current.announced.plan is None:
                self.incoming.abort_multiparts(record.ref)
                raise _not_found() from None
            self.incoming.abort_multiparts(record.ref, but=current.announced.plan.upload_id)
            return current
        return begun


@dataclass(frozen=True, slots=True)
class SignParts:
    """Signs the requests that send parts of an upload."""

    records: ImageRecords
    incoming: IncomingStore
    clock: Clock
    link_lifetime: timedelta

    def __call__(self, caller: Caller, image_id: str, numbers: Sequence[int]) -> tuple[SignedPart, ...]:
        """Sign a request for each of these 1 to :data:`MAX_SIGNED_PARTS` parts, already sent or not.

        Raises UploadNotFound or InvalidRequest.
        """
        if not 1 <= len(numbers) <= MAX_SIGNED_PARTS:
            message = f"must name 1 to {MAX_SIGNED_PARTS} parts"
            raise InvalidRequest(f"part_numbers {message}.", errors=[FieldError("part_numbers", message)])
        record, plan = _find_multipart(self.records, caller, image_id, self.clock())
        _require_open_account(self.records, caller)
        sizes = [plan.part_length(number, record.announced.size_bytes) for number in numbers]
        return tuple(
            SignedPart(
                number, size, self.incoming.sign_part(record.ref, plan, number, size, self.link_lifetime)
            )
            for number, size in zip(numbers, sizes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class SignMultipartOperation:
    """Signs requests for clients that use storage's own protocol, as browser libraries do."""

    records: ImageRecords
    incoming: IncomingStore
    clock: Clock
    link_lifetime: timedelta

    def __call__(self, caller: Caller, image_id: str, operation: MultipartOperation) -> SignedRequest:
        """Sign a request that performs this operation on the upload. Raises UploadNotFound."""
        record, plan = _find_multipart(self.records, caller, image_id, self.clock())
        _require_open_account(self.records, caller)
        return self.incoming.sign_multipart_operation(record.ref, plan, operation, self.link_lifetime)


@dataclass(frozen=True, slots=True)
class ListParts:
    """Tells which parts of an upload have arrived, so that it can be resumed."""

    records: ImageRecords
    incoming: IncomingStore
    clock: Clock

    def __call__(self, caller: Caller, image_id: str) -> tuple[MultipartUpload, tuple[UploadedPart, ...]]:
        """List the parts that storage has received. Raises UploadNotFound."""
        record, plan = _find_multipart(self.records, caller, image_id, self.clock())
        parts = self.incoming.list_parts(record.ref, plan)
        return _view(record, plan), parts


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """Combines the parts of an upload. The image is read afterwards."""

    records: ImageRecords
    incoming: IncomingStore

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """Complete the upload. The returned image is usually still pending. Idempotent.

        Raises UploadNotFound, or UploadIncomplete, after which the missing parts can still be sent.
        """
        record = _find(self.records, caller, image_id)
        plan = record.announced.plan if record else None
        if record is None or plan is None:
            raise _not_found()
        _require_open_account(self.records, caller)
        if record.status is ImageStatus.PENDING:
            try:
                parts = self.incoming.list_parts(record.ref, plan)
                missing = missing_parts(plan, record.announced.size_bytes, parts)
                if missing:
                    raise UploadIncomplete(_describe_missing(missing))
                self.incoming.complete_multipart(record.ref, plan, parts)
            except UploadNotFound:
                # A repeated request: the parts are already combined, and the image may be being read.
                record = self.records.find(record.ref)
                if record is None:
                    raise
        return Image.of(record)


@dataclass(frozen=True, slots=True)
class AbortUpload:
    """Cancels an upload whose image is still pending."""

    records: ImageRecords
    removal: ImageRemoval

    def __call__(self, caller: Caller, image_id: str) -> None:
        """Delete the image and everything that was sent for it. Raises UploadNotFound."""
        for _ in range(_MAX_ATTEMPTS):
            record = _find(self.records, caller, image_id)
            if record is None or not _is_waiting(record):
                raise _not_found()
            try:
                self.removal.withdraw(record)
            except RecordConflict:
                continue
            self.removal.clear(record)
            return
        raise ServiceUnavailable("The upload keeps changing; please try again.", retry_after_s=1)


def _is_waiting(record: ImageRecord) -> bool:
    return record.status is ImageStatus.PENDING and record.announced.way.is_direct


def _not_found() -> UploadNotFound:
    return UploadNotFound("There is no unfinished upload for an image with this id.")


def _require_open_account(records: ImageRecords, caller: Caller) -> None:
    """Return unless the caller's account is being deleted, which also deletes its uploads."""
    if records.find_account(caller.user_id).deleting_at is not None:
        raise _not_found()


def _find(records: ImageRecords, caller: Caller, image_id: str) -> ImageRecord | None:
    return records.find(ImageRef(caller.user_id, image_id)) if is_image_id(image_id) else None


def _find_multipart(
    records: ImageRecords, caller: Caller, image_id: str, now: datetime
) -> tuple[ImageRecord, MultipartPlan]:
    record = _find(records, caller, image_id)
    plan = record.announced.plan if record and _is_waiting(record) else None
    if record is None or plan is None or record.announced.expires_at <= now:
        raise _not_found()
    return record, plan


def _multipart(record: ImageRecord) -> MultipartUpload | None:
    plan = record.announced.plan
    return _view(record, plan) if plan else None


def _view(record: ImageRecord, plan: MultipartPlan) -> MultipartUpload:
    announced = record.announced
    return MultipartUpload(record.ref.image_id, announced.size_bytes, plan, announced.expires_at)


def _describe_missing(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:_MAX_NAMED_PARTS]))
    more = f" and {len(numbers) - _MAX_NAMED_PARTS} more" if len(numbers) > _MAX_NAMED_PARTS else ""
    return f"Parts that are missing or have the wrong size: {named}{more}."
