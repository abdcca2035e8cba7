"""Entity tags and conditional requests (RFC 9110 §8.8.3 and §13.1.2)."""

import hashlib


def entity_tag(*contents: bytes) -> str:
    """Make a tag that identifies these contents; it is weak, because their encoding may differ."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return f'W/"{digest.hexdigest()[:32]}"'


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Whether a client that sent this If-None-Match has the version with this tag."""
    if if_none_match is None:
        return False
    known = [_opaque(one) for one in if_none_match.split(",")]
    return "*" in known or _opaque(tag) in known


def _opaque(tag: str) -> str:
    """Strip what weak comparison ignores."""
    return tag.strip().removeprefix("W/")
