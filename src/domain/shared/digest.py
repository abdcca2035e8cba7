"""The checksum that identifies bytes everywhere: SHA-256 in lower-case hexadecimal."""

import hashlib


def sha256_hex(content: bytes) -> str:
    """Compute the checksum of these bytes."""
    return hashlib.sha256(content).hexdigest()
