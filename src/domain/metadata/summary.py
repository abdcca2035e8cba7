"""The ``summary`` of a metadata document: common fields for applications that don't know the standards.

:data:`SUMMARY_FIELDS` is the table of fields. Each field lists its sources in order; the first source
whose value is present, well-formed and in range provides the field. If there is none, the field is absent:
a summary never contains null, an empty text or a camera's placeholder.

Editors keep IPTC and XMP in sync. XMP takes precedence, unless the digest of IPTC in the file shows that a
program without XMP support changed IPTC last (Metadata Working Group guidelines 2.0).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from domain.metadata.model import ExtractedMetadata, Tags
from domain.metadata.sources import (
    MAX_LATITUDE,
    MAX_LONGITUDE,
    Source,
    ValueDomain,
    altitude_of,
    apex_aperture,
    apex_time,
    comment_of,
    coordinate_of,
    exif_time_of,
    flash_of,
    integer_of,
    iptc_time_of,
    name_of,
    number_of,
    png_time_of,
    text_of,
    texts_of,
    xmp_coordinate_of,
    xmp_time_of,
)


@dataclass(frozen=True, slots=True)
class SummaryField:
    """One field of the summary, with its sources in order of preference."""

    name: str
    meaning: str
    sources: tuple[Source, ...]
    longest_wins: bool = False
    """Whether a later source's value is used if the first value is only its beginning.

    IPTC-IIM limits lengths (a by-line to 32 bytes), so its texts are often truncated copies of XMP's.
    """

    @property
    def values(self) -> ValueDomain:
        """The values that the field can have: those of all its sources, which have one type."""
        [value_type] = {source.values.type for source in self.sources}
        domains = [source.values for source in self.sources]
        return ValueDomain(
            value_type,
            above=min(domain.above for domain in domains),
            at_least=min(domain.at_least for domain in domains),
            at_most=max(domain.at_most for domain in domains),
        )


def summarise(extracted: ExtractedMetadata) -> Tags:
    """Summarise the extracted metadata in the fields of :data:`SUMMARY_FIELDS`."""
    blocks = {
        "exif": extracted.exif,
        "gps": extracted.gps,
        "iptc": extracted.iptc,
        "xmp": extracted.xmp,
        "png": extracted.png,
    }
    summary: Tags = {}
    for field in SUMMARY_FIELDS:
        sources = _iptc_first(field.sources) if extracted.iptc_changed_last else field.sources
        found = [(source, value) for source in sources if (value := source.read(blocks)) is not None]
        if not found:
            continue
        chosen, value = found[0]
        if field.longest_wins:
            for source, other in found[1:]:
                # A text of IPTC is never a longer version of XMP's.
                if _is_beginning(value, other) and not (source.is_iptc and chosen.is_xmp):
                    chosen, value = source, other
        summary[field.name] = value
    if not _is_position(summary):
        summary.pop("latitude", None)
        summary.pop("longitude", None)
    return summary


def _iptc_first(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Move each IPTC source before the XMP source that it follows in the table."""
    ordered: list[Source] = []
    for source in sources:
        is_counterpart = source.is_iptc and ordered and ordered[-1].is_xmp
        ordered.insert(len(ordered) - 1 if is_counterpart else len(ordered), source)
    return tuple(ordered)


def _is_beginning(value: JsonValue, other: JsonValue) -> bool:
    """Tell whether ``value`` is the beginning of ``other``: as texts, or as lists item by item."""
    if isinstance(value, str) and isinstance(other, str):
        return other.startswith(value)
    return (
        isinstance(value, list)
        and isinstance(other, list)
        and len(value) == len(other)
        and all(map(_is_beginning, value, other))
    )


def _is_position(summary: Tags) -> bool:
    """Tell whether there are both coordinates, other than 0° 0°, which receivers without a fix write."""
    latitude, longitude = summary.get("latitude"), summary.get("longitude")
    return latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)


_MAX_ISO = 100_000_000
_ISO_ELSEWHERE = 65_535
"""Means "see the other tags", because the tag only has 16 bits in EXIF 2.3."""

