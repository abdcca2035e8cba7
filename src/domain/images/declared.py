"""What clients declare about a file: its name, media type and checksum."""

import base64
import binascii
import hashlib
from collections.abc import Collection

from domain.images.errors import UnsupportedImageType
from domain.shared.errors import FieldError, InvalidRequest
from domain.shared.image_format import ImageFormat

_UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})

MAX_FILENAME_BYTES = 255
"""The longest file name, in bytes of UTF-8, that common file systems accept."""


def clean_filename(filename: str) -> str:
    """Return the last component of a client's file name, without control characters.

    Raises InvalidRequest if it is longer than :data:`MAX_FILENAME_BYTES`.
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if character.isprintable()).strip()
    if len(name.encode("utf-8", "surrogatepass")) > MAX_FILENAME_BYTES:
        message = f"must be at most {MAX_FILENAME_BYTES} bytes long in UTF-8"
        raise InvalidRequest(f"filename {message}.", errors=[FieldError("filename", message)])
    return name


def declared_format(content_type: str | None, allowed: Collection[ImageFormat]) -> ImageFormat | None:
    """Return the format that a declared media type names, or ``None`` if it is a general type.

    Parameters after ``;`` are ignored. Raises UnsupportedImageType for the type of no allowed format.
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in _UNDECLARED:
        return None
    image_format = ImageFormat.from_media_type(media_type)
    if image_format is None or image_format not in allowed:
        names = ", ".join(sorted(permitted.media_type for permitted in allowed))
        raise UnsupportedImageType(
            f"content_type must be one of {names}, or application/octet-stream, or be omitted."
        )
    return image_format


def served_filename(filename: str | None, image_id: str, image_format: ImageFormat) -> str:
    """Return the name under which an image is served: the client's, with an extension of its real format.

    If the name has a wrong extension, such as ``photo.jpg`` for a PNG, the right one is appended: the
    extension decides which program opens the file.
    """
    if not filename:
        return f"{image_id}.{image_format.extension}"
    _, dot, extension = filename.rpartition(".")
    if dot and extension.lower() in image_format.extensions:
        return filename
    return f"{filename}.{image_format.extension}"


def parse_sha256(text: str, field: str = "sha256") -> str:
    """Parse a checksum in hexadecimal or base 64 and return it in lower-case hexadecimal.

    Raises InvalidRequest naming the field.
    """
    try:
        digest = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        message = "must be a SHA-256 checksum: 64 hexadecimal digits, or 32 bytes in base 64"
        raise InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
    return digest.hex()
