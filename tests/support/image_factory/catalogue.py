"""Every photo of the factory, with what its metadata must read."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache, cached_property
from typing import Any

from tests.support.image_factory import gif, heif, icc, iptc, jpeg, pixels, png, tiff, webp, xmp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.rows import EXIF_IFD, ExifRow, IptcRow, exif_ifd, exif_values, iptc_values
from tests.support.image_factory.tiff_structure import (
    ByteOrder,
    DataBlocks,
    Field,
    FieldType,
    Ifd,
    ascii_text,
    byte,
    long,
    rational,
    short,
    signed_rational,
    undefined,
    utf8_text,
)

Values = dict[str, Any]

MAKER_NOTE = b"Factory\0" + bytes(range(56))
TITLE = "Möwe über São Paulo"
HEADLINE = "Über den Dächern"
CAPTION = "A gull — Möwe, 鸥 — above the roofs"
ARTISTS = "José Ñandú; Zoë Ånström"
KEYWORDS = ("Möwe", "roof; tiles", "a=b", "鸥")


@dataclass(frozen=True)
class Expected:
    """What must be read from a photo, in the shape of the metadata document.

    ``summary_absent`` names summary fields for which the file holds nothing but junk.
    """

    image: Values
    exif: Values = dataclass_field(default_factory=dict)
    gps: Values = dataclass_field(default_factory=dict)
    iptc: Values = dataclass_field(default_factory=dict)
    xmp: Values = dataclass_field(default_factory=dict)
    icc: Values = dataclass_field(default_factory=dict)
    summary: Values = dataclass_field(default_factory=dict)
    summary_absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Photo:
    """One photo: its file name, its format's name, how it is made and what it must read."""

    name: str
    format: str
    make: Callable[[], bytes]
    expected: Expected

    @cached_property
    def content(self) -> bytes:
        """The file's bytes, the same in every run."""
        return self.make()

    def open(self) -> io.BytesIO:
        """The bytes as a stream."""
        return io.BytesIO(self.content)


_MIME_TYPES = {name: f"image/{name}" for name in ("jpeg", "png", "gif", "webp", "tiff", "heic", "avif")}


def _image(image_format: str, **different: Any) -> Values:
    properties: Values = {
        "format": image_format,
        "mime_type": _MIME_TYPES[image_format],
        "width": pixels.WIDTH,
        "height": pixels.HEIGHT,
        "bit_depth": 8,
        "color_space": "sRGB",
        "orientation": 1,
        "frames": 1,
    }
    return properties | different


def _charset(name: str, text: str, order: ByteOrder) -> bytes:
    """A value with an EXIF character code (EXIF 3.0 §4.6.6.6.9)."""
    encoding = "ascii" if name == "ASCII" else "utf-16-le" if order == "<" else "utf-16-be"
    return name.encode().ljust(8, b"\0") + text.encode(encoding)


def image_rows(orientation: int) -> list[ExifRow]:
    """IFD0 of a complete photo."""
    return [
        ExifRow("ImageDescription", 0x010E, ascii_text(CAPTION), CAPTION),
        ExifRow("Make", 0x010F, ascii_text("Nikkor Werke"), "Nikkor Werke"),
        ExifRow("Model", 0x0110, ascii_text("NW-1 Mark II"), "NW-1 Mark II"),
        ExifRow("Orientation", 0x0112, short(orientation), orientation),
        ExifRow("XResolution", 0x011A, rational(300, 1), 300),
        ExifRow("YResolution", 0x011B, rational(3001, 10), 300.1),
        ExifRow("ResolutionUnit", 0x0128, short(2), 2),
        ExifRow("Software", 0x0131, ascii_text("Darkroom 1.2"), "Darkroom 1.2"),
        ExifRow("DateTime", 0x0132, ascii_text("2021:07:04 09:00:00"), "2021:07:04 09:00:00"),
        ExifRow("Artist", 0x013B, ascii_text(ARTISTS), ARTISTS),
        ExifRow("YCbCrPositioning", 0x0213, short(1), 1),
        ExifRow("Copyright", 0x8298, ascii_text("© 2021 José Ñandú"), "© 2021 José Ñandú"),
        ExifRow("XPTitle", 0x9C9B, byte(*(TITLE + "\0").encode("utf-16-le")), TITLE),
    ]


