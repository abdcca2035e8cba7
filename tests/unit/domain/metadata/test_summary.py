"""The summary takes each field from the first source with a valid value."""

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from domain.metadata.model import ExtractedMetadata, ExtractionTool, Tags
from domain.metadata.sources import TIME_PATTERN, ValueDomain, ValueType
from domain.metadata.summary import SUMMARY_FIELDS, summarise
from domain.shared.image_format import ImageFormat


def summary(**parts: Any) -> Tags:
    return summarise(
        ExtractedMetadata(
            image_format=ImageFormat.JPEG,
            width=1,
            height=1,
            bit_depth=8,
            color_space="sRGB",
            extracted_with=ExtractionTool(tool="ImageMagick", version="7"),
            **parts,
        )
    )


def test_nothing_gives_nothing() -> None:
    assert summary() == {}


def test_the_fields_are_those_of_the_contract() -> None:
    assert [field.name for field in SUMMARY_FIELDS] == [
        "captured_at", "camera_make", "camera_model", "lens_model", "exposure_time_s", "f_number", "iso",
        "focal_length_mm", "focal_length_35mm_mm", "flash_fired", "latitude", "longitude", "altitude_m",
        "title", "headline", "description", "keywords", "creators", "credit", "copyright", "city", "state",
        "country", "software", "rating",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("exif", "captured_at"),
    [
        ({"DateTimeOriginal": "2021:07:04 09:08:07"}, "2021-07-04T09:08:07"),
        (
            {"DateTimeOriginal": "2021:07:04 09:08:07", "OffsetTimeOriginal": "+02:00"},
            "2021-07-04T09:08:07+02:00",
        ),
        ({"DateTimeOriginal": "2021:07:04 09:08:07", "OffsetTimeOriginal": "Z"}, "2021-07-04T09:08:07Z"),
        (
            {
                "DateTimeOriginal": "2021:07:04 09:08:07",
                "SubSecTimeOriginal": "250",
                "OffsetTimeOriginal": "-03:30",
            },
            "2021-07-04T09:08:07.250-03:30",
        ),
        (
            {"DateTimeOriginal": "2021:07:04 09:08:07", "SubSecTimeOriginal": "1234567891"},
            "2021-07-04T09:08:07.123456789",
        ),
        ({"DateTimeOriginal": "2021:07:04 09:08:07", "SubSecTimeOriginal": "00"}, "2021-07-04T09:08:07"),
        ({"DateTimeOriginal": "2021:07:04 09:08:07", "SubSecTimeOriginal": "x"}, "2021-07-04T09:08:07"),
        (
            {"DateTimeOriginal": "2021:07:04 09:08:07", "OffsetTimeOriginal": "+25:00"},
            "2021-07-04T09:08:07",
        ),
        (
            {"DateTimeOriginal": "2021:07:04 09:08:07", "OffsetTimeOriginal": "   :  "},
            "2021-07-04T09:08:07",
        ),
        ({"DateTimeOriginal": "2021-07-04T09:08:07"}, "2021-07-04T09:08:07"),
        ({"DateTimeOriginal": "2021:7:4 9:08"}, "2021-07-04T09:08:00"),
        ({"DateTimeOriginal": "1978:00:00 00:00:00"}, "1978"),
        ({"DateTimeOriginal": "1978:05:00 00:00:00"}, "1978-05"),
        ({"DateTimeOriginal": "1978:05:     :  :  "}, "1978-05"),
        ({"DateTimeOriginal": "1978:05:04   :  :  "}, "1978-05-04"),
        ({"DateTimeOriginal": "1978:12:00"}, "1978-12"),
        ({"DateTimeOriginal": "1978:13:00"}, None),
        ({"DateTimeOriginal": "1826"}, "1826"),
        ({"DateTimeOriginal": "1825"}, None),
        ({"DateTimeOriginal": "0000:00:00 00:00:00"}, None),
        ({"DateTimeOriginal": "    :  :     :  :  "}, None),
        ({"DateTimeOriginal": "2021:02:30 09:08:07"}, None),
        ({"DateTimeOriginal": "2021:07:04 24:08:07"}, None),
        ({"DateTimeOriginal": "0001:01:01 00:00:00"}, None),
        ({"DateTimeOriginal": "2021X"}, None),
        ({"DateTimeOriginal": 5}, None),
        (
            {"DateTimeOriginal": "0000:00:00 00:00:00", "DateTimeDigitized": "2021:07:04 09:08:07"},
            "2021-07-04T09:08:07",
        ),
        # The time of the file's last change does not say when the picture was taken.
        ({"DateTime": "2021:07:04 09:08:07"}, None),
    ],
)
def test_the_time_of_the_picture_has_only_what_the_file_says(exif: Tags, captured_at: str | None) -> None:
    assert summary(exif=exif).get("captured_at") == captured_at


