"""EXIF values have the standard's types, and damage only affects what is damaged."""

import hashlib
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource
from adapters.embedded_metadata.exif import ExifTags, decode_exif
from adapters.embedded_metadata.exif_tags import EXIF_TAGS, GPS_TAGS
from adapters.embedded_metadata.exif_types import HOME, NUMBERS, SIGNED, STANDARD_TYPES, TEXTS, Directory
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from tests.support.image_factory.tiff_structure import (
    ByteOrder,
    Field,
    FieldType,
    Ifd,
    ascii_text,
    byte,
    long,
    rational,
    short,
    signed_rational,
    tiff_structure,
    undefined,
)

EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005


def decode(block: bytes, limits: ReaderLimits | None = None) -> tuple[ExifTags, tuple[str, ...]]:
    warnings = Warnings(20)
    return decode_exif(BlockSource(block), Budget(limits or ReaderLimits()), warnings), warnings.texts


def value_of(tag: int, field: Field, order: ByteOrder = "<") -> Any:
    tags, warnings = decode(tiff_structure(Ifd({tag: field}), order))
    assert warnings == ()
    assert len(tags.exif) <= 1
    return next(iter(tags.exif.values()), None)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        (short(7), 7),
        (short(7, 8, 9), [7, 8, 9]),
        (long(4_000_000_000), 4_000_000_000),
        (byte(1, 2), [1, 2]),
        (Field(FieldType.SBYTE, (-1,)), -1),
        (Field(FieldType.SSHORT, (-300,)), -300),
        (Field(FieldType.SLONG, (-70_000, 1)), [-70_000, 1]),
        (rational(1, 250), 0.004),
        (rational(50, 1), 50),
        (rational(1, 3), 0.3333333333),
        (signed_rational(-1, 3), -0.3333333333),
        (rational(0, 0), None),
        (rational(24, 1, 70, 1, 0, 0, 28, 10), [24, 70, None, 2.8]),
        (Field(FieldType.FLOAT, (2.8,)), 2.8),
        (Field(FieldType.FLOAT, (float("nan"), 0.1)), [None, 0.1]),
        (Field(FieldType.FLOAT, (16_777_217.0 / 3,)), 5592405.5),
        (Field(FieldType.DOUBLE, (0.1,)), 0.1),
        (Field(FieldType.DOUBLE, (float("inf"),)), None),
        (ascii_text("text  "), "text"),
        (ascii_text("first\0second"), "first"),
        (ascii_text(""), ""),
        (ascii_text("é", "utf-8"), "é"),
        (ascii_text("é", "latin-1"), "é"),
        (Field(FieldType.ASCII, raw=b"\x93quoted\x94 \x81\0"), "\x93quoted\x94 \x81"),
        (Field(FieldType.ASCII, raw=b"\x93quoted\x94\0"), "“quoted”"),
        (short(), None),
    ],
)
def test_a_value_has_the_type_that_its_field_type_means(order: ByteOrder, field: Field, value: Any) -> None:
    assert value_of(0xC000, field, order) == value


def test_unknown_tags_keep_their_number() -> None:
    tags, _ = decode(tiff_structure(Ifd({0xEA1C: short(1), EXIF_IFD: Ifd({0xFDE8: short(2)})})))

    assert tags.exif == {"0xea1c": 1, "0xfde8": 2}


@pytest.mark.parametrize(
    "field", [undefined(b"secret"), byte(*b"secret"), Field(FieldType.ASCII, raw=b"secret")]
)
def test_a_maker_note_is_given_by_size_and_hash(field: Field) -> None:
    assert value_of(0x927C, field) == {"size_bytes": 6, "sha256": hashlib.sha256(b"secret").hexdigest()}


