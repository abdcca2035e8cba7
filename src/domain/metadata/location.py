"""Omitting from a document where an image was taken, for services that must not store it."""

import re
from enum import StrEnum

from pydantic import JsonValue

from domain.metadata.model import MetadataDocument, Tags

SUMMARISED_POSITION = frozenset({"latitude", "longitude", "altitude_m"})
_GEOREFERENCE = frozenset(
    {
        "ModelPixelScaleTag",
        "IntergraphMatrixTag",
        "ModelTiepointTag",
        "ModelTransformationTag",
        "GeoKeyDirectoryTag",
        "GeoDoubleParamsTag",
        "GeoAsciiParamsTag",
    }
)
"""The TIFF tags that map pixels to places on Earth (OGC GeoTIFF 1.1)."""
_POSITION = re.compile(
    r"gps.*|.*(latitude|longt?itude|altitude|coordinates?)|lat|long?|lng|alt|geo.*|point|pos",
    re.IGNORECASE,
)
"""The local names of XMP properties that hold positions, in EXIF's schema and others."""


class LocationPolicy(StrEnum):
    """What to do with the position in a file."""

    KEEP = "keep"
    DROP = "drop"
    """Keep it in the original only."""


def without_position(document: MetadataDocument) -> MetadataDocument:
    """Omit every position. Place names, which people have written, stay."""
    xmp = _without_position(document.xmp or {})
    return document.model_copy(
        update={
            "summary": _without(document.summary, SUMMARISED_POSITION),
            "exif": _without(document.exif, _GEOREFERENCE),
            "gps": None,
            "xmp": xmp or None,
        }
    )


def _without(tags: Tags, names: frozenset[str]) -> Tags:
    return {name: value for name, value in tags.items() if name not in names}


def _without_position(value: JsonValue) -> JsonValue:
    """Omit positions from an XMP value, at any depth."""
    if isinstance(value, dict):
        return {name: _without_position(item) for name, item in value.items() if not _is_position(name)}
    if isinstance(value, list):
        return [_without_position(item) for item in value]
    return value


def _is_position(name: str) -> bool:
    local_name = re.split(r"[:}]", name)[-1]
    return _POSITION.fullmatch(local_name) is not None