SUMMARY_FIELDS: tuple[SummaryField, ...] = (
    SummaryField(
        "captured_at",
        "When the picture was taken, in ISO 8601, as precisely as the file says: `1978` or `1978-05`; with "
        "an offset only if the file has one.",
        (
            exif_time_of("exif.DateTimeOriginal", "exif.SubSecTimeOriginal", "exif.OffsetTimeOriginal"),
            xmp_time_of("xmp.exif:DateTimeOriginal"),
            xmp_time_of("xmp.photoshop:DateCreated"),
            iptc_time_of("iptc.DateCreated", "iptc.TimeCreated"),
            exif_time_of("exif.DateTimeDigitized", "exif.SubSecTimeDigitized", "exif.OffsetTimeDigitized"),
            xmp_time_of("xmp.xmp:CreateDate"),
            iptc_time_of("iptc.DigitalCreationDate", "iptc.DigitalCreationTime"),
            png_time_of("png.CreationTime"),
        ),
    ),
    SummaryField(
        "camera_make",
        "The camera's manufacturer.",
        (name_of("exif.Make"), name_of("xmp.tiff:Make")),
    ),
    SummaryField(
        "camera_model",
        "The camera's model.",
        (name_of("exif.Model"), name_of("xmp.tiff:Model")),
    ),
    SummaryField(
        "lens_model",
        "The lens.",
        (name_of("exif.LensModel"), name_of("xmp.exifEX:LensModel"), name_of("xmp.aux:Lens")),
    ),
    SummaryField(
        "exposure_time_s",
        "Exposure time in seconds.",
        (
            number_of("exif.ExposureTime", above=0, at_most=1e6),
            number_of("exif.ShutterSpeedValue", above=0, at_most=1e6, convert=apex_time),
            number_of("xmp.exif:ExposureTime", above=0, at_most=1e6),
            number_of("xmp.exif:ShutterSpeedValue", above=0, at_most=1e6, convert=apex_time),
        ),
    ),
    SummaryField(
        "f_number",
        "Aperture as an F-number.",
        (
            number_of("exif.FNumber", above=0, at_most=1000),
            number_of("exif.ApertureValue", above=0, at_most=1000, convert=apex_aperture),
            number_of("xmp.exif:FNumber", above=0, at_most=1000),
            number_of("xmp.exif:ApertureValue", above=0, at_most=1000, convert=apex_aperture),
        ),
    ),
    SummaryField(
        "iso",
        "ISO sensitivity.",
        (
            integer_of("exif.PhotographicSensitivity", above=0, at_most=_MAX_ISO, but=_ISO_ELSEWHERE),
            integer_of("exif.RecommendedExposureIndex", above=0, at_most=_MAX_ISO),
            integer_of("exif.StandardOutputSensitivity", above=0, at_most=_MAX_ISO),
            integer_of("exif.ISOSpeed", above=0, at_most=_MAX_ISO),
            integer_of("xmp.exifEX:PhotographicSensitivity", above=0, at_most=_MAX_ISO, but=_ISO_ELSEWHERE),
            integer_of("xmp.exif:ISOSpeedRatings", above=0, at_most=_MAX_ISO, but=_ISO_ELSEWHERE),
        ),
    ),
    SummaryField(
        "focal_length_mm",
        "Focal length of the lens in millimetres.",
        (
            number_of("exif.FocalLength", above=0, at_most=1e5),
            number_of("xmp.exif:FocalLength", above=0, at_most=1e5),
        ),
    ),
    SummaryField(
        "focal_length_35mm_mm",
        "Focal length in millimetres with the same angle of view on 35 mm film.",
        (
            number_of("exif.FocalLengthIn35mmFilm", above=0, at_most=65_534),
            number_of("xmp.exif:FocalLengthIn35mmFilm", above=0, at_most=65_534),
        ),
    ),
    SummaryField(
        "flash_fired", "Whether the flash fired.", (flash_of("exif.Flash"), flash_of("xmp.exif:Flash"))
    ),
    SummaryField(
        "latitude",
        "Signed decimal degrees, positive in the north; only together with a longitude.",
        (
            coordinate_of("gps.GPSLatitude", "gps.GPSLatitudeRef", MAX_LATITUDE),
            xmp_coordinate_of("xmp.exif:GPSLatitude", "xmp.exif:GPSLatitudeRef", MAX_LATITUDE),
        ),
    ),
    SummaryField(
        "longitude",
        "Signed decimal degrees, positive in the east; only together with a latitude.",
        (
            coordinate_of("gps.GPSLongitude", "gps.GPSLongitudeRef", MAX_LONGITUDE),
            xmp_coordinate_of("xmp.exif:GPSLongitude", "xmp.exif:GPSLongitudeRef", MAX_LONGITUDE),
        ),
    ),
    SummaryField(
        "altitude_m",
        "Metres, negative below the reference level.",
        (
            altitude_of("gps.GPSAltitude", "gps.GPSAltitudeRef"),
            altitude_of("xmp.exif:GPSAltitude", "xmp.exif:GPSAltitudeRef"),
        ),
    ),
    SummaryField(
        "title",
        "A short name for the image.",
        (text_of("xmp.dc:title"), text_of("iptc.ObjectName"), text_of("exif.XPTitle")),
        longest_wins=True,
    ),
    SummaryField(
        "headline",
        "A publishable one-line synopsis of the image.",
        (text_of("xmp.photoshop:Headline"), text_of("iptc.Headline")),
        longest_wins=True,
    ),
    SummaryField(
        "description",
        "What the image shows, in words.",
        (
            text_of("exif.ImageDescription"),
            text_of("xmp.dc:description"),
            text_of("iptc.CaptionAbstract"),
            text_of("exif.XPComment"),
            comment_of("exif.UserComment"),
        ),
        longest_wins=True,
    ),
    SummaryField(
        "keywords",
        "Distinct keywords in the order of the file.",
        (texts_of("xmp.dc:subject"), texts_of("iptc.Keywords"), texts_of("exif.XPKeywords", ";")),
        longest_wins=True,
    ),
    SummaryField(
        "creators",
        "Who made the image.",
        (
            texts_of("exif.Artist", ";"),
            texts_of("xmp.dc:creator"),
            texts_of("iptc.Byline"),
            texts_of("exif.XPAuthor", ";"),
        ),
        longest_wins=True,
    ),
    SummaryField(
        "credit",
        "Whom to credit when the image is published.",
        (text_of("xmp.photoshop:Credit"), text_of("iptc.Credit")),
        longest_wins=True,
    ),
    SummaryField(
        "copyright",
        "The copyright notice.",
        (text_of("exif.Copyright"), text_of("xmp.dc:rights"), text_of("iptc.CopyrightNotice")),
        longest_wins=True,
    ),
    SummaryField(
        "city",
        "The city shown.",
        (text_of("xmp.photoshop:City"), text_of("iptc.City")),
        longest_wins=True,
    ),
    SummaryField(
        "state",
        "The province or state shown.",
        (text_of("xmp.photoshop:State"), text_of("iptc.ProvinceState")),
        longest_wins=True,
    ),
    SummaryField(
        "country",
        "The country shown.",
        (text_of("xmp.photoshop:Country"), text_of("iptc.CountryPrimaryLocationName")),
        longest_wins=True,
    ),
    SummaryField(
        "software",
        "The program or firmware that wrote the image.",
        (name_of("exif.Software"), name_of("xmp.xmp:CreatorTool"), name_of("iptc.OriginatingProgram")),
    ),
    SummaryField(
        "rating",
        "Stars from 0 to 5; -1 means rejected.",
        (
            number_of("xmp.xmp:Rating", above=-1.5, at_most=5),
            number_of("exif.Rating", above=-0.5, at_most=5),
        ),
    ),
)
"""The fields of the summary in the order of the document."""


def documented_sources() -> Iterator[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """Yield the rows of the documented table: a field's name, its meaning, and the tags of each source."""
    for field in SUMMARY_FIELDS:
        yield field.name, field.meaning, tuple(source.tags for source in field.sources)
