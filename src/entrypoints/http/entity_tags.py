"""Entity tags and conditional requests (RFC 9110 §8.8.3, §13.1.1 and §13.1.2)."""

import hashlib
import re
from collections.abc import Container, Iterable

_TAG = re.compile(r'(W/)?"([^"]*)"')
_ANY = "*"


_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class _Everything:
    """A container that contains every value."""

    def __contains__(self, _: object) -> bool:
        return True


def entity_tag(*contents: bytes) -> str:
    """Make a tag that identifies these contents; it is weak, because their encoding may differ."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return f'W/"{digest.hexdigest()[:32]}"'


def tags_to_match(if_match: str) -> frozenset[str] | None:
    """List the tags, without quotes, on which a change may be based; ``None`` allows all.

    The comparison is strong, so weak tags match nothing.
    """
    sent = if_match.strip()
    if sent in {"", _ANY}:
        return None
    return frozenset(tag for weak, tag in _TAG.findall(sent) if not weak)


def edit_numbers(tags: Iterable[str]) -> frozenset[int]:
    """Return the edit numbers among these tags. Other tags were never issued, so they match nothing."""
    return frozenset(int(tag) for tag in tags if _NUMBER.fullmatch(tag))


def known_tags(if_none_match: str) -> Container[str]:
    """List the tags, without quotes, of what the client has. The comparison is weak."""
    if if_none_match.strip() == _ANY:
        return _Everything()
    return frozenset(tag for _, tag in _TAG.findall(if_none_match))


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Tell whether a client that sent this If-None-Match has the version with this tag."""
    return tag.removeprefix("W/").strip('"') in known_tags(if_none_match or "")