@pytest.mark.parametrize(
    ("tag", "data", "value"),
    [
        (0x9000, b"0232", "0232"),
        (0xA000, b"0100", "0100"),
        (0x9101, b"\1\2\3\0", [1, 2, 3, 0]),
        (0xA300, b"\3", 3),
        (0xA300, b"\3\0\0\0", 3),
        (0xA301, b"\1", 1),
        (0xA302, b"\2\0\2\0\0\1\1\2", [2, 2, 0, 1, 1, 2]),
        (0xA302, b"\0\2\0\2\0\1\1\2", [2, 2, 0, 1, 1, 2]),
        (0xA302, b"\0", {"size_bytes": 1, "sha256": hashlib.sha256(b"\0").hexdigest()}),
        (0x8828, b"xy", {"size_bytes": 2, "sha256": hashlib.sha256(b"xy").hexdigest()}),
    ],
)
def test_undefined_bytes_are_read_where_the_standard_gives_them_a_meaning(
    tag: int, data: bytes, value: Any
) -> None:
    assert value_of(tag, undefined(data)) == value


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"ASCII\0\0\0hello\0rest", "hello"),
        (b"ASCII\0\0\0" + "größer".encode(), "größer"),
        (b"\0\0\0\0\0\0\0\0hello", "hello"),
        (b"JIS\0\0\0\0\0" + "東京".encode("iso2022_jp"), "東京"),
        (b"JIS\0\0\0\0\0\xff\xfe", "ÿþ"),
        (b"UNICODE\0" + "hé".encode("utf-16-le"), "hé"),
        (b"UNICODE\0" + "hé".encode("utf-16-be"), "hé"),
        (b"UNICODE\0\xff\xfe" + "hé".encode("utf-16-le"), "hé"),
        (b"UNICODE\0" + b"plain", "plain"),
        (b"UNICODE\0" + "東京 Tokyo ".encode("utf-16-be"), "東京 Tokyo"),
        (b"no code at all", "no code at all"),
        (b"", ""),
        (b"ASCII\0\0\0\0\0\0", ""),
    ],
)
def test_a_user_comment_is_decoded_by_its_character_code(order: ByteOrder, data: bytes, text: str) -> None:
    assert value_of(0x9286, undefined(data), order) == text


@pytest.mark.parametrize(("order", "encoding"), [("<", "utf-16-le"), (">", "utf-16-be")])
def test_utf16_without_a_hint_has_the_block_s_byte_order(order: ByteOrder, encoding: str) -> None:
    assert value_of(0x9286, undefined(b"UNICODE\0" + "東京".encode(encoding)), order) == "東京"


def test_windows_tags_are_utf16() -> None:
    assert value_of(0x9C9B, byte(*"Möwe 鸥\0".encode("utf-16-le"))) == "Möwe 鸥"
    assert value_of(0x9C9E, byte(*"a;b".encode("utf-16-le"), 0)) == "a;b"


def test_a_copyright_may_name_photographer_and_editor() -> None:
    assert value_of(0x8298, ascii_text("Zoë\0Editor Ltd")) == "Zoë\nEditor Ltd"
    assert value_of(0x8298, ascii_text(" \0Editor Ltd")) == "Editor Ltd"


def test_every_directory_is_read_under_its_own_names() -> None:
    tags, warnings = decode(
        tiff_structure(
            Ifd(
                {
                    0x010F: ascii_text("Maker"),
                    EXIF_IFD: Ifd(
                        {
                            0x829A: rational(1, 2),
                            INTEROPERABILITY_IFD: Ifd({1: ascii_text("R98"), 2: undefined(b"0100")}),
                        }
                    ),
                    GPS_IFD: Ifd(
                        {0: byte(2, 3, 0, 0), 1: ascii_text("N"), 0x1B: undefined(b"ASCII\0\0\0GPS")}
                    ),
                }
            )
        )
    )

    assert warnings == ()
    assert tags.exif == {
        "Make": "Maker",
        "ExposureTime": 0.5,
        "InteroperabilityIndex": "R98",
        "InteroperabilityVersion": "0100",
    }
    assert tags.gps == {"GPSVersionID": [2, 3, 0, 0], "GPSLatitudeRef": "N", "GPSProcessingMethod": "GPS"}


def test_a_thumbnail_s_directory_is_not_the_image_s() -> None:
    tags, _ = decode(
        tiff_structure(Ifd({0x0112: short(6)}, successor=Ifd({0x0112: short(1), 0x0103: short(6)})))
    )

    assert tags.exif == {"Orientation": 6}


def test_directories_in_a_loop_end() -> None:
    # The Exif directory is the image directory itself.
    block = tiff_structure(Ifd({0x010F: ascii_text("Maker"), EXIF_IFD: long(8), GPS_IFD: long(8)}))

    tags, _ = decode(block)

    assert tags.exif == {"Make": "Maker"}
    assert set(tags.gps) == {"0x010f", "0x8769", "0x8825"}


def test_a_value_outside_the_block_costs_only_itself() -> None:
    block = bytearray(tiff_structure(Ifd({0x010F: ascii_text("A maker's name"), 0x0112: short(6)})))
    struct.pack_into("<I", block, 18, 0xFFFFFF00)

    assert decode(bytes(block)) == (
        ExifTags(exif={"Orientation": 6}),
        ("EXIF: the value of Make lies outside the block.",),
    )