@pytest.mark.parametrize(
    ("iptc", "captured_at"),
    [
        ({"DateCreated": "20210704"}, "2021-07-04"),
        ({"DateCreated": "20210704", "TimeCreated": "090807"}, "2021-07-04T09:08:07"),
        ({"DateCreated": "20210704", "TimeCreated": "090807+0200"}, "2021-07-04T09:08:07+02:00"),
        ({"DateCreated": "2021:07:04", "TimeCreated": "09:08:07-03:30"}, "2021-07-04T09:08:07-03:30"),
        ({"DateCreated": "20210704", "TimeCreated": "noon"}, "2021-07-04"),
        ({"DateCreated": "20210000"}, "2021"),
        ({"DateCreated": "20210500", "TimeCreated": "090807"}, "2021-05"),
        ({"DateCreated": "1978"}, "1978"),
        ({"DateCreated": "00000000"}, None),
        ({"DateCreated": "yesterday"}, None),
        ({"DigitalCreationDate": "20210704", "DigitalCreationTime": "090807"}, "2021-07-04T09:08:07"),
    ],
)
def test_the_time_of_the_picture_may_come_from_iptc(iptc: Tags, captured_at: str | None) -> None:
    assert summary(iptc=iptc).get("captured_at") == captured_at


@pytest.mark.parametrize(
    ("xmp", "captured_at"),
    [
        ({"exif:DateTimeOriginal": "2021-07-04T09:08:07.25+02:00"}, "2021-07-04T09:08:07.25+02:00"),
        ({"photoshop:DateCreated": "2021-07-04"}, "2021-07-04"),
        ({"photoshop:DateCreated": "1978"}, "1978"),
        ({"photoshop:DateCreated": "1978-05"}, "1978-05"),
        ({"photoshop:DateCreated": "1978-13"}, None),
        ({"photoshop:DateCreated": "0078"}, None),
        ({"xmp:CreateDate": "2021-07-04T09:08Z"}, "2021-07-04T09:08:00Z"),
    ],
)
def test_the_time_of_the_picture_may_come_from_xmp(xmp: Tags, captured_at: str | None) -> None:
    assert summary(xmp=xmp).get("captured_at") == captured_at


def test_a_name_is_any_text_but_punctuation() -> None:
    names = summary(
        exif={"Make": "  Canon \0", "Model": "----", "LensModel": ""}, xmp={"aux:Lens": "50mm f/1.8"}
    )

    assert names == {"camera_make": "Canon", "lens_model": "50mm f/1.8"}


