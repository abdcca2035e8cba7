"""Merges the tags of the several EXIF blocks that a file may have."""

from collections.abc import Set

from adapters.embedded_metadata.exif_values import is_usable
from domain.metadata.model import Tags

_NONE: frozenset[str] = frozenset()
_TOGETHER: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    *(
        (frozenset({f"DateTime{suffix}"}), frozenset({f"SubSecTime{suffix}", f"OffsetTime{suffix}"}))
        for suffix in ("", "Original", "Digitized")
    ),
    (frozenset({"GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef"}), _NONE),
    *(
        (frozenset({f"GPS{name}"}), frozenset({f"GPS{name}Ref"}))
        for name in ("Altitude", "Speed", "Track", "ImgDirection", "DestBearing", "DestDistance")
    ),
)
"""Tags that only mean something together: those that are required, and those that qualify them."""


def supplement(tags: Tags, others: Tags) -> None:
    """Add the tags of a later block that are missing or empty in the earlier ones.

    Tags that belong together, such as a position, or a time and its offset, come from one block.
    """
    grouped: set[str] = set()
    for required, qualifying in _TOGETHER:
        grouped |= required | qualifying
        if all(_has(tags, name) for name in required):
            if all(tags[name] == others.get(name) for name in required):
                _fill(tags, others, qualifying)
        elif all(_has(others, name) for name in required):
            for name in required | qualifying:
                tags.pop(name, None)
            _fill(tags, others, required | qualifying)
        else:
            _fill(tags, others, required)
    _fill(tags, others, others.keys() - grouped)


def _fill(tags: Tags, others: Tags, names: Set[str]) -> None:
    for name, value in others.items():
        if name in names and not _has(tags, name):
            tags[name] = value


def _has(tags: Tags, name: str) -> bool:
    return name in tags and is_usable(name, tags[name])