def test_a_directory_that_is_cut_short_keeps_its_whole_entries() -> None:
    block = tiff_structure(Ifd({0x0112: short(6), 0x0128: short(2)}))

    tags, warnings = decode(block[: 8 + 2 + 12 + 5])

    assert tags.exif == {"Orientation": 6}
    assert warnings == ("EXIF: a directory is cut short; the rest was left out.",)


def test_a_directory_outside_the_block_costs_only_itself() -> None:
    tags, warnings = decode(tiff_structure(Ifd({0x0112: short(6), EXIF_IFD: long(60_000)})))

    assert tags.exif == {"Orientation": 6}
    assert warnings == ("EXIF: a directory lies outside the block.",)


def test_an_entry_of_an_unknown_type_costs_only_itself() -> None:
    block = bytearray(tiff_structure(Ifd({0x0112: short(6), 0x0128: short(2)})))
    struct.pack_into("<H", block, 12, 99)

    tags, warnings = decode(bytes(block))

    assert tags.exif == {"ResolutionUnit": 2}
    assert warnings == ("EXIF: an entry of an unknown field type was left out.",)


@pytest.mark.parametrize(
    "block", [b"", b"II", b"II*\0", b"XX*\0\x08\0\0\0", b"II\x2b\0\x08\0\0\0", b"II\1\0\x08\0\0\0"]
)
def test_a_block_without_a_header_is_left_out(block: bytes) -> None:
    assert decode(block) == (ExifTags(), ("EXIF: the block has no TIFF header and was left out.",))


def test_what_is_beyond_a_limit_is_left_out() -> None:
    block = tiff_structure(
        Ifd(
            {
                0x0100: short(1, 2, 3),
                0x010E: ascii_text("x" * 9),
                0x010F: ascii_text("x" * 30),
                0x0112: short(6),
            }
        )
    )

    tags, warnings = decode(
        block, ReaderLimits(max_values=2, max_text_length=5, max_block_bytes=20, max_ifd_entries=3)
    )

    assert tags.exif == {
        "ImageWidth": {"size_bytes": 6, "sha256": hashlib.sha256(b"\1\0\2\0\3\0").hexdigest()},
        "ImageDescription": "xxxxx",
    }
    assert warnings == (
        "EXIF: a directory has more than 3 entries; the rest was left out.",
        "EXIF: ImageDescription was cut to 5 characters.",
        "EXIF: Make has more than 20 bytes.",
    )


def test_other_blocks_in_tags_are_kept_apart() -> None:
    swapped = b"\0\2\2\x1c" + b"\0\0\0\2"  # 1C 02 02 00 and 02 00 00 00, as 32-bit numbers
    tags, _ = decode(
        tiff_structure(
            Ifd(
                {
                    0x02BC: byte(*b"<x/>"),
                    0x83BB: Field(FieldType.LONG, raw=None, values=(0x1C020200, 0x02000000)),
                    0x8649: undefined(b"8BIM"),
                    0x8773: undefined(b"icc"),
                }
            )
        )
    )

    assert swapped[3::-1] == b"\x1c\2\2\0"
    assert (tags.exif, tags.xmp, tags.photoshop, tags.icc) == ({}, b"<x/>", b"8BIM", b"icc")
    assert tags.iptc == b"\x1c\2\2\0\2\0\0\0"


NUMBER_OF = {name: number for number, name in EXIF_TAGS.items()}
GPS_NUMBER_OF = {name: number for number, name in GPS_TAGS.items()}


def directory_with(directory: Directory, name: str, field: Field) -> Ifd:
    """Create a structure in which one directory has one tag."""
    if directory is Directory.GPS:
        return Ifd({GPS_IFD: Ifd({GPS_NUMBER_OF[name]: field})})
    inner = {NUMBER_OF[name]: field}
    return Ifd(inner) if directory is Directory.IMAGE else Ifd({EXIF_IFD: Ifd(inner)})


def read(directory: Directory, name: str, field: Field, order: ByteOrder = "<") -> Any:
    tags, warnings = decode(tiff_structure(directory_with(directory, name, field), order))
    assert warnings == ()
    return (tags.gps if directory is Directory.GPS else tags.exif).get(name)


def names_of(names: frozenset[str]) -> list[str]:
    return sorted(
        name
        for name in names
        if HOME[name] is not Directory.INTEROPERABILITY and name not in {"FileSource", "SceneType"}
    )


orders: st.SearchStrategy[ByteOrder] = st.sampled_from(("<", ">"))
byte_types = st.sampled_from((FieldType.BYTE, FieldType.UNDEFINED, FieldType.SBYTE, FieldType.UTF8))
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=5, max_size=40)


