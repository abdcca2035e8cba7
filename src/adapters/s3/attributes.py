"""The headers and metadata of objects in Amazon S3."""

import base64
from collections.abc import Mapping
from urllib.parse import quote, unquote

_FILENAME_ATTRIBUTE = "filename"

ORIGINAL_CACHE_CONTROL = "private, max-age=31536000, immutable"
"""An original never changes, and is private to its owner (RFC 9111 §5.2.2, RFC 8246)."""
RENDITION_CACHE_CONTROL = ORIGINAL_CACHE_CONTROL
"""The target of a link to a rendition does not change either while the link works."""


def filename_attribute(filename: str | None) -> dict[str, str]:
    """Encode a file name as metadata of an object, whose values must be ASCII."""
    return {_FILENAME_ATTRIBUTE: quote(filename)} if filename else {}


def filename_of(attributes: Mapping[str, str]) -> str | None:
    """Decode the file name in an object's metadata."""
    filename = attributes.get(_FILENAME_ATTRIBUTE)
    return unquote(filename) if filename else None


def as_base64(sha256: str) -> str:
    """Convert a hexadecimal checksum to the form that S3 accepts."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def content_disposition(filename: str) -> str:
    """Build an ``inline`` Content-Disposition for this file name (RFC 6266 §5, Appendix D).

    It has an ASCII fallback and, for the full name, the UTF-8 form of RFC 8187.
    """
    fallback = "".join(
        character if " " <= character <= "~" and character not in '"\\%' else "_" for character in filename
    )
    return f"inline; filename=\"{fallback}\"; filename*=UTF-8''{quote(filename, safe='')}"