def exif_rows(order: ByteOrder) -> list[ExifRow]:
    """The Exif directory of a complete photo."""
    comment = "Kommentar: größer = besser"
    return [
        ExifRow("ExposureTime", 0x829A, rational(1, 250), 0.004),
        ExifRow("FNumber", 0x829D, rational(56, 10), 5.6),
        ExifRow("ExposureProgram", 0x8822, short(3), 3),
        ExifRow("PhotographicSensitivity", 0x8827, short(400), 400),
        ExifRow("SensitivityType", 0x8830, short(2), 2),
        ExifRow("ExifVersion", 0x9000, undefined(b"0232"), "0232"),
        ExifRow("DateTimeOriginal", 0x9003, ascii_text("2021:07:03 14:05:09"), "2021:07:03 14:05:09"),
        ExifRow("DateTimeDigitized", 0x9004, ascii_text("2021:07:03 14:05:10"), "2021:07:03 14:05:10"),
        ExifRow("OffsetTime", 0x9010, ascii_text("+02:00"), "+02:00"),
        ExifRow("OffsetTimeOriginal", 0x9011, ascii_text("-03:00"), "-03:00"),
        ExifRow("ComponentsConfiguration", 0x9101, undefined(b"\1\2\3\0"), [1, 2, 3, 0]),
        ExifRow("ShutterSpeedValue", 0x9201, signed_rational(7966, 1000), 7.966),
        ExifRow("ApertureValue", 0x9202, rational(497, 100), 4.97),
        ExifRow("BrightnessValue", 0x9203, signed_rational(-5, 4), -1.25),
        ExifRow("ExposureBiasValue", 0x9204, signed_rational(-2, 4), -0.5),
        ExifRow("MeteringMode", 0x9207, short(5), 5),
        ExifRow("LightSource", 0x9208, short(0), 0),
        ExifRow("Flash", 0x9209, short(0x19), 0x19),
        ExifRow("FocalLength", 0x920A, rational(355, 10), 35.5),
        ExifRow("SubjectArea", 0x9214, short(48, 32, 10, 12), [48, 32, 10, 12]),
        ExifRow(
            "MakerNote", 0x927C, undefined(MAKER_NOTE),
            {"size_bytes": len(MAKER_NOTE), "sha256": hashlib.sha256(MAKER_NOTE).hexdigest()},
        ),
        ExifRow("UserComment", 0x9286, undefined(_charset("UNICODE", comment, order)), comment),
        ExifRow("FlashpixVersion", 0xA000, undefined(b"0100"), "0100"),
        ExifRow("ColorSpace", 0xA001, short(1), 1),
        ExifRow("PixelXDimension", 0xA002, long(pixels.WIDTH), pixels.WIDTH),
        ExifRow("PixelYDimension", 0xA003, long(pixels.HEIGHT), pixels.HEIGHT),
        ExifRow("FileSource", 0xA300, undefined(b"\3"), 3),
        ExifRow("SceneType", 0xA301, undefined(b"\1"), 1),
        ExifRow("WhiteBalance", 0xA403, short(1), 1),
        ExifRow("DigitalZoomRatio", 0xA404, rational(1, 1), 1),
        ExifRow("FocalLengthIn35mmFilm", 0xA405, short(53), 53),
        ExifRow("BodySerialNumber", 0xA431, ascii_text("0042"), "0042"),
        ExifRow(
            "LensSpecification", 0xA432, rational(240, 10, 700, 10, 28, 10, 28, 10), [24, 70, 2.8, 2.8]
        ),
        ExifRow("LensMake", 0xA433, ascii_text("Nikkor Werke"), "Nikkor Werke"),
        ExifRow("LensModel", 0xA434, ascii_text("NW 24-70mm ƒ/2.8"), "NW 24-70mm ƒ/2.8"),
        ExifRow("0xeb10", 0xEB10, short(7, 8), [7, 8]),
    ]  # fmt: skip