@pytest.mark.parametrize(
    ("blocks", "field", "value"),
    [
        ({"exif": {"ExposureTime": 0.004}}, "exposure_time_s", 0.004),
        ({"exif": {"ExposureTime": 0, "ShutterSpeedValue": 6}}, "exposure_time_s", 0.015625),
        ({"exif": {"ShutterSpeedValue": -2}}, "exposure_time_s", 4),
        ({"exif": {"ShutterSpeedValue": 4_294_967_295}}, "exposure_time_s", None),
        ({"exif": {"ShutterSpeedValue": 64}}, "exposure_time_s", 5.42101e-20),
        ({"exif": {"ShutterSpeedValue": 64.5}}, "exposure_time_s", None),
        ({"exif": {"ExposureTime": -1}}, "exposure_time_s", None),
        ({"exif": {"ExposureTime": "1/250"}}, "exposure_time_s", 0.004),
        ({"exif": {"ExposureTime": "1/0"}}, "exposure_time_s", None),
        ({"exif": {"ExposureTime": True}}, "exposure_time_s", None),
        ({"exif": {"ExposureTime": float("inf")}}, "exposure_time_s", None),
        ({"xmp": {"exif:ExposureTime": "1/3"}}, "exposure_time_s", 0.3333333333),
        ({"exif": {"FNumber": 2.8}}, "f_number", 2.8),
        ({"exif": {"FNumber": 1000}}, "f_number", 1000),
        ({"exif": {"FNumber": 1000.5}}, "f_number", None),
        ({"exif": {"FNumber": 0, "ApertureValue": 3}}, "f_number", 2.83),
        ({"exif": {"ApertureValue": 6}}, "f_number", 8),
        ({"exif": {"PhotographicSensitivity": 200}}, "iso", 200),
        ({"exif": {"PhotographicSensitivity": [400, 0]}}, "iso", 400),
        ({"exif": {"PhotographicSensitivity": []}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": 65535, "RecommendedExposureIndex": 102400}}, "iso", 102400),
        ({"exif": {"PhotographicSensitivity": 0}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": 100_000_000}}, "iso", 100_000_000),
        ({"exif": {"PhotographicSensitivity": 100_000_001}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": 102_400}}, "iso", 102_400),
        ({"exif": {"PhotographicSensitivity": 65535}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": 100.5}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": float("inf")}}, "iso", None),
        ({"exif": {"PhotographicSensitivity": float("nan")}}, "iso", None),
        ({"xmp": {"exif:ISOSpeedRatings": ["100"]}}, "iso", 100),
        ({"exif": {"FocalLength": 4.15}}, "focal_length_mm", 4.15),
        ({"exif": {"FocalLength": 0}}, "focal_length_mm", None),
        ({"exif": {"FocalLengthIn35mmFilm": 28}}, "focal_length_35mm_mm", 28),
        ({"exif": {"FocalLengthIn35mmFilm": 0}}, "focal_length_35mm_mm", None),
        ({"exif": {"Flash": 25}}, "flash_fired", True),
        ({"exif": {"Flash": 16}}, "flash_fired", False),
        ({"exif": {"Flash": "no"}}, "flash_fired", None),
        ({"xmp": {"exif:Flash": {"exif:Fired": "True"}}}, "flash_fired", True),
        ({"xmp": {"exif:Flash": {"exif:Fired": "False"}}}, "flash_fired", False),
        ({"xmp": {"exif:Flash": {"exif:Mode": "1"}}}, "flash_fired", None),
        ({"xmp": {"xmp:Rating": "4"}}, "rating", 4),
        ({"xmp": {"xmp:Rating": "-1"}}, "rating", -1),
        ({"xmp": {"xmp:Rating": "99"}, "exif": {"Rating": 3}}, "rating", 3),
        ({"exif": {"Rating": -1}}, "rating", None),
    ],
)
def test_a_number_is_sound_and_in_range(blocks: dict[str, Tags], field: str, value: Any) -> None:
    found = summary(**blocks).get(field)

    assert found == value
    assert type(found) is type(value) or value is None or isinstance(value, float)


def position(latitude: Any, north: Any, longitude: Any, east: Any) -> Tags:
    return summary(
        gps={
            "GPSLatitude": latitude,
            "GPSLatitudeRef": north,
            "GPSLongitude": longitude,
            "GPSLongitudeRef": east,
        }
    )


@pytest.mark.parametrize(
    ("north", "east", "latitude", "longitude"),
    [("N", "E", 48.5, 2.25), ("S", "W", -48.5, -2.25), ("north", "west", 48.5, -2.25)],
)
def test_a_position_is_in_signed_decimal_degrees(
    north: str, east: str, latitude: float, longitude: float
) -> None:
    assert position([48, 30, 0], north, [2, 15, 0], east) == {"latitude": latitude, "longitude": longitude}


@pytest.mark.parametrize(
    ("latitude", "north", "expected"),
    [(48.858194, "N", 48.858194), (-33.85, "S", -33.85), (-33.85, None, -33.85)],
)
def test_degrees_may_be_a_single_decimal(latitude: float, north: str | None, expected: float) -> None:
    assert position(latitude, north, 2.5, "E") == {"latitude": expected, "longitude": 2.5}
    assert position([latitude], north, [2.5], "E") == {"latitude": expected, "longitude": 2.5}


def test_minutes_may_be_decimal_and_seconds_missing() -> None:
    assert position([48, 30.5, None], "N", [2.5], "E") == {"latitude": 48.5083333333, "longitude": 2.5}


@pytest.mark.parametrize(
    ("latitude", "north", "longitude", "east"),
    [
        ([48, 30, 0], "N", [181, 0, 0], "E"),
        ([91, 0, 0], "N", [2, 15, 0], "E"),
        ([-48, 0, 0], "N", [2, 15, 0], "E"),
        ([48, 30, 0], "E", [2, 15, 0], "E"),
        ([48, 30, 0], "N", [2, 15, 0], "S"),
        ([48, 30, 0], "", [2, 15, 0], "E"),
        ([None, None, None], "N", [None, None, None], "E"),
        (-48.5, "N", [2, 15, 0], "E"),
        (0, "", [2, 15, 0], "E"),
        (0.5, None, [2, 15, 0], "E"),
        ([48, -30, 0], "N", [2, 15, 0], "E"),
        ({"size_bytes": 48, "sha256": "5"}, "N", [2, 15, 0], "E"),
        ([48, 30, 0], "N", None, "E"),
        ([0, 0, 0], "N", [0, 0, 0], "E"),
    ],
)
def test_half_a_position_or_one_without_a_fix_is_none(
    latitude: Any, north: str | None, longitude: Any, east: str
) -> None:
    assert position(latitude, north, longitude, east) == {}


def test_the_equator_is_a_position() -> None:
    assert position([0, 0, 0], "N", [2, 0, 0], "E") == {"latitude": 0, "longitude": 2}
    assert str(position([0, 0, 0], "S", [2, 0, 0], "E")["latitude"]) == "0.0"


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("48,30.5N", "2,15,36W", {"latitude": 48.5083333333, "longitude": -2.26}),
        ("48,30,0n", "2,15e", {"latitude": 48.5, "longitude": 2.25}),
        ("48,30.50000000000000000000000000N", "2,15.E", {"latitude": 48.5083333333, "longitude": 2.25}),
        ("48.5", "2.25", {"latitude": 48.5, "longitude": 2.25}),
        ("-48.5", "+2.25", {"latitude": -48.5, "longitude": 2.25}),
        ("48.5S", "W2.25", {"latitude": -48.5, "longitude": -2.25}),
        ("48° 30' 0\" N", "2°15\u20320\u2033 w", {"latitude": 48.5, "longitude": -2.25}),
        ("4850/100 N", "9/4 W", {"latitude": 48.5, "longitude": -2.25}),
        ("-48.5N", "2.25", {}),
        ("48,30.5", "2,15", {}),
        ("99,0.0N", "2,15,36W", {}),
        ("48,30E", "2,15,36W", {}),
        ("1/0 N", "2,15,36W", {}),
        ("48,1/0N", "2,15,36W", {}),
        ("48,30,1/0N", "2,15,36W", {}),
        ("1" * 16 + "/1N", "2W", {}),
        ("somewhere", "2W", {}),
        ("48.5".ljust(199, "0") + "N", "2W", {"latitude": 48.5, "longitude": -2}),
        ("48.5".ljust(200, "0") + "N", "2W", {}),
    ],
)
def test_a_position_may_come_from_xmp(latitude: str, longitude: str, expected: Tags) -> None:
    assert summary(xmp={"exif:GPSLatitude": latitude, "exif:GPSLongitude": longitude}) == expected


degrees = st.decimals(0, 90, places=8).filter(lambda number: number > 0)


@given(degrees, degrees, st.sampled_from("NSns"), st.sampled_from("EWew"))
def test_a_position_in_xmp_may_have_its_letters_apart(
    north: Decimal, east: Decimal, latitude_ref: str, longitude_ref: str
) -> None:
    signs = {"N": 1, "S": -1, "E": 1, "W": -1}
    expected = {
        "latitude": pytest.approx(signs[latitude_ref.upper()] * float(north), abs=1e-9),
        "longitude": pytest.approx(signs[longitude_ref.upper()] * float(east), abs=1e-9),
    }
    letters: Tags = {"exif:GPSLatitudeRef": latitude_ref, "exif:GPSLongitudeRef": longitude_ref}
    minutes = {
        name: f"{int(value)},{(value % 1) * 60:f}{letter}"
        for name, value, letter in (
            ("exif:GPSLatitude", north, latitude_ref),
            ("exif:GPSLongitude", east, longitude_ref),
        )
    }

    assert (
        summary(xmp={"exif:GPSLatitude": f"{north:f}", "exif:GPSLongitude": f"{east:f}", **letters})
        == expected
    )
    assert summary(xmp=minutes) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gps", "altitude"),
    [
        ({"GPSAltitude": 105.5, "GPSAltitudeRef": 0}, 105.5),
        ({"GPSAltitude": 105.5}, 105.5),
        ({"GPSAltitude": 105.5, "GPSAltitudeRef": 1}, -105.5),
        ({"GPSAltitude": 105.5, "GPSAltitudeRef": 2}, 105.5),
        ({"GPSAltitude": 105.5, "GPSAltitudeRef": 3}, -105.5),
        ({"GPSAltitude": 0.5, "GPSAltitudeRef": 1}, -0.5),
        ({"GPSAltitude": -5, "GPSAltitudeRef": 1}, -5),
        ({"GPSAltitude": 12_000, "GPSAltitudeRef": 1}, -12_000),
        ({"GPSAltitude": 12_001, "GPSAltitudeRef": 1}, None),
        ({"GPSAltitude": 1_000_000}, 1_000_000),
        ({"GPSAltitude": 1_000_001}, None),
        ({"GPSAltitude": 4294967295}, None),
        ({"GPSAltitudeRef": 1}, None),
        ({"GPSAltitude": 400, "GPSAltitudeRef": {"size_bytes": 1, "sha256": "1"}}, 400),
        ({"GPSAltitude": {"size_bytes": 8, "sha256": "1"}}, None),
    ],
)
def test_an_altitude_is_signed(gps: Tags, altitude: float | None) -> None:
    assert summary(gps=gps).get("altitude_m") == altitude


def test_the_reference_level_is_not_below_itself() -> None:
    assert str(summary(gps={"GPSAltitude": 0.0, "GPSAltitudeRef": 1})["altitude_m"]) == "0.0"


@pytest.mark.parametrize(
    "junk",
    [
        "OLYMPUS DIGITAL CAMERA", "KONICA MINOLTA DIGITAL CAMERA", "Digital Still Camera", "SONY DSC",
        "DCF 1.0", "(null)", "n/a", "untitled", "Exif_JPEG_PICTURE", "Exif JPEG", "charset=Ascii",
        "User comments", "Created with GIMP", "LEAD Technologies Inc. V1.01", "IMG_1234", "DSC00123.JPG",
        "  ", "----", "0000", "\0\0",
    ],
)  # fmt: skip
def test_a_camera_s_placeholder_is_no_description(junk: str) -> None:
    assert "description" not in summary(exif={"ImageDescription": junk, "UserComment": junk})
    assert (
        summary(exif={"ImageDescription": junk}, iptc={"CaptionAbstract": "A gull"})["description"]
        == "A gull"
    )


@pytest.mark.parametrize("text", ["My digital camera", "A picture", "Image of a gull", "2021", "鸥", "Ω"])
def test_a_short_text_is_a_description(text: str) -> None:
    assert summary(exif={"ImageDescription": text}) == {"description": text}


def test_a_text_keeps_its_lines_and_loses_control_characters() -> None:
    assert (
        summary(exif={"ImageDescription": " One\r\nTwo\rThree\x07\0 "})["description"] == "One\nTwo\nThree"
    )


def test_the_default_language_is_taken() -> None:
    title = {"de": "Möwe", "x-default": "Gull"}

    assert summary(xmp={"dc:title": title})["title"] == "Gull"
    assert summary(xmp={"dc:title": {"de": "Möwe"}})["title"] == "Möwe"
    assert "title" not in summary(xmp={"dc:title": {}})


def test_a_text_that_iptc_cut_short_is_taken_from_xmp() -> None:
    long = "A very long name of a photographer who has many"

    assert summary(iptc={"Byline": [long[:32]]}, xmp={"dc:creator": [long]})["creators"] == [long]
    assert summary(iptc={"ObjectName": long[:32]}, xmp={"dc:title": {"x-default": long}})["title"] == long
    assert summary(iptc={"ObjectName": "Gull, not cut"}, xmp={"dc:title": "Gull"})["title"] == "Gull"
    changed = summary(iptc={"ObjectName": long[:32]}, xmp={"dc:title": long}, iptc_changed_last=True)
    assert changed["title"] == long
    assert summary(exif={"Artist": "A"}, xmp={"dc:creator": ["Ab"]})["creators"] == ["Ab"]
    assert summary(exif={"Copyright": "A"}, iptc={"CopyrightNotice": "Ab"})["copyright"] == "Ab"
    assert summary(xmp={"dc:title": "Gull"}, exif={"XPTitle": "Gull, whole"})["title"] == "Gull, whole"


def test_exif_counts_before_iptc_even_where_that_was_changed_last() -> None:
    found = summary(
        exif={"Artist": "A"}, xmp={"dc:creator": ["B"]}, iptc={"Byline": ["C"]}, iptc_changed_last=True
    )

    assert found["creators"] == ["A"]


RECONCILED = [
    (field.name, xmp.tags[0], iptc.tags[0])
    for field in SUMMARY_FIELDS
    for xmp, iptc in pairwise(field.sources)
    if xmp.is_xmp and iptc.is_iptc and field.name != "software"
]


def test_every_property_of_iptc_has_its_counterpart() -> None:
    assert {iptc for _, _, iptc in RECONCILED} == {
        tag
        for field in SUMMARY_FIELDS
        for source in field.sources
        if source.is_iptc
        for tag in source.tags[:1]
    } - {"iptc.OriginatingProgram"}


@pytest.mark.parametrize(("field", "xmp", "iptc"), RECONCILED)
def test_iptc_counts_before_xmp_only_where_it_was_changed_last(field: str, xmp: str, iptc: str) -> None:
    ours: Any = "20210704" if field == "captured_at" else "changed"
    theirs: Any = "2020-05-06" if field == "captured_at" else "kept"
    blocks: dict[str, Tags] = {
        "xmp": {xmp.removeprefix("xmp."): theirs},
        "iptc": {iptc.removeprefix("iptc."): ours},
    }

    def found(**parts: Any) -> Any:
        value = summary(**parts)[field]
        return value[0] if isinstance(value, list) else value

    assert found(**blocks) == theirs
    assert found(**blocks, iptc_changed_last=True) == ("2021-07-04" if field == "captured_at" else ours)
    assert found(iptc=blocks["iptc"]) == found(**blocks, iptc_changed_last=True)
    assert found(xmp=blocks["xmp"], iptc_changed_last=True) == theirs


@pytest.mark.parametrize(
    ("comment", "is_description"),
    [
        ("Kommentar: größer = besser", True),
        ("Möwe", True),
        ("鸥", True),
        ("A gull, 2021!", True),
        ("Title: A gull; by: Zoë", True),
        ("\x01\x02binary", False),
        ("\ufffd\ufffdab", False),
        ("ÿÿÿÿÿÿ", False),
        ("\ue000\ue001 text", False),
        ("12345", False),
        ("a b c d", True),
        ("ที่นี่", True),
        ("abc%&", True),
        ("ab%&#", False),
        ("@#%^&*a", False),
        ("oplus_1024", False),
        ('{"AIGC":{"Label":"1"}}', False),
        ("<KENOX S630  / Samsung S630>", False),
        ("filter: 0; jpegRotation: 90; module: photo; hw-remosaic: false", False),
        ("4d4c7c3a1f0e9b2d4d4c7c3a1f0e9b2d", False),
        ("AppleMark\n", False),
        (5, False),
        (["A gull"], True),
    ],
)
def test_a_user_comment_is_a_description_if_it_is_in_words(
    comment: JsonValue, *, is_description: bool
) -> None:
    assert ("description" in summary(exif={"UserComment": comment})) is is_description


@pytest.mark.parametrize(
    ("text", "captured_at"),
    [
        ("2024:01:16 21:15:29", "2024-01-16T21:15:29"),
        ("2024-01-16T21:15:29+01:00", "2024-01-16T21:15:29+01:00"),
        ("Tue, 16 Jan 2024 21:15:29 GMT", "2024-01-16T21:15:29Z"),
        ("Tue, 16 Jan 2024 21:15:29 +0100", "2024-01-16T21:15:29+01:00"),
        ("16 January 2024 21:15", "2024-01-16T21:15:00"),
        ("Tue 16 Jan 2024 21:15:29 CET", "2024-01-16T21:15:29"),
        ("Tue Jan 16 21:15:29 2024", "2024-01-16T21:15:29"),
        ("2024", "2024"),
        ("16 Foo 2024 21:15:29", None),
        ("32 Jan 2024 21:15:29", None),
        ("yesterday", None),
        (" " * 99 + "2024" + "1" * 99, None),
        ("2024:01:16 21:15:29.".ljust(100, "1"), "2024-01-16T21:15:29.111111111"),
        ("2024:01:16 21:15:29.".ljust(101, "1"), None),
    ],
)
def test_a_png_s_creation_time_is_the_last_source(text: str, captured_at: str | None) -> None:
    assert summary(png={"CreationTime": text}).get("captured_at") == captured_at
    assert summary(png={"CreationTime": text}, xmp={"xmp:CreateDate": "2020"})["captured_at"] == "2020"


OPAQUE: Tags = {"size_bytes": 2, "sha256": "12"}


@pytest.mark.parametrize(
    "path", sorted({tag for field in SUMMARY_FIELDS for each in field.sources for tag in each.tags})
)
def test_an_opaque_value_is_no_value(path: str) -> None:
    block, _, name = path.partition(".")

    assert summary(**{block: {name: OPAQUE}}) == {}


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ({"exif": {"Make": ""}, "xmp": {"tiff:Make": "Acme"}}, {"camera_make": "Acme"}),
        ({"xmp": {"dc:title": {"x-default": " ", "de": "Möwe"}}}, {"title": "Möwe"}),
        ({"xmp": {"dc:title": ["", "Möwe"]}}, {"title": "Möwe"}),
        ({"xmp": {"dc:subject": ["", " "]}, "iptc": {"Keywords": ["a"]}}, {"keywords": ["a"]}),
        ({"exif": {"FNumber": [None, 2.8]}}, {"f_number": 2.8}),
        ({"xmp": {"exif:ISOSpeedRatings": ["", "100"]}}, {"iso": 100}),
    ],
)
def test_an_empty_value_hides_no_other(blocks: dict[str, Tags], expected: Tags) -> None:
    assert summary(**blocks) == expected


