"""Properties of all parsers of uploaded bytes: nothing breaks them, and they read what we write."""

import io
import math
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fuzz.seeds import seeds
from fuzz.targets import FILE_TARGETS, LIMITS, TARGETS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource
from adapters.embedded_metadata.exif import decode_exif
from adapters.embedded_metadata.icc import decode_icc
from adapters.embedded_metadata.iptc import decode_iptc
from adapters.embedded_metadata.layout import Layout, Warnings
from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.embedded_metadata.xmp import decode_xmp
from domain.metadata.model import Tags
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import gif, heif, icc, iptc, jpeg, photos, png, tiff, webp, xmp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.rows import EXIF_IFD, GPS_IFD
from tests.support.image_factory.tiff_structure import (
    ByteOrder,
    Field,
    FieldType,
    Ifd,
    ascii_text,
    tiff_structure,
    utf8_text,
)

CRASHERS = Path(__file__).parents[3] / "crashers"
INTERESTING = (0, 1, 2, 7, 8, 12, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

examples = settings(max_examples=50, deadline=None)
"""Hypothesis settings: no deadline, because a busy machine would miss it."""

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=200)
byte_orders: st.SearchStrategy[ByteOrder] = st.sampled_from(("<", ">"))


def _crashers() -> list[tuple[str, Path]]:
    return [(path.parent.name, path) for path in sorted(CRASHERS.glob("*/*"))]


@pytest.mark.parametrize(("name", "path"), _crashers(), ids=lambda value: getattr(value, "name", value))
def test_an_input_that_once_broke_a_parser_does_no_more(name: str, path: Path) -> None:
    TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzers_starting_inputs_break_no_parser(name: str) -> None:
    found = _seeds(name)
    assert found
    for seed in found:
        TARGETS[name](seed)


@cache
def _seeds(name: str) -> tuple[bytes, ...]:
    return tuple(seeds(name))