def gps_rows(*, south_west: bool = False) -> list[ExifRow]:
    """A place north-east above the sea, or south-west below it."""
    return [
        ExifRow("GPSVersionID", 0x00, byte(2, 3, 0, 0), [2, 3, 0, 0]),
        ExifRow("GPSLatitudeRef", 0x01, ascii_text("S" if south_west else "N"), "S" if south_west else "N"),
        ExifRow("GPSLatitude", 0x02, rational(48, 1, 51, 1, 295, 10), [48, 51, 29.5]),
        ExifRow(
            "GPSLongitudeRef", 0x03, ascii_text("W" if south_west else "E"), "W" if south_west else "E"
        ),
        # Minutes with a fraction and no seconds, as many receivers write.
        ExifRow("GPSLongitude", 0x04, rational(2, 1, 176625, 10000, 0, 1), [2, 17.6625, 0]),
        ExifRow("GPSAltitudeRef", 0x05, byte(1 if south_west else 0), 1 if south_west else 0),
        ExifRow("GPSAltitude", 0x06, rational(1055, 10), 105.5),
        ExifRow("GPSTimeStamp", 0x07, rational(17, 1, 5, 1, 95, 10), [17, 5, 9.5]),
        ExifRow("GPSImgDirectionRef", 0x10, ascii_text("T"), "T"),
        ExifRow("GPSImgDirection", 0x11, rational(2705, 10), 270.5),
        ExifRow("GPSMapDatum", 0x12, ascii_text("WGS-84"), "WGS-84"),
        ExifRow("GPSProcessingMethod", 0x1B, undefined(_charset("ASCII", "GPS", "<")), "GPS"),
        ExifRow("GPSDateStamp", 0x1D, ascii_text("2021:07:03"), "2021:07:03"),
    ]


def place_summary(*, south_west: bool = False) -> Values:
    """The place of :func:`gps_rows` in signed decimals."""
    sign = -1 if south_west else 1
    return {
        "latitude": sign * 48.8581944444,
        "longitude": sign * 2.294375,
        "altitude_m": sign * 105.5,
    }


def iptc_rows(encoding: str) -> list[IptcRow]:
    """The datasets of a complete photo, in an encoding that 1:90 announces only if it is UTF-8."""
    utf8 = encoding == "utf-8"
    caption = CAPTION if utf8 else "Möwe über den Dächern — ½ café".replace(" — ", " - ")
    keywords = KEYWORDS if utf8 else ("Möwe", "roof; tiles", "a=b", "çà")
    texts = [
        ("ObjectName", 5, TITLE),
        ("Category", 15, "ANI"),
        ("SupplementalCategory", 20, "Vögel"),
        ("SupplementalCategory", 20, "Stadt"),
        *(("Keywords", 25, keyword) for keyword in keywords),
        ("SpecialInstructions", 40, "No crop"),
        ("DateCreated", 55, "20210703"),
        ("TimeCreated", 60, "140509-0300"),
        ("Byline", 80, "José Ñandú"),
        ("Byline", 80, "Zoë Ånström"),
        ("BylineTitle", 85, "Staff"),
        ("City", 90, "São Paulo"),
        ("Sublocation", 92, "Sé"),
        ("ProvinceState", 95, "SP"),
        ("CountryPrimaryLocationCode", 100, "BRA"),
        ("CountryPrimaryLocationName", 101, "Brésil"),
        ("Headline", 105, HEADLINE),
        ("Credit", 110, "Agência Ü"),
        ("Source", 115, "Own work"),
        ("CopyrightNotice", 116, "© 2021 José Ñandú"),
        ("CaptionAbstract", 120, caption),
    ]
    rows = [IptcRow("RecordVersion", 0, b"\0\4", 4), IptcRow("Urgency", 10, b"5", 5)]
    rows += [IptcRow(name, number, text.encode(encoding), text) for name, number, text in texts]
    return rows


def iim(rows: list[IptcRow], *, utf8: bool) -> bytes:
    """The block of these rows, with 1:90 in front where the text is UTF-8."""
    announcement = [(1, 90, iptc.UTF8)] if utf8 else []
    return iptc.iim([*announcement, *((row.record, row.number, row.raw) for row in rows)])


def xmp_properties() -> tuple[list[str], Values]:
    """The properties of a complete photo and what they read."""
    texts = {
        "xmp:CreatorTool": "Darkroom 1.2",
        "xmp:Rating": "4",
        "photoshop:Headline": HEADLINE,
        "photoshop:City": "São Paulo",
        "photoshop:State": "SP",
        "photoshop:Country": "Brésil",
        "photoshop:Credit": "Agência Ü",
        "photoshop:DateCreated": "2021-07-03T14:05:09-03:00",
        "aux:SerialNumber": "0042",
    }
    properties = [xmp.simple(name, value) for name, value in texts.items()]
    properties += [
        xmp.language_alternative("dc:title", x_default=TITLE),
        xmp.language_alternative("dc:description", x_default=CAPTION),
        xmp.language_alternative("dc:rights", x_default="© 2021 José Ñandú"),
        xmp.sequence("dc:creator", ["José Ñandú", "Zoë Ånström"]),
        xmp.bag("dc:subject", KEYWORDS),
    ]
    values = {
        **texts,
        "dc:title": {"x-default": TITLE},
        "dc:description": {"x-default": CAPTION},
        "dc:rights": {"x-default": "© 2021 José Ñandú"},
        "dc:creator": ["José Ñandú", "Zoë Ånström"],
        "dc:subject": list(KEYWORDS),
    }
    return properties, values