def test_keywords_are_distinct_and_keep_their_order() -> None:
    assert summary(iptc={"Keywords": ["b", "a; c", " b ", "", 5]})["keywords"] == ["b", "a; c"]
    assert summary(exif={"XPKeywords": "b;a; ;b"})["keywords"] == ["b", "a"]
    assert "keywords" not in summary(iptc={"Keywords": []})


def test_exif_separates_several_artists() -> None:
    assert summary(exif={"Artist": "José Ñandú; Zoë Ånström"})["creators"] == ["José Ñandú", "Zoë Ånström"]
    assert summary(xmp={"dc:creator": "one; and the same"})["creators"] == ["one; and the same"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("0 :;-/.,+ZNEÀ\0\x85", max_size=20)
    | st.sampled_from(["2021:07:04 09:08:07", "1/0", "48,30N", "N", "W", "20210704", "+02:00"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["x-default", "exif:Fired"]), inner)
    ),
    max_leaves=4,
)
PATHS = sorted({tag for field in SUMMARY_FIELDS for source in field.sources for tag in source.tags})


@given(st.dictionaries(st.sampled_from(PATHS), VALUES))
def test_any_values_give_a_summary_without_null_or_emptiness(tags: dict[str, Any]) -> None:
    blocks: dict[str, Tags] = {}
    for path, value in tags.items():
        block, _, name = path.partition(".")
        blocks.setdefault(block, {})[name] = value
    extracted = ExtractedMetadata.model_construct(
        exif={}, gps={}, iptc={}, xmp={}, png={}, iptc_changed_last=False
    ).model_copy(update=blocks)

    for name, value in summarise(extracted).items():
        assert value is not None
        assert value not in ("", [])
        assert_belongs(value, VALUES_OF[name])