@given(name=st.sampled_from(names_of(TEXTS - {"Copyright"})), text=words, kind=byte_types, order=orders)
def test_text_is_text_in_every_type_of_bytes(
    name: str, text: str, kind: FieldType, order: ByteOrder
) -> None:
    field = Field(kind, raw=text.encode() + b"\0")

    assert read(HOME[name], name, field, order) == text


@given(
    name=st.sampled_from(names_of(NUMBERS)),
    numbers=st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=4),
    separator=st.sampled_from((" ", ",", ", ", ":", ";")),
    order=orders,
)
def test_numbers_in_digits_are_numbers(
    name: str, numbers: list[int], separator: str, order: ByteOrder
) -> None:
    text = ascii_text(separator.join(map(str, numbers)))

    assert read(HOME[name], name, text, order) == (numbers if len(numbers) > 1 else numbers[0])


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ExposureTime", "1/250", 0.004),
        ("FNumber", "2.8 ", 2.8),
        ("GPSLatitude", "48/1, 51/1, 295/10", [48, 51, 29.5]),
        ("GPSLatitude", "48° 51' 29.5\"", [48, 51, 29.5]),
        ("GPSTimeStamp", "17:05:09", [17, 5, 9]),
        ("FNumber", "f/2.8", "f/2.8"),
        ("FNumber", "1/0", None),
        ("FNumber", "", None),
        ("Orientation", "\x06", 6),
        ("GPSAltitudeRef", "\x01", 1),
        ("GPSAltitudeRef", "1", 1),
        ("GPSAltitudeRef", "", 0),
        ("FileSource", "3", 3),
        ("FileSource", "\x03", 3),
    ],
)
def test_a_number_may_be_spelled(name: str, text: str, value: Any) -> None:
    assert read(HOME[name], name, ascii_text(text)) == value


@given(name=st.sampled_from(names_of(NUMBERS)), data=st.binary(min_size=2, max_size=8), order=orders)
def test_undefined_bytes_are_never_a_number(name: str, data: bytes, order: ByteOrder) -> None:
    value = read(HOME[name], name, undefined(data), order)

    if STANDARD_TYPES[name] == {FieldType.BYTE}:
        assert value == list(data)
    else:
        assert value == {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@given(name=st.sampled_from(names_of(NUMBERS)), value=st.integers(0, 255), order=orders)
def test_a_single_undefined_byte_is_a_number(name: str, value: int, order: ByteOrder) -> None:
    assert read(HOME[name], name, undefined(bytes([value])), order) == value


@pytest.mark.parametrize("kind", [FieldType.BYTE, FieldType.UNDEFINED])
def test_the_bytes_of_a_larger_number_are_no_numbers(kind: FieldType) -> None:
    assert set(read(Directory.EXIF, "PhotographicSensitivity", Field(kind, raw=b"\x90\1"))) == {
        "size_bytes",
        "sha256",
    }
    assert read(Directory.IMAGE, "BitsPerSample", byte(8, 8, 8)) == [8, 8, 8]


@pytest.mark.parametrize("kind", [FieldType.BYTE, FieldType.UNDEFINED, FieldType.ASCII])
@pytest.mark.parametrize("value", [0, 1])
def test_a_single_byte_is_the_number_that_it_is(kind: FieldType, value: int) -> None:
    assert read(Directory.GPS, "GPSAltitudeRef", Field(kind, raw=bytes([value]))) == value


@given(
    name=st.sampled_from(sorted(SIGNED)),
    numerator=st.integers(-(2**31), -1),
    denominator=st.integers(1, 2**31 - 1),
    order=orders,
)
def test_a_negative_number_may_be_in_unsigned_fields(
    name: str, numerator: int, denominator: int, order: ByteOrder
) -> None:
    field = rational(numerator + 2**32, denominator)

    assert read(Directory.EXIF, name, field, order) == pytest.approx(numerator / denominator)
    assert read(Directory.EXIF, name, long(numerator + 2**32), order) == numerator


def test_only_signed_tags_can_be_negative() -> None:
    assert read(Directory.GPS, "GPSLatitude", rational(2**32 - 1, 2**31)) == pytest.approx(2, rel=1e-8)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [FieldType.SHORT, FieldType.LONG])
