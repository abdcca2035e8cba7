"""The image in a request body: raw bytes, or the one file of a form (RFC 7578)."""

import base64
import binascii
import io
from dataclasses import dataclass
from typing import Any

import multipart
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.images.errors import UnsupportedImageType
from domain.shared.errors import FieldError, InvalidRequest

FORM_FIELD = "file"
_MAX_PARTS = 16

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "The bytes of the image, or a form with one file.",
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "image/*": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {FORM_FIELD: {"type": "string", "format": "binary"}},
                "required": [FORM_FIELD],
            }
        },
    },
}
"""The OpenAPI request body of an upload."""


@dataclass(frozen=True, slots=True)
class ImageBody:
    """The bytes that the client sent as an image, and its name for them, if it gave one."""

    content: bytes
    filename: str | None = None


def read_image_body(event: APIGatewayProxyEventV2) -> ImageBody:
    """The image in this request.

    The declared media type only tells a form from raw bytes; what the image is, its bytes tell.
    Raises UnsupportedImageType for another declared type or none, and InvalidRequest for a malformed
    form or one without exactly one part named ``file``.
    """
    media_type, options = multipart.parse_options_header(event.headers.get("content-type", ""))
    if media_type == "multipart/form-data":
        return _read_form(_raw_body(event), options.get("boundary", ""))
    if media_type.startswith("image/") or media_type == "application/octet-stream":
        return ImageBody(_raw_body(event))
    raise UnsupportedImageType(
        "Content-Type must be image/*, application/octet-stream or multipart/form-data"
        f"{f', not {media_type[:100]}' if media_type else '; it is missing'}."
    )


def _raw_body(event: APIGatewayProxyEventV2) -> bytes:
    body = event.body or ""
    if not event.is_base64_encoded:
        return body.encode()
    try:
        return base64.b64decode(body)
    except binascii.Error as error:
        raise _invalid("body", "cannot be decoded") from error


def _read_form(body: bytes, boundary: str) -> ImageBody:
    if not boundary:
        raise _invalid("content-type", "must name the boundary of the form")
    try:
        parts = multipart.MultipartParser(
            io.BytesIO(body),
            boundary,
            content_length=len(body),
            strict=True,
            part_limit=_MAX_PARTS,
            spool_limit=len(body) + 1,
            memory_limit=len(body) + 1,
        ).parts()
    except (multipart.MultipartError, ValueError) as error:
        raise _invalid("body", f"is not a well-formed form: {error}") from error
    files = [part for part in parts if part.name == FORM_FIELD]
    if len(files) != 1:
        raise _invalid(FORM_FIELD, f"must be sent exactly once, not {len(files)} times")
    return ImageBody(files[0].raw, files[0].filename)


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
