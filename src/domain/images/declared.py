"""What clients declare of a file: its name and its checksum."""

import base64
import binascii
import hashlib

from domain.shared.errors import FieldError, InvalidRequest

MAX_FILENAME_BYTES = 255
"""The longest file name, in bytes of UTF-8, that common file systems accept."""


def clean_filename(filename: str) -> str:
    """The last component of a client's file name, free of control characters.

    Raises InvalidRequest if it is longer than :data:`MAX_FILENAME_BYTES`.
    """
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip()
    if len(name.encode("utf-8", "surrogatepass")) > MAX_FILENAME_BYTES:
        message = f"must be at most {MAX_FILENAME_BYTES} bytes long in UTF-8"
        raise InvalidRequest(f"filename {message}.", errors=[FieldError("filename", message)])
    return name


def parse_sha256(text: str) -> str:
    """The checksum in lower-case hexadecimal, given in hexadecimal or base 64.

    Raises InvalidRequest naming the field ``sha256``.
    """
    try:
        digest = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        message = "must be a SHA-256 checksum: 64 hexadecimal digits, or 32 bytes in base 64"
        raise InvalidRequest(f"sha256 {message}.", errors=[FieldError("sha256", message)])
    return digest.hex()