@pytest.mark.parametrize("name", TARGETS)
@examples
@given(data=st.binary(max_size=2_000))
def test_arbitrary_bytes_break_no_parser(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", FILE_TARGETS)
@examples
@given(data=st.binary(max_size=2_000))
def test_arbitrary_bytes_behind_a_signature_break_no_parser(name: str, data: bytes) -> None:
    FILE_TARGETS[name](_signature(name) + data)


@cache
def _signature(name: str) -> bytes:
    """The beginning of a real file, long enough to be recognised."""
    return next(each.content[:32] for each in photos() if each.format == name)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A valid input with a few changes, as by an attacker or a bad disk."""
    data = bytearray(draw(st.sampled_from(_seeds(name))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("number", "byte", "insert", "delete", "repeat", "cut")))
        if kind == "number":
            code = draw(st.sampled_from((">I", "<I", ">H", "<H", ">Q", "<Q")))
            value = draw(st.sampled_from(INTERESTING)) & ((1 << 8 * struct.calcsize(code)) - 1)
            data[at : at + struct.calcsize(code)] = struct.pack(code, value)
        elif kind == "byte":
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=16))
        elif kind == "delete":
            del data[at : at + draw(st.integers(1, 64))]
        elif kind == "repeat":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        else:
            del data[at:]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
@examples
@given(data=st.data())
def test_a_damaged_input_breaks_no_parser(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(mutated(name)))


def _decoded_exif(ifd: Ifd, order: ByteOrder, *, big: bool = False) -> Any:
    return decode_exif(BlockSource(tiff_structure(ifd, order, big=big)), Budget(LIMITS), Warnings(20))


@examples
@given(text=texts, order=byte_orders, big=st.booleans(), write=st.sampled_from((ascii_text, utf8_text)))
def test_exif_text_is_read_as_written(
    text: str, order: ByteOrder, *, big: bool, write: Callable[[str], Field]
) -> None:
    tags = _decoded_exif(Ifd({0x010E: write(text)}), order, big=big).exif
    assert tags == {"ImageDescription": text.rstrip()}


RANGES = {
    FieldType.SHORT: (0, 0xFFFF),
    FieldType.LONG: (0, 0xFFFFFFFF),
    FieldType.SSHORT: (-0x8000, 0x7FFF),
    FieldType.SLONG: (-0x80000000, 0x7FFFFFFF),
}


@examples
@given(data=st.data(), order=byte_orders, kind=st.sampled_from(sorted(RANGES)))
def test_exif_integers_are_read_as_written(data: st.DataObject, order: ByteOrder, kind: FieldType) -> None:
    low, high = RANGES[kind]
    values = data.draw(st.lists(st.integers(low, high), min_size=1, max_size=50))
    tags = _decoded_exif(Ifd({EXIF_IFD: Ifd({0xEB10: Field(kind, tuple(values))})}), order).exif
    assert tags == {"0xeb10": values if len(values) > 1 else values[0]}


@examples
@given(
    pairs=st.lists(
        st.tuples(st.integers(-0x80000000, 0x7FFFFFFF), st.integers(-0x80000000, 0x7FFFFFFF)),
        min_size=2,
        max_size=10,
    ),
    order=byte_orders,
)
def test_exif_rationals_are_read_as_decimals(pairs: list[tuple[int, int]], order: ByteOrder) -> None:
    numbers = tuple(number for pair in pairs for number in pair)
    tags = _decoded_exif(Ifd({EXIF_IFD: Ifd({0xEB10: Field(FieldType.SRATIONAL, numbers)})}), order).exif
    expected = [numerator / denominator if denominator else None for numerator, denominator in pairs]
    assert tags == {"0xeb10": [None if value is None else pytest.approx(value) for value in expected]}


@examples
@given(numbers=st.lists(st.floats(width=32), min_size=2, max_size=20), order=byte_orders)
def test_exif_floats_are_finite_numbers_or_null(numbers: list[float], order: ByteOrder) -> None:
    tags = _decoded_exif(Ifd({EXIF_IFD: Ifd({0xEB10: Field(FieldType.FLOAT, tuple(numbers))})}), order).exif
    expected = [pytest.approx(number, rel=1e-6) if math.isfinite(number) else None for number in numbers]
    assert tags == {"0xeb10": expected}


@examples
@given(fields=st.dictionaries(st.integers(0xEB10, 0xEBFF), texts, max_size=20), order=byte_orders)
def test_the_directories_of_exif_are_kept_apart_from_gps(fields: dict[int, str], order: ByteOrder) -> None:
    directory = Ifd({tag: ascii_text(text) for tag, text in fields.items()})
    decoded = _decoded_exif(Ifd({EXIF_IFD: directory, GPS_IFD: directory}), order)
    expected = {f"0x{tag:04x}": text.rstrip() for tag, text in fields.items()}
    assert (decoded.exif, decoded.gps) == (expected, expected)


@examples
@given(
    headline=texts,
    keywords=st.lists(texts, min_size=1, max_size=20),
    caption=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60_000 // 4),
)
def test_iptc_text_is_read_as_written(headline: str, keywords: list[str], caption: str) -> None:
    rows = [(2, 105, headline), *((2, 25, keyword) for keyword in keywords), (2, 120, caption)]
    block = iptc.iim(
        [(1, 90, iptc.UTF8), *((record, number, text.encode()) for record, number, text in rows)]
    )
    assert decode_iptc(block, Budget(LIMITS), Warnings(20)) == {
        "CodedCharacterSet": "UTF-8",
        "Headline": headline,
        "Keywords": keywords,
        "CaptionAbstract": caption,
    }


@examples
@given(text=st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFF), min_size=1, max_size=100))
def test_iptc_text_that_is_not_utf8_is_latin1(text: str) -> None:
    raw = text.encode("latin-1")
    assume(not _is_utf8(raw))
    assert decode_iptc(iptc.dataset(2, 90, raw), Budget(LIMITS), Warnings(20)) == {"City": text}


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


xml_texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\ufffe\uffff", exclude_categories=("Cc", "Cs")),
    max_size=200,
)


@examples
@given(city=xml_texts, subjects=st.lists(xml_texts, max_size=20), title=xml_texts, german=xml_texts)
def test_xmp_properties_are_read_as_written(
    city: str, subjects: list[str], title: str, german: str
) -> None:
    packet = xmp.packet(
        [
            xmp.simple("photoshop:City", city),
            xmp.bag("dc:subject", subjects),
            xmp.language_alternative("dc:title", x_default=title, de_CH=german),
        ]
    )
    tags: Tags = {}
    decode_xmp(packet, tags, Budget(LIMITS), Warnings(20))
    assert tags == {
        "photoshop:City": city,
        "dc:subject": subjects,
        "dc:title": {"x-default": title, "de-ch": german},
    }


@examples
@given(description=texts.filter(lambda text: text == text.strip() and text), padding=st.integers(0, 4))
def test_an_icc_description_is_read_as_written(description: str, padding: int) -> None:
    profile = icc.profile(description, padding=padding * 256)
    decoded = decode_icc(profile, Budget(LIMITS), Warnings(20))
    assert decoded["description"] == description


WRITERS: dict[ImageFormat, tuple[Callable[[Blocks], bytes], frozenset[str]]] = {
    ImageFormat.JPEG: (jpeg.jpeg, frozenset({"iptc", "xmp", "icc"})),
    ImageFormat.PNG: (png.png, frozenset({"xmp", "icc"})),
    ImageFormat.GIF: (gif.gif, frozenset({"xmp", "icc"})),
    ImageFormat.WEBP: (webp.webp, frozenset({"xmp", "icc"})),
    ImageFormat.HEIC: (lambda blocks: heif.heif(blocks, "hevc"), frozenset({"xmp", "icc"})),
    ImageFormat.AVIF: (lambda blocks: heif.heif(blocks, "av1"), frozenset({"xmp", "icc"})),
}


@pytest.mark.parametrize("image_format", WRITERS)
@examples
@given(
    exif_text=texts,
    packet=st.binary(min_size=300, max_size=3_000),
    profile=st.binary(min_size=1, max_size=3_000),
)
def test_layouts_hand_over_the_blocks_that_were_embedded(
    image_format: ImageFormat, exif_text: str, packet: bytes, profile: bytes
) -> None:
    write, carried = WRITERS[image_format]
    # XMP is UTF-8 in every file format, and some formats search for its end.
    packet = packet.hex().encode()
    blocks = Blocks(exif=Ifd({0x010E: ascii_text(exif_text)}), iptc=profile, xmp=b"<" + packet, icc=profile)
    content = io.BytesIO(write(blocks))
    layout, _, warnings = EmbeddedMetadataReader(LIMITS).read_structure(content, image_format)
    found = _blocks_of(layout)
    assert {name: found[name] for name in carried} == {name: getattr(blocks, name) for name in carried}
    assert found["exif"] == (None if image_format is ImageFormat.GIF else blocks.exif_block)
    assert warnings.texts == ()


def _blocks_of(layout: Layout) -> dict[str, bytes | None]:
    source = layout.exif[0] if layout.exif else None
    return {
        "exif": source.read(0, source.size) if source else None,
        "iptc": layout.iptc,
        "xmp": layout.xmp[0] if layout.xmp else None,
        "icc": layout.icc,
    }


@examples
@given(
    packet=st.binary(min_size=1, max_size=3_000),
    profile=st.binary(min_size=1, max_size=3_000),
    order=byte_orders,
    big=st.booleans(),
)
def test_a_tiff_hands_over_the_blocks_in_its_tags(
    packet: bytes, profile: bytes, order: ByteOrder, *, big: bool
) -> None:
    content = tiff.tiff(Blocks(order=order, iptc=profile, xmp=packet, icc=profile), big=big)
    decoded = decode_exif(BlockSource(content), Budget(LIMITS), Warnings(20))
    assert (decoded.iptc, decoded.xmp, decoded.icc) == (profile, packet, profile)
