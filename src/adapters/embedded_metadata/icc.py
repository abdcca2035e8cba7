"""Decodes what identifies an ICC profile (ICC.1:2022): its header, description and copyright."""

import struct

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import decode_text, limit_text
from domain.metadata.model import Tags

_HEADER_LENGTH = 128
_SIGNATURE = b"acsp"
_MAX_TAGS = 100
_TEXT_TAGS = {b"desc": "description", b"cprt": "copyright"}
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
    """``description``, ``color_space``, ``connection_space``, ``device_class``, ``version``, ``copyright``.

    Signatures are without their padding (``RGB``, ``XYZ``). What the profile lacks is absent.
    """
    if len(profile) < _HEADER_LENGTH + 4 or profile[36:40] != _SIGNATURE:
        warnings.add("ICC: the profile is damaged and was left out.")
        return {}
    tags: Tags = {}
    texts = _texts(profile)
    if "description" in texts:
        text = limit_text(texts["description"], "ICC: the description", budget, warnings)
        budget.keep(tags, "description", text)
    device_class = _signature(profile[12:16])
    for name, value in (
        ("color_space", _signature(profile[16:20])),
        ("connection_space", _signature(profile[20:24])),
        ("device_class", _DEVICE_CLASSES.get(device_class, device_class)),
        ("version", f"{profile[8]}.{profile[9] >> 4}.{profile[9] & 15}"),
    ):
        if value:
            budget.keep(tags, name, value)
    if "copyright" in texts:
        text = limit_text(texts["copyright"], "ICC: the copyright", budget, warnings)
        budget.keep(tags, "copyright", text)
    return tags


def _signature(data: bytes) -> str:
    return data.decode("latin-1").strip("\0 ")


def _texts(profile: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    count = min(int.from_bytes(profile[_HEADER_LENGTH : _HEADER_LENGTH + 4], "big"), _MAX_TAGS)
    table = profile[_HEADER_LENGTH + 4 : _HEADER_LENGTH + 4 + count * 12]
    for kind, offset, size in struct.iter_unpack(">4sII", table[: len(table) // 12 * 12]):
        if (name := _TEXT_TAGS.get(kind)) and (text := _text(profile[offset : offset + size])):
            texts.setdefault(name, text)
    return texts


def _text(data: bytes) -> str:
    """The text of a ``desc`` (ICC.1:2001), ``text`` or ``mluc`` element, in English where there is one."""
    kind = data[:4]
    if kind == b"desc":
        length = int.from_bytes(data[8:12], "big")
        return decode_text(data[12 : 12 + length].partition(b"\0")[0]).strip()
    if kind == b"text":
        return decode_text(data[8:].partition(b"\0")[0]).strip()
    if kind == b"mluc":
        count = min(int.from_bytes(data[8:12], "big"), _MAX_TAGS)
        records = data[16 : 16 + count * 12]
        found: dict[bytes, bytes] = {}
        for language, length, offset in struct.iter_unpack(">2s2xII", records[: len(records) // 12 * 12]):
            found.setdefault(language, data[offset : offset + length])
        chosen = found.get(b"en", next(iter(found.values()), b""))
        return chosen[: len(chosen) // 2 * 2].decode("utf-16-be", "replace").partition("\0")[0].strip()
    return ""