VALUES_OF = {field.name: field.values for field in SUMMARY_FIELDS}


def assert_belongs(value: Any, domain: ValueDomain) -> None:
    """Assert that the value has the type and bounds in the table."""
    assert TYPE_TESTS[domain.type](value)
    if domain.type in (ValueType.INTEGER, ValueType.NUMBER):
        assert domain.above < value
        assert domain.at_least <= value <= domain.at_most


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPE_TESTS: dict[ValueType, Callable[[Any], bool]] = {
    ValueType.BOOLEAN: lambda value: isinstance(value, bool),
    ValueType.INTEGER: lambda value: is_number(value) and isinstance(value, int),
    ValueType.NUMBER: is_number,
    ValueType.TEXT: lambda value: isinstance(value, str),
    ValueType.TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    ValueType.TIME: lambda value: isinstance(value, str) and bool(re.search(TIME_PATTERN, value)),
}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("captured_at", ValueDomain(ValueType.TIME)),
        ("camera_model", ValueDomain(ValueType.TEXT)),
        ("exposure_time_s", ValueDomain(ValueType.NUMBER, above=0, at_most=1e6)),
        ("f_number", ValueDomain(ValueType.NUMBER, above=0, at_most=1000)),
        ("iso", ValueDomain(ValueType.INTEGER, above=0, at_most=100_000_000)),
        ("flash_fired", ValueDomain(ValueType.BOOLEAN)),
        ("latitude", ValueDomain(ValueType.NUMBER, at_least=-90, at_most=90)),
        ("altitude_m", ValueDomain(ValueType.NUMBER, at_least=-12_000, at_most=1_000_000)),
        ("title", ValueDomain(ValueType.TEXT)),
        ("description", ValueDomain(ValueType.TEXT)),
        ("keywords", ValueDomain(ValueType.TEXTS)),
        ("rating", ValueDomain(ValueType.NUMBER, above=-1.5, at_most=5)),
    ],
)
def test_the_values_of_a_field_are_those_of_all_its_sources(name: str, values: ValueDomain) -> None:
    [found] = [field.values for field in SUMMARY_FIELDS if field.name == name]

    assert found == values


@pytest.mark.parametrize(
    ("offset", "kept"),
    [
        ("+14:00", "+14:00"),
        ("-14:00", "-14:00"),
        ("-12:00", "-12:00"),
        ("+14:01", ""),
        ("-14:01", ""),
        ("+15:00", ""),
        ("+23:59", ""),
        ("+24:00", ""),
        ("+05:59", "+05:59"),
        ("+05:60", ""),
    ],
)
def test_a_time_keeps_an_offset_that_a_place_on_earth_can_have(offset: str, kept: str) -> None:
    found = summary(exif={"DateTimeOriginal": "2021:07:04 09:08:07", "OffsetTimeOriginal": offset})
    assert found["captured_at"] == f"2021-07-04T09:08:07{kept}"