ICC_DESCRIPTION = "Factory RGB"


def icc_values(
    version: str = "4.2.0", color_space: str = "RGB", description: str = ICC_DESCRIPTION
) -> Values:
    """What a profile of the factory reads."""
    return {
        "description": description,
        "copyright": "No rights reserved",
        "color_space": color_space,
        "connection_space": "XYZ",
        "device_class": "display",
        "version": version,
    }


def exposure_summary() -> Values:
    """What :func:`image_rows` and :func:`exif_rows` mean to an application."""
    return {
        "captured_at": "2021-07-03T14:05:09-03:00",
        "camera_make": "Nikkor Werke",
        "camera_model": "NW-1 Mark II",
        "lens_model": "NW 24-70mm ƒ/2.8",
        "exposure_time_s": 0.004,
        "f_number": 5.6,
        "iso": 400,
        "focal_length_mm": 35.5,
        "focal_length_35mm_mm": 53,
        "flash_fired": True,
        "copyright": "© 2021 José Ñandú",
        "software": "Darkroom 1.2",
    }


def editorial_summary() -> Values:
    """What IPTC and XMP of a complete photo both say."""
    return {
        "title": TITLE,
        "headline": HEADLINE,
        "description": CAPTION,
        "keywords": list(KEYWORDS),
        "creators": ["José Ñandú", "Zoë Ånström"],
        "credit": "Agência Ü",
        "copyright": "© 2021 José Ñandú",
        "city": "São Paulo",
        "state": "SP",
        "country": "Brésil",
    }


def thumbnail() -> Ifd:
    """IFD1, whose values must never be taken for the photo's own."""
    return Ifd(
        {
            0x0103: short(6),
            0x0110: ascii_text("Thumbnail camera"),
            0x0112: short(8),
            0x011A: rational(72, 1),
            0x011B: rational(72, 1),
            0x0128: short(2),
            0x0201: DataBlocks((jpeg.encoded("L"),)),
            0x0202: long(len(jpeg.encoded("L"))),
        }
    )


def complete(
    image_format: str,
    *,
    order: ByteOrder = ">",
    orientation: int = 6,
    south_west: bool = False,
    with_iptc: bool = True,
    with_exif: bool = True,
    icc_version: int = 4,
    **image: Any,
) -> tuple[Blocks, Expected]:
    """All blocks that a format can carry, and what they read."""
    rows, sub_rows, places = image_rows(orientation), exif_rows(order), gps_rows(south_west=south_west)
    datasets = iptc_rows("utf-8")
    properties, xmp_expected = xmp_properties()
    blocks = Blocks(
        exif=exif_ifd(rows, sub_rows, places, thumbnail=thumbnail()) if with_exif else None,
        order=order,
        iptc=iim(datasets, utf8=True) if with_iptc else None,
        xmp=xmp.packet(properties),
        icc=icc.profile(ICC_DESCRIPTION, version=icc_version),
    )
    summary = editorial_summary() | {"rating": 4, "software": "Darkroom 1.2"}
    if with_exif:
        summary |= exposure_summary() | place_summary(south_west=south_west)
    else:
        summary["captured_at"] = "2021-07-03T14:05:09-03:00"
    expected = Expected(
        image=_image(image_format, orientation=orientation if with_exif else 1, **image),
        exif=exif_values([*rows, *sub_rows]) if with_exif else {},
        gps=exif_values(places) if with_exif else {},
        iptc={"CodedCharacterSet": "UTF-8"} | iptc_values(datasets) if with_iptc else {},
        xmp=xmp_expected,
        icc=icc_values("4.2.0" if icc_version == 4 else "2.1.0"),
        summary=summary,
    )
    return blocks, expected


def _plain(name: str, image_format: str, make: Callable[[], bytes], **image: Any) -> Photo:
    return Photo(name, image_format, make, Expected(_image(image_format, **image)))


