"""Decodes the identifying fields of an ICC profile (ICC.1:2022): header, description and copyright."""

import struct
from collections.abc import Iterator

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import decode_text, limit_text, text_bytes_of
from domain.metadata.model import Tags

_HEADER_LENGTH = 128
_SIGNATURE = b"acsp"
_MAX_TAGS = 100
_DEVICE_CLASSES = {
    "scnr": "input",
    "mntr": "display",
    "prtr": "output",
    "link": "device link",
    "spac": "color space",
    "abst": "abstract",
    "nmcl": "named color",
}


def decode_icc(profile: bytes, budget: Budget, warnings: Warnings) -> Tags:
    """Decode the description, colour spaces, device class, version and copyright of a profile.

    The tags are ``description``, ``color_space``, ``connection_space``, ``device_class``, ``version`` and
    ``copyright``. Signatures are given without padding (``RGB``, ``XYZ``). A field that the profile
    lacks is absent.
    """
    if len(profile) < _HEADER_LENGTH + 4 or profile[36:40] != _SIGNATURE:
        warnings.add("ICC: the profile is damaged and was left out.")
        return {}
    tags: Tags = {}
    try:
        for name, value in _values(profile, budget, warnings):
            if value:
                budget.keep(tags, name, value)
    except BudgetSpent:
        # Keep what was read so far.
        pass
    return tags


def _values(profile: bytes, budget: Budget, warnings: Warnings) -> Iterator[tuple[str, str]]:
    elements = _text_elements(profile, budget)
    yield "description", _text(profile, elements[b"desc"], "description", budget, warnings)
    device_class = _signature(profile[12:16])
    yield "color_space", _signature(profile[16:20])
    yield "connection_space", _signature(profile[20:24])
    yield "device_class", _DEVICE_CLASSES.get(device_class, device_class)
    yield "version", f"{profile[8]}.{profile[9] >> 4}.{profile[9] & 15}"
    yield "copyright", _text(profile, elements[b"cprt"], "copyright", budget, warnings)


def _signature(data: bytes) -> str:
    return data.decode("latin-1").strip("\0 ")


def _text_elements(profile: bytes, budget: Budget) -> dict[bytes, list[range]]:
    """Find the text elements by their signatures."""
    count = min(int.from_bytes(profile[_HEADER_LENGTH : _HEADER_LENGTH + 4], "big"), _MAX_TAGS)
    budget.charge_elements(count)
    table = profile[_HEADER_LENGTH + 4 : _HEADER_LENGTH + 4 + count * 12]
    elements: dict[bytes, list[range]] = {b"desc": [], b"cprt": []}
    for kind, offset, size in struct.iter_unpack(">4sII", table[: len(table) // 12 * 12]):
        if kind in elements:
            elements[kind].append(range(offset, min(offset + size, len(profile))))
    return elements


def _text(profile: bytes, elements: list[range], name: str, budget: Budget, warnings: Warnings) -> str:
    """Return the first text among several elements that is not empty."""
    for element in elements:
        if text := _element_text(profile, element, budget):
            return limit_text(text, f"ICC: the {name}", budget, warnings)
    return ""


def _element_text(profile: bytes, element: range, budget: Budget) -> str:
    """Decode a ``desc`` (ICC.1:2001), ``text`` or ``mluc`` element, preferring English."""
    start, stop = element.start, element.stop
    kind = profile[start : min(start + 4, stop)]
    if kind == b"desc":
        length = int.from_bytes(profile[start + 8 : min(start + 12, stop)], "big")
        return _plain_text(profile, start + 12, min(start + 12 + length, stop), budget)
    if kind == b"text":
        return _plain_text(profile, start + 8, stop, budget)
    if kind == b"mluc":
        return _localized_text(profile, start, stop, budget)
    return ""


def _plain_text(profile: bytes, start: int, stop: int, budget: Budget) -> str:
    data = text_bytes_of(profile, start, stop, budget)
    return decode_text(data.partition(b"\0")[0]).strip()


def _localized_text(profile: bytes, start: int, stop: int, budget: Budget) -> str:
    """Return the English text of an ``mluc`` element, or the first that is not empty."""
    count = min(int.from_bytes(profile[start + 8 : min(start + 12, stop)], "big"), _MAX_TAGS)
    budget.charge_elements(count)
    records = profile[start + 16 : min(start + 16 + count * 12, stop)]
    places: dict[bytes, range] = {}
    for language, length, offset in struct.iter_unpack(">2s2xII", records[: len(records) // 12 * 12]):
        places.setdefault(language, range(start + offset, min(start + offset + length, stop)))
    for _, place in sorted(places.items(), key=lambda entry: entry[0] != b"en"):
        data = text_bytes_of(profile, place.start, place.stop, budget)
        text = data[: len(data) // 2 * 2].decode("utf-16-be", "replace").partition("\0")[0].strip()
        if text:
            return text
    return ""
