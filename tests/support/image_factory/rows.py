"""Tag tables: each row writes one value and says what must be read back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.support.image_factory.tiff_structure import Field, Ifd

EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005


@dataclass(frozen=True)
class ExifRow:
    """One EXIF field: its name and tag, what is written, and the value that means."""

    name: str
    tag: int
    field: Field
    value: Any


@dataclass(frozen=True)
class IptcRow:
    """One IPTC dataset; ``value`` is a text or, for the few numeric datasets, a number."""

    name: str
    number: int
    raw: bytes
    value: Any
    record: int = 2


def exif_ifd(
    image: Iterable[ExifRow] = (),
    exif: Iterable[ExifRow] = (),
    gps: Iterable[ExifRow] = (),
    *,
    thumbnail: Ifd | None = None,
) -> Ifd:
    """The first directory, with the Exif and GPS directories where they have rows."""
    entries: dict[int, Any] = {row.tag: row.field for row in image}
    sub_entries: dict[int, Any] = {row.tag: row.field for row in exif}
    gps_entries: dict[int, Any] = {row.tag: row.field for row in gps}
    if sub_entries:
        entries[EXIF_IFD] = Ifd(sub_entries)
    if gps_entries:
        entries[GPS_IFD] = Ifd(gps_entries)
    return Ifd(entries, thumbnail)


def exif_values(rows: Iterable[ExifRow]) -> dict[str, Any]:
    """What the rows mean, by name."""
    return {row.name: row.value for row in rows}


REPEATABLE = frozenset(
    {"Keywords", "Byline", "BylineTitle", "Writer", "SupplementalCategory", "Contact", "LanguageIdentifier"}
)
"""Datasets among those written here that IIM 4.2 lets repeat: always lists."""


def iptc_values(rows: Iterable[IptcRow]) -> dict[str, Any]:
    """What the rows mean, by name; repeatable datasets as lists."""
    values: dict[str, Any] = {}
    for row in rows:
        if row.name in REPEATABLE:
            values.setdefault(row.name, []).append(row.value)
        else:
            values[row.name] = row.value
    return values