def _latin1() -> Photo:
    rows, sub_rows = image_rows(3), exif_rows("<")
    places, datasets = gps_rows(south_west=True), iptc_rows("latin-1")
    blocks = Blocks(exif_ifd(rows, sub_rows, places), "<", iim(datasets, utf8=False))
    values = iptc_values(datasets)
    summary = exposure_summary() | place_summary(south_west=True) | editorial_summary()
    summary |= {"description": values["CaptionAbstract"], "keywords": values["Keywords"]}
    # EXIF and IPTC hold different captions here, so either is right.
    del summary["description"]
    expected = Expected(
        image=_image("jpeg", orientation=3), exif=exif_values([*rows, *sub_rows]), gps=exif_values(places),
        iptc=values, summary=summary,
    )  # fmt: skip
    return Photo("jpeg-latin1-south-west.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


HOSTILE = 'Line 1\nexif:GPSLatitude=1/1\r\n"; $(id) `id` %[EXIF:*] =;,|\t🦤 \\n \'"'
"""A text with everything that a reader of printed output could stumble over."""


def _hostile_values() -> Photo:
    rows = [
        ExifRow("ImageDescription", 0x010E, ascii_text(HOSTILE), HOSTILE),
        ExifRow("Model", 0x0110, ascii_text("M=1;\nexif:Make=Forged"), "M=1;\nexif:Make=Forged"),
        ExifRow("Artist", 0x013B, ascii_text("A; B"), "A; B"),
    ]
    datasets = [
        IptcRow("Keywords", 25, b"one;two", "one;two"),
        IptcRow("Keywords", 25, b"three", "three"),
        IptcRow("Keywords", 25, b"line\nbreak", "line\nbreak"),
        IptcRow("Headline", 105, b"2:120=forged;", "2:120=forged;"),
        IptcRow("CaptionAbstract", 120, HOSTILE.encode(), HOSTILE),
    ]
    properties = [
        xmp.language_alternative("dc:description", x_default=HOSTILE.replace("\r\n", "\n")),
        xmp.simple("photoshop:Headline", "<b>&amp;</b> ]]> & <!--"),
    ]
    blocks = Blocks(exif_ifd(rows), ">", iim(datasets, utf8=True), xmp.packet(properties))
    expected = Expected(
        image=_image("jpeg"),
        exif=exif_values(rows),
        iptc={"CodedCharacterSet": "UTF-8"} | iptc_values(datasets),
        xmp={
            "dc:description": {"x-default": HOSTILE.replace("\r\n", "\n")},
            "photoshop:Headline": "<b>&amp;</b> ]]> & <!--",
        },
        summary={
            "camera_model": "M=1;\nexif:Make=Forged",
            "keywords": ["one;two", "three", "line\nbreak"],
        },
        summary_absent=("latitude", "longitude", "camera_make"),
    )
    return Photo("jpeg-hostile-values.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _junk_values() -> Photo:
    rows = [
        ExifRow("ImageDescription", 0x010E, ascii_text("OLYMPUS DIGITAL CAMERA"), "OLYMPUS DIGITAL CAMERA"),
        ExifRow("Model", 0x0110, ascii_text("NW-1"), "NW-1"),
        ExifRow("Orientation", 0x0112, short(0), 0),
    ]
    rows += [
        ExifRow("Make", 0x010F, ascii_text("        "), ""),
        ExifRow("Copyright", 0x8298, ascii_text("  "), ""),
        ExifRow("Artist", 0x013B, ascii_text(""), ""),
    ]
    sub_rows = [
        ExifRow("PhotographicSensitivity", 0x8827, short(0), 0),
        ExifRow("DateTimeOriginal", 0x9003, ascii_text("0000:00:00 00:00:00"), "0000:00:00 00:00:00"),
        ExifRow("FocalLength", 0x920A, rational(0, 10), 0),
        ExifRow("LensModel", 0xA434, ascii_text("----"), "----"),
    ]
    valueless = {0x829A: rational(1, 0), 0x829D: rational(0, 0)}
    places = [
        ExifRow("GPSLatitudeRef", 0x01, ascii_text("N"), "N"),
        ExifRow("GPSLatitude", 0x02, rational(0, 0, 0, 0, 0, 0), [None, None, None]),
        ExifRow("GPSLongitudeRef", 0x03, ascii_text("E"), "E"),
        ExifRow("GPSLongitude", 0x04, rational(0, 0, 0, 0, 0, 0), [None, None, None]),
    ]
    sub = {row.tag: row.field for row in sub_rows} | valueless
    entries: dict[int, Any] = dict(exif_ifd(rows, gps=places).entries) | {EXIF_IFD: Ifd(sub)}
    expected = Expected(
        image=_image("jpeg"),
        exif=exif_values([*rows, *sub_rows]),
        gps=exif_values(places),
        summary={"camera_model": "NW-1"},
        summary_absent=(
            "captured_at", "camera_make", "exposure_time_s", "f_number", "latitude", "longitude",
            "copyright", "creators", "iso", "focal_length_mm", "description",
        ),
    )  # fmt: skip
    return Photo("jpeg-junk-values.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(Ifd(entries))), expected)


def _local_time() -> Photo:
    """A time without an offset, with a fraction, and an altitude without its reference."""
    rows = [
        ExifRow("DateTimeOriginal", 0x9003, ascii_text("2019:12:31 23:59:58"), "2019:12:31 23:59:58"),
        ExifRow("SubSecTimeOriginal", 0x9291, ascii_text("25"), "25"),
        ExifRow("Flash", 0x9209, short(0x10), 0x10),
    ]
    gps = [ExifRow("GPSAltitude", 0x06, rational(8, 1), 8)]
    expected = Expected(
        image=_image("jpeg"),
        exif=exif_values(rows),
        gps=exif_values(gps),
        summary={"captured_at": "2019-12-31T23:59:58.25", "flash_fired": False, "altitude_m": 8},
        summary_absent=("latitude", "longitude"),
    )
    blocks = Blocks(exif_ifd(exif=rows, gps=gps))
    return Photo("jpeg-local-time.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _exif3_text() -> Photo:
    rows = [ExifRow("Artist", 0x013B, utf8_text("Żółć 鸥"), "Żółć 鸥")]
    sub = [
        ExifRow("PhotographicSensitivity", 0x8827, short(65535), 65535),
        ExifRow("RecommendedExposureIndex", 0x8832, long(102400), 102400),
        ExifRow("SensitivityType", 0x8830, short(2), 2),
        ExifRow("CameraFirmware", 0xA439, utf8_text("v1·2"), "v1·2"),
        ExifRow("ImageTitle", 0xA436, utf8_text(TITLE), TITLE),
    ]
    expected = Expected(
        image=_image("jpeg"), exif=exif_values([*rows, *sub]), summary={"creators": ["Żółć 鸥"]}
    )
    blocks = Blocks(exif_ifd(rows, sub))
    return Photo("jpeg-exif3-text.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _field_types() -> Photo:
    """Every type of value, under numbers that no standard names."""
    unknown = {
        "0xeb11": (Field(FieldType.SBYTE, (-1, 2)), [-1, 2]),
        "0xeb12": (Field(FieldType.SSHORT, (-300,)), -300),
        "0xeb13": (Field(FieldType.SLONG, (-70000,)), -70000),
        "0xeb14": (Field(FieldType.FLOAT, (0.5,)), 0.5),
        "0xeb15": (Field(FieldType.DOUBLE, (-1.25,)), -1.25),
        "0xeb16": (byte(200), 200),
        "0xeb17": (ascii_text("text"), "text"),
    }
    sub = [ExifRow(name, int(name, 16), field, value) for name, (field, value) in unknown.items()]
    blocks = Blocks(exif_ifd(exif=sub), "<")
    expected = Expected(image=_image("jpeg"), exif=exif_values(sub))
    return Photo("jpeg-field-types.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _xmp_only() -> Photo:
    properties, values = xmp_properties()
    expected = Expected(
        image=_image("jpeg"),
        xmp=values,
        summary=editorial_summary()
        | {"rating": 4, "software": "Darkroom 1.2", "captured_at": "2021-07-03T14:05:09-03:00"},
    )
    return Photo(
        "jpeg-xmp-only.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(xmp=xmp.packet(properties))), expected
    )


def _xmp_attributes() -> Photo:
    """Simple properties as attributes, the short form of RDF that most writers use."""
    packet = xmp.packet([], f'xmp:Rating="2" photoshop:City="Zürich" photoshop:Headline="{HEADLINE}"')
    expected = Expected(
        image=_image("jpeg"),
        xmp={"xmp:Rating": "2", "photoshop:City": "Zürich", "photoshop:Headline": HEADLINE},
        summary={"rating": 2, "city": "Zürich", "headline": HEADLINE},
    )
    return Photo("jpeg-xmp-attributes.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(xmp=packet)), expected)


def _extended_xmp() -> Photo:
    extension = xmp.rdf(
        [xmp.simple("photoshop:Instructions", "x" * 2500), xmp.simple("photoshop:City", "Zürich")]
    )
    digest, _ = xmp.extended_segments(extension)
    packet = xmp.packet([xmp.simple("xmpNote:HasExtendedXMP", digest), xmp.simple("xmp:Rating", "5")])
    blocks = Blocks(xmp=packet, xmp_extension=extension)
    expected = Expected(
        image=_image("jpeg"),
        xmp={
            "xmpNote:HasExtendedXMP": digest,
            "xmp:Rating": "5",
            "photoshop:City": "Zürich",
            "photoshop:Instructions": "x" * 2500,
        },
        summary={"rating": 5, "city": "Zürich"},
    )
    return Photo("jpeg-extended-xmp.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _iptc_only() -> Photo:
    datasets = iptc_rows("utf-8")
    expected = Expected(
        image=_image("jpeg"),
        iptc={"CodedCharacterSet": "UTF-8"} | iptc_values(datasets),
        summary=editorial_summary() | {"captured_at": "2021-07-03T14:05:09-03:00"},
    )
    return Photo(
        "jpeg-iptc-only.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(iptc=iim(datasets, utf8=True))), expected
    )


def _unannounced_utf8() -> Photo:
    """UTF-8 without 1:90, which many programs write; and a value with an extended length."""
    long_caption = "Möwe " * 8000
    datasets = [
        IptcRow("City", 90, "Zürich".encode(), "Zürich"),
        IptcRow("CaptionAbstract", 120, long_caption.encode(), long_caption),
    ]
    expected = Expected(image=_image("jpeg"), iptc=iptc_values(datasets), summary={"city": "Zürich"})
    blocks = Blocks(iptc=iim(datasets, utf8=False))
    return Photo("jpeg-unannounced-utf8.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected)


def _segmented_icc() -> Photo:
    profile = icc.profile(ICC_DESCRIPTION, version=2, padding=4096)
    expected = Expected(image=_image("jpeg"), icc=icc_values("2.1.0"))
    return Photo(
        "jpeg-segmented-icc.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(icc=profile), icc_chunk=1500), expected
    )


def _jpegs() -> list[Photo]:
    blocks, expected = complete("jpeg")
    return [
        Photo("jpeg-complete.jpg", "jpeg", lambda: jpeg.jpeg(blocks), expected),
        Photo("jpeg-progressive.jpg", "jpeg", lambda: jpeg.jpeg(blocks, progressive=True), expected),
        _latin1(),
        _hostile_values(),
        _junk_values(),
        _local_time(),
        _exif3_text(),
        _field_types(),
        _iptc_only(),
        _unannounced_utf8(),
        _xmp_only(),
        _xmp_attributes(),
        _extended_xmp(),
        _segmented_icc(),
        _plain("jpeg-plain.jpg", "jpeg", lambda: jpeg.jpeg(Blocks())),
        _plain("jpeg-grey.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(), "L"), color_space="Gray"),
        _plain("jpeg-cmyk.jpg", "jpeg", lambda: jpeg.jpeg(Blocks(), "CMYK"), color_space="CMYK"),
    ]


def _pngs() -> list[Photo]:
    with_iptc, everything = complete("png", orientation=5)
    blocks, expected = complete("png", orientation=8, order="<", with_iptc=False)
    forged = [
        png.text("exif:Model", "Forged\nexif:GPSLatitude=1/1,2/1,3/1"),
        png.text("exif:GPSLatitude", "1/1, 2/1, 3/1"),
        png.text("exif:GPSLatitudeRef", "N"),
        png.text("icc:description", "Forged"),
    ]
    return [
        Photo("png-complete.png", "png", lambda: png.png(blocks), expected),
        Photo("png-raw-profiles.png", "png", lambda: png.png(with_iptc, raw_profiles=True), everything),
        Photo(
            "png-after-pixels.png", "png", lambda: png.png(blocks, after_pixels=True, compress_xmp=True),
            expected,
        ),
        Photo(
            "png-forged-text.png", "png", lambda: png.png(Blocks(), extra=forged),
            Expected(_image("png"), summary_absent=("camera_model", "latitude")),
        ),
        _plain("png-plain.png", "png", lambda: png.png(Blocks())),
        _plain("png-animated.png", "png", lambda: png.animated_png(3), frames=3),
        _plain(
            "png-16-bit-grey.png", "png", lambda: png.png(Blocks(), bit_depth=16, color_type=png.GREY),
            bit_depth=16, color_space="Gray",
        ),
        _plain("png-palette.png", "png", lambda: png.png(Blocks(), color_type=png.PALETTE)),
    ]  # fmt: skip


def _gifs() -> list[Photo]:
    blocks, expected = complete("gif", with_exif=False, with_iptc=False)
    _, animated = complete("gif", with_exif=False, with_iptc=False, frames=3)
    return [
        Photo("gif-complete.gif", "gif", lambda: gif.gif(blocks), expected),
        Photo("gif-animated.gif", "gif", lambda: gif.gif(blocks, frames=3), animated),
        _plain("gif-87a.gif", "gif", lambda: gif.gif(Blocks(), version=b"GIF87a")),
    ]


def _webps() -> list[Photo]:
    blocks, expected = complete("webp", order="<", with_iptc=False, orientation=2)
    _, animated = complete("webp", order="<", with_iptc=False, orientation=2, frames=4)
    return [
        Photo("webp-complete.webp", "webp", lambda: webp.webp(blocks), expected),
        Photo("webp-lossless.webp", "webp", lambda: webp.webp(blocks, lossless=True), expected),
        Photo("webp-exif-signature.webp", "webp", lambda: webp.webp(blocks, exif_signature=True), expected),
        Photo("webp-animated.webp", "webp", lambda: webp.webp(blocks, frames=4), animated),
        _plain("webp-plain.webp", "webp", lambda: webp.webp(Blocks())),
    ]


def _tiffs() -> list[Photo]:
    little, little_expected = complete("tiff", order="<", orientation=3)
    big, big_expected = complete("tiff", order=">", orientation=4, icc_version=2)
    _, pages = complete("tiff", order=">", orientation=4, icc_version=2, frames=3)
    return [
        Photo("tiff-little-endian.tif", "tiff", lambda: tiff.tiff(little), little_expected),
        Photo("tiff-big-endian.tif", "tiff", lambda: tiff.tiff(big), big_expected),
        Photo("tiff-iptc-longs.tif", "tiff", lambda: tiff.tiff(little, iptc_in="longs"), little_expected),
        Photo("tiff-iptc-photoshop.tif", "tiff", lambda: tiff.tiff(big, iptc_in="photoshop"), big_expected),
        Photo("tiff-pages.tif", "tiff", lambda: tiff.tiff(big, pages=3), pages),
        Photo("bigtiff-little-endian.tif", "tiff", lambda: tiff.tiff(little, big=True), little_expected),
        Photo("bigtiff-big-endian.tif", "tiff", lambda: tiff.tiff(big, big=True), big_expected),
        _plain("tiff-plain.tif", "tiff", lambda: tiff.tiff(Blocks())),
    ]


def _heifs() -> list[Photo]:
    photos = [_phone_heic()]
    codecs: list[tuple[str, heif.Codec]] = [("heic", "hevc"), ("avif", "av1")]
    for name, codec in codecs:
        photos += _heif_family(name, codec)
    return photos


def _phone_heic() -> Photo:
    """A grid of two tiles, turned by its own property as well as, redundantly, by EXIF."""
    blocks, expected = complete("heic", with_iptc=False, orientation=6, width=1000, height=500)
    # Anticlockwise quarter turns: three of them are EXIF's orientation 6.
    return Photo(
        "heic-phone.heic",
        "heic",
        lambda: heif.phone_heic(blocks, 2, 1, width=1000, height=500, quarter_turns=3),
        expected,
    )


def _heif_family(name: str, codec: heif.Codec) -> list[Photo]:
    blocks, expected = complete(name, with_iptc=False, orientation=1)
    return [
        Photo(f"{name}-complete.{name}", name, lambda: heif.heif(blocks, codec), expected),
        Photo(f"{name}-mif1.{name}", name, lambda: heif.heif(blocks, codec, major=b"mif1"), expected),
        Photo(
            f"{name}-idat.{name}", name, lambda: heif.heif(blocks, codec, metadata_in_idat=True), expected
        ),
        _plain(f"{name}-plain.{name}", name, lambda: heif.heif(Blocks(), codec)),
    ]


@cache
def photos() -> tuple[Photo, ...]:
    """All photos, in a stable order."""
    return (*_jpegs(), *_pngs(), *_gifs(), *_webps(), *_tiffs(), *_heifs())


def photo(name: str) -> Photo:
    """The photo with this file name."""
    return next(photo for photo in photos() if photo.name == name)
