"""The ``summary`` of a metadata document: what an application wants without knowing the standards.

:data:`SUMMARY_FIELDS` is the one table of fields. Each field lists its sources in order; the first
source whose value is present, well formed and in range supplies the field. Where none does, the
field is absent: a summary never holds null, an empty text or a camera's placeholder.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from domain.metadata.model import ExtractedMetadata, Tags
from domain.metadata.sources import (
    _MAX_LATITUDE,
    _MAX_LONGITUDE,
    Source,
    _altitude_of,
    _apex_aperture,
    _apex_time,
    _coordinate_of,
    _exif_time_of,
    _flash_of,
    _integer_of,
    _iptc_time_of,
    _name_of,
    _number_of,
    _text_of,
    _texts_of,
    _xmp_coordinate_of,
    _xmp_time_of,
)


@dataclass(frozen=True, slots=True)
class SummaryField:
    """One field of the summary, with its sources in order of preference."""

    name: str
    meaning: str
    sources: tuple[Source, ...]
    longest_wins: bool = False
    """Whether a later source's value is taken where the first one is merely its beginning.

    IPTC-IIM limits lengths (a by-line to 32 bytes), so its texts are often a cut copy of XMP's.
    """


def summarise(extracted: ExtractedMetadata) -> Tags:
    """The summary of what was extracted, by the fields of :data:`SUMMARY_FIELDS`."""
    blocks = {"exif": extracted.exif, "gps": extracted.gps, "iptc": extracted.iptc, "xmp": extracted.xmp}
    summary: Tags = {}
    for field in SUMMARY_FIELDS:
        found = [value for source in field.sources if (value := source.read(blocks)) is not None]
        if not found:
            continue
        chosen = found[0]
        if field.longest_wins:
            for other in found[1:]:
                chosen = other if _is_beginning(chosen, other) else chosen
        summary[field.name] = chosen
    if not _is_position(summary):
        summary.pop("latitude", None)
        summary.pop("longitude", None)
    return summary


def _is_beginning(value: JsonValue, other: JsonValue) -> bool:
    """Whether ``value`` is ``other`` cut short: one text, or item by item of lists of one length."""
    if isinstance(value, str) and isinstance(other, str):
        return other.startswith(value)
    return (
        isinstance(value, list)
        and isinstance(other, list)
        and len(value) == len(other)
        and all(map(_is_beginning, value, other))
    )


def _is_position(summary: Tags) -> bool:
    """A position needs both coordinates; 0° 0° is what receivers write that have no fix."""
    latitude, longitude = summary.get("latitude"), summary.get("longitude")
    return latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)


SUMMARY_FIELDS: tuple[SummaryField, ...] = (
    SummaryField(
        "captured_at",
        "When the picture was taken, ISO 8601; with an offset only where the file has one.",
        (
            _exif_time_of("exif.DateTimeOriginal", "exif.SubSecTimeOriginal", "exif.OffsetTimeOriginal"),
            _xmp_time_of("xmp.exif:DateTimeOriginal"),
            _iptc_time_of("iptc.DateCreated", "iptc.TimeCreated"),
            _xmp_time_of("xmp.photoshop:DateCreated"),
            _exif_time_of("exif.DateTimeDigitized", "exif.SubSecTimeDigitized", "exif.OffsetTimeDigitized"),
            _iptc_time_of("iptc.DigitalCreationDate", "iptc.DigitalCreationTime"),
            _xmp_time_of("xmp.xmp:CreateDate"),
        ),
    ),
    SummaryField(
        "camera_make",
        "The camera's manufacturer.",
        (_name_of("exif.Make"), _name_of("xmp.tiff:Make")),
    ),
    SummaryField(
        "camera_model",
        "The camera's model.",
        (_name_of("exif.Model"), _name_of("xmp.tiff:Model")),
    ),
    SummaryField(
        "lens_model",
        "The lens.",
        (_name_of("exif.LensModel"), _name_of("xmp.exifEX:LensModel"), _name_of("xmp.aux:Lens")),
    ),
    SummaryField(
        "exposure_time_s",
        "Exposure time in seconds.",
        (
            _number_of("exif.ExposureTime", above=0, at_most=1e6),
            _number_of("exif.ShutterSpeedValue", above=0, at_most=1e6, convert=_apex_time),
            _number_of("xmp.exif:ExposureTime", above=0, at_most=1e6),
            _number_of("xmp.exif:ShutterSpeedValue", above=0, at_most=1e6, convert=_apex_time),
        ),
    ),
    SummaryField(
        "f_number",
        "Aperture as an F-number.",
        (
            _number_of("exif.FNumber", above=0, at_most=1000),
            _number_of("exif.ApertureValue", above=0, at_most=1000, convert=_apex_aperture),
            _number_of("xmp.exif:FNumber", above=0, at_most=1000),
            _number_of("xmp.exif:ApertureValue", above=0, at_most=1000, convert=_apex_aperture),
        ),
    ),
    SummaryField(
        "iso",
        "ISO sensitivity.",
        (
            # 65535 means "see the other tags": EXIF 2.3 gave the tag only 16 bits.
            _integer_of("exif.PhotographicSensitivity", above=0, at_most=65_534),
            _integer_of("exif.RecommendedExposureIndex", above=0, at_most=100_000_000),
            _integer_of("exif.StandardOutputSensitivity", above=0, at_most=100_000_000),
            _integer_of("exif.ISOSpeed", above=0, at_most=100_000_000),
            _integer_of("xmp.exifEX:PhotographicSensitivity", above=0, at_most=65_534),
            _integer_of("xmp.exif:ISOSpeedRatings", above=0, at_most=65_534),
        ),
    ),
    SummaryField(
        "focal_length_mm",
        "Focal length of the lens in millimetres.",
        (
            _number_of("exif.FocalLength", above=0, at_most=1e5),
            _number_of("xmp.exif:FocalLength", above=0, at_most=1e5),
        ),
    ),
    SummaryField(
        "focal_length_35mm_mm",
        "Focal length in millimetres that gives the same angle of view on 35 mm film.",
        (
            _number_of("exif.FocalLengthIn35mmFilm", above=0, at_most=65_534),
            _number_of("xmp.exif:FocalLengthIn35mmFilm", above=0, at_most=65_534),
        ),
    ),
    SummaryField(
        "flash_fired", "Whether the flash fired.", (_flash_of("exif.Flash"), _flash_of("xmp.exif:Flash"))
    ),
    SummaryField(
        "latitude",
        "Signed decimal degrees, north positive; only together with a longitude.",
        (
            _coordinate_of("gps.GPSLatitude", "gps.GPSLatitudeRef", _MAX_LATITUDE),
            _xmp_coordinate_of("xmp.exif:GPSLatitude", _MAX_LATITUDE),
        ),
    ),
    SummaryField(
        "longitude",
        "Signed decimal degrees, east positive; only together with a latitude.",
        (
            _coordinate_of("gps.GPSLongitude", "gps.GPSLongitudeRef", _MAX_LONGITUDE),
            _xmp_coordinate_of("xmp.exif:GPSLongitude", _MAX_LONGITUDE),
        ),
    ),
    SummaryField(
        "altitude_m",
        "Metres, negative below the reference level.",
        (
            _altitude_of("gps.GPSAltitude", "gps.GPSAltitudeRef"),
            _altitude_of("xmp.exif:GPSAltitude", "xmp.exif:GPSAltitudeRef"),
        ),
    ),
    SummaryField(
        "title",
        "A short name of the image.",
        (_text_of("iptc.ObjectName"), _text_of("xmp.dc:title"), _text_of("exif.XPTitle")),
        longest_wins=True,
    ),
    SummaryField(
        "headline",
        "A publishable entry that gives a synopsis of the image.",
        (_text_of("iptc.Headline"), _text_of("xmp.photoshop:Headline")),
        longest_wins=True,
    ),
    SummaryField(
        "description",
        "What the image shows, in words.",
        (
            _text_of("exif.ImageDescription"),
            _text_of("iptc.CaptionAbstract"),
            _text_of("xmp.dc:description"),
            _text_of("exif.XPComment"),
            _text_of("exif.UserComment"),
        ),
        longest_wins=True,
    ),
    SummaryField(
        "keywords",
        "Distinct keywords in the file's order.",
        (_texts_of("iptc.Keywords"), _texts_of("xmp.dc:subject"), _texts_of("exif.XPKeywords", ";")),
        longest_wins=True,
    ),
    SummaryField(
        "creators",
        "Who made the image.",
        (
            _texts_of("exif.Artist", ";"),
            _texts_of("iptc.Byline"),
            _texts_of("xmp.dc:creator"),
            _texts_of("exif.XPAuthor", ";"),
        ),
        longest_wins=True,
    ),
    SummaryField(
        "credit",
        "Who is to be credited when the image is published.",
        (_text_of("iptc.Credit"), _text_of("xmp.photoshop:Credit")),
        longest_wins=True,
    ),
    SummaryField(
        "copyright",
        "The copyright notice.",
        (_text_of("exif.Copyright"), _text_of("iptc.CopyrightNotice"), _text_of("xmp.dc:rights")),
        longest_wins=True,
    ),
    SummaryField(
        "city",
        "The city shown.",
        (_text_of("iptc.City"), _text_of("xmp.photoshop:City")),
        longest_wins=True,
    ),
    SummaryField(
        "state",
        "The province or state shown.",
        (_text_of("iptc.ProvinceState"), _text_of("xmp.photoshop:State")),
        longest_wins=True,
    ),
    SummaryField(
        "country",
        "The country shown.",
        (_text_of("iptc.CountryPrimaryLocationName"), _text_of("xmp.photoshop:Country")),
        longest_wins=True,
    ),
    SummaryField(
        "software",
        "The program or firmware that wrote the image.",
        (_name_of("exif.Software"), _name_of("xmp.xmp:CreatorTool"), _name_of("iptc.OriginatingProgram")),
    ),
    SummaryField(
        "rating",
        "Stars from 0 to 5; -1 means rejected.",
        (
            _number_of("xmp.xmp:Rating", above=-1.5, at_most=5),
            _number_of("exif.Rating", above=-0.5, at_most=5),
        ),
    ),
)
"""Every field of the summary in the order of the document."""


def documented_sources() -> Iterator[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """The table for the documentation: a field's name, its meaning, and the tags of each source."""
    for field in SUMMARY_FIELDS:
        yield field.name, field.meaning, tuple(source.tags for source in field.sources)