def test_a_letter_may_be_in_an_integer(order: ByteOrder, kind: FieldType) -> None:
    assert read(Directory.GPS, "GPSLatitudeRef", Field(kind, (ord("S"),)), order) == "S"
    assert read(Directory.GPS, "GPSLatitudeRef", Field(kind, (1,)), order) == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field(FieldType.ASCII, raw="Pyöräily\0".encode("latin-1")), "Pyöräily"),
        (ascii_text("Möwe"), "Möwe"),
        (Field(FieldType.ASCII, raw="Möwe\0".encode("utf-16-le")), "Möwe"),
        (byte(*b"\xfe\xff", *"Möwe".encode("utf-16-be")), "Möwe"),
        (byte(*"Möwe".encode("utf-16-be")), "Möwe"),
        (byte(*b"\xff\xfe", *"鸥鸥".encode("utf-16-le")), "鸥鸥"),
        (byte(*b"plain"), "plain"),
        (undefined("Möwe\0".encode("utf-16-le")), "Möwe"),
        (short(*b"Title"), "Title"),
        (byte(), ""),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_windows_text_is_read_in_the_form_that_it_has(order: ByteOrder, field: Field, text: str) -> None:
    assert read(Directory.IMAGE, "XPTitle", field, order) == text


@pytest.mark.parametrize("kind", [FieldType.ASCII, FieldType.BYTE, FieldType.UNDEFINED])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'ASCII\0\0\0{"AIGC":1}', '{"AIGC":1}'),
        (b"UNICODE\0" + "Möwe".encode("utf-16-be"), "Möwe"),
        (bytes(8) + b"plain text\0", "plain text"),
        (b"ASCII\0\0\0" + "Gull".encode("utf-16-le"), "Gull"),
        (b"just text", "just text"),
    ],
)
def test_a_user_comment_has_a_code_in_every_type_of_bytes(kind: FieldType, data: bytes, text: str) -> None:
    assert read(Directory.EXIF, "UserComment", Field(kind, raw=data)) == text


def test_text_in_utf16_is_recognised() -> None:
    assert read(Directory.IMAGE, "Make", Field(FieldType.ASCII, raw="Acme\0".encode("utf-16-le"))) == "Acme"


def test_bytes_that_are_no_text_stay_opaque() -> None:
    assert read(Directory.IMAGE, "Make", undefined(b"\1\2\3")) == {
        "size_bytes": 3,
        "sha256": hashlib.sha256(b"\1\2\3").hexdigest(),
    }


def both(image: dict[int, Field], inner: dict[int, Field]) -> ExifTags:
    return decode(tiff_structure(Ifd({**image, EXIF_IFD: Ifd(inner)})))[0]


@given(
    name=st.sampled_from(names_of(TEXTS)),
    empty=st.sampled_from((b"", b"\0", b"   \0", bytes(20))),
    kind=st.sampled_from((FieldType.ASCII, FieldType.UNDEFINED)),
)
def test_an_empty_value_hides_no_other(name: str, empty: bytes, kind: FieldType) -> None:
    if HOME[name] is Directory.GPS:
        return
    number, nothing, something = NUMBER_OF[name], Field(kind, raw=empty), ascii_text("something")

    assert both({number: nothing}, {number: something}).exif[name] == "something"
    assert both({number: something}, {number: nothing}).exif[name] == "something"


@given(name=st.sampled_from(names_of(NUMBERS)))
def test_a_tag_counts_where_it_belongs(name: str) -> None:
    if HOME[name] is Directory.GPS:
        return
    number = NUMBER_OF[name]
    right, wrong = Field(FieldType.SHORT, (3,)), Field(FieldType.SHORT, (4,))
    at_home = both({number: wrong}, {number: right}).exif[name]

    assert at_home == (3 if HOME[name] is Directory.EXIF else 4)
    assert both({number: right}, {}).exif[name] == both({}, {number: right}).exif[name] == 3


def test_a_value_of_the_right_type_counts_first() -> None:
    # The factory's writers do not repeat a tag, so the second entry is renamed to the first.
    block = bytearray(tiff_structure(Ifd({GPS_IFD: Ifd({5: rational(260, 100), 0x1F: byte(0)})})))
    at = bytes(block).index(struct.pack("<HH", 0x1F, 1))
    struct.pack_into("<H", block, at, 5)

    assert decode(bytes(block))[0].gps == {"GPSAltitudeRef": 0}


def test_bytes_in_a_number_s_place_hide_no_number() -> None:
    assert both({0x8827: short(400)}, {0x8827: undefined(b"\1\2")}).exif["PhotographicSensitivity"] == 400


def test_a_tag_of_tiff_ep_does_not_hide_that_of_exif() -> None:
    tags = decode(tiff_structure(Ifd({EXIF_IFD: Ifd({0x920B: rational(1, 1), 0xA20B: rational(2, 1)})})))[0]

    assert tags.exif == {"FlashEnergy": 2}
