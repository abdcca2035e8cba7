"""Reads the image in a request body: raw bytes, or the only file in a form (RFC 7578)."""

import binascii
import io
from dataclasses import dataclass
from typing import Any

import multipart
import pybase64
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.images.errors import UnsupportedImageType
from domain.shared.errors import FieldError, InvalidRequest
from entrypoints.http.form_filename import HEADER_CHARSET, decode_filename
from entrypoints.http.request_headers import content_type, preferred_languages

FORM_FIELD = "file"
_CHARSET_FIELD = "_charset_"
"""The form field with the encoding of the other fields (RFC 7578 §4.6)."""
_MAX_PARTS = 16
_MAX_PART_HEADERS = 8
_MAX_PART_HEADER_BYTES = 4096

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "A form with one file, as `curl --form file=@gull.jpg` sends it, or only the bytes of "
    "the image, as `--data-binary @gull.jpg` sends them. Any `image/*` type is accepted instead of "
    "`application/octet-stream`: the bytes decide the format.",
    "content": {
        # First what every client generator can send: none knows ranges of media types.
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    FORM_FIELD: {
                        "type": "string",
                        "format": "binary",
                        "description": "The image; its file name is kept for display.",
                    }
                },
                "required": [FORM_FIELD],
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}
"""The OpenAPI request body of an upload."""


@dataclass(frozen=True, slots=True)
class ImageBody:
    """The bytes of the image, and the file name if the client gave one."""

    content: bytes
    filename: str | None = None


def read_image_body(event: APIGatewayProxyEventV2) -> ImageBody:
    """Read the image in this request.

    The declared media type only distinguishes a form from raw bytes; the bytes decide the image format.
    Raises UnsupportedImageType for another type or no type, and InvalidRequest for an empty body, a
    malformed form, or a form without exactly one ``file`` that has content.
    """
    media_type, parameters = content_type(event)
    if media_type == "multipart/form-data":
        body, field = _read_form(event, parameters.get("boundary", "")), FORM_FIELD
    elif media_type.startswith("image/") or media_type == "application/octet-stream":
        body, field = ImageBody(_raw_body(event)), "body"
    else:
        raise UnsupportedImageType(
            "Content-Type must be image/*, application/octet-stream or multipart/form-data"
            f"{f', not {media_type[:100]}' if media_type else '; it is missing'}."
        )
    if not body.content:
        raise _invalid(field, "is empty: it must contain the bytes of an image")
    return body


def _raw_body(event: APIGatewayProxyEventV2) -> bytes:
    body = event.body or ""
    if not event.is_base64_encoded:
        return body.encode()
    try:
        return pybase64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _invalid("body", "cannot be decoded") from error


def _read_form(event: APIGatewayProxyEventV2, boundary: str) -> ImageBody:
    if not boundary:
        raise _invalid("content-type", "must name the boundary of the form")
    body = _raw_body(event)
    try:
        parts = multipart.MultipartParser(
            io.BytesIO(body),
            boundary,
            content_length=len(body),
            charset=HEADER_CHARSET,
            strict=True,
            header_limit=_MAX_PART_HEADERS,
            headersize_limit=_MAX_PART_HEADER_BYTES,
            part_limit=_MAX_PARTS,
            spool_limit=len(body) + 1,
            memory_limit=len(body) + 1,
        ).parts()
    except multipart.ParserLimitReached as error:
        raise _invalid(
            "body",
            f"is a form with more than {_MAX_PARTS} parts, more than {_MAX_PART_HEADERS} headers in a "
            f"part, or a header of more than {_MAX_PART_HEADER_BYTES} bytes",
        ) from error
    except (multipart.MultipartError, ValueError) as error:
        raise _invalid("body", "is not a complete, well-formed form (RFC 7578)") from error
    files = [part for part in parts if part.name == FORM_FIELD]
    if len(files) != 1:
        raise _invalid(FORM_FIELD, f"must be sent exactly once, not {len(files)} times")
    declared = [part.raw.decode("ascii", "replace") for part in parts if part.name == _CHARSET_FIELD]
    filename = decode_filename(
        files[0].disposition,
        charsets=declared,
        languages=preferred_languages(event),
    )
    return ImageBody(files[0].raw, filename)


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
