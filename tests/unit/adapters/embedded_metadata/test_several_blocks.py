"""A second complete EXIF block or XMP packet adds what the first lacks, in every file format."""

from collections.abc import Callable

import pytest

from adapters.embedded_metadata.exif_blocks import supplement
from domain.metadata.model import Tags
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import gif, heif, iptc, jpeg, png, webp, xmp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import Ifd, ascii_text, rational, tiff_structure
from tests.unit.adapters.embedded_metadata.test_layouts import read, with_segments

FIRST = tiff_structure(Ifd({0x010F: ascii_text(""), 0x0110: ascii_text("First")}))
SECOND = tiff_structure(
    Ifd({0x010F: ascii_text("Maker"), 0x0110: ascii_text("Second"), 0x8825: Ifd({6: rational(5, 1)})})
)
PACKETS = [
    xmp.packet([xmp.simple("photoshop:City", "Bern"), xmp.simple("xmp:Rating", "")]),
    xmp.packet([xmp.simple("photoshop:City", "Genf"), xmp.simple("xmp:Rating", "3")]),
]


def _jpeg(blocks: list[bytes], packets: list[bytes]) -> bytes:
    segments = [jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE + block) for block in blocks]
    segments += [jpeg.segment(0xE1, xmp.PACKET_SIGNATURE + packet) for packet in packets]
    return with_segments(*segments)


def _png(blocks: list[bytes], packets: list[bytes]) -> bytes:
    chunks = [png.chunk(b"eXIf", block) for block in blocks]
    chunks += [png.international_text("XML:com.adobe.xmp", packet) for packet in packets]
    return png.png(Blocks(), extra=chunks)


def _png_profiles(blocks: list[bytes], packets: list[bytes]) -> bytes:
    profiles = [("exif", block) for block in blocks] + [("xmp", packet) for packet in packets]
    chunks = [
        png.compressed_text(f"Raw profile type {kind}", png.raw_profile(kind, each))
        for kind, each in profiles
    ]
    return png.png(Blocks(), extra=chunks)


def _webp(blocks: list[bytes], packets: list[bytes]) -> bytes:
    chunks = [webp.chunk(b"EXIF", block) for block in blocks] + [
        webp.chunk(b"XMP ", packet) for packet in packets
    ]
    return webp.riff(webp.extended_header(0, 96, 64) + webp.image_chunk() + b"".join(chunks))


def _heif(codec: heif.Codec) -> Callable[[list[bytes], list[bytes]], bytes]:
    def write(blocks: list[bytes], packets: list[bytes]) -> bytes:
        configuration, picture = heif.coded_picture(codec)
        properties = [configuration, heif.dimensions(96, 64)]
        items = [heif.Item(b"hvc1" if codec == "hevc" else b"av01", picture, properties=(1, 2))]
        describes = ((b"cdsc", (1,)),)
        items += [heif.Item(b"Exif", bytes(4) + block, references=describes) for block in blocks]
        items += [
            heif.Item(b"mime", packet, b"application/rdf+xml\0", references=describes) for packet in packets
        ]
        return heif.isobmff_file(heif.brands(codec), items, properties)

    return write


def _resources(blocks: list[bytes], packets: list[bytes]) -> bytes:
    resources = b"".join(iptc.image_resource(0x0422, block) for block in blocks)
    resources += b"".join(iptc.image_resource(0x0424, packet) for packet in packets)
    return with_segments(jpeg.photoshop_segments(resources))


WRITERS = {
    "jpeg": (_jpeg, ImageFormat.JPEG),
    "jpeg-resources": (_resources, ImageFormat.JPEG),
    "png": (_png, ImageFormat.PNG),
    "png-profiles": (_png_profiles, ImageFormat.PNG),
    "webp": (_webp, ImageFormat.WEBP),
    "heic": (_heif("hevc"), ImageFormat.HEIC),
    "avif": (_heif("av1"), ImageFormat.AVIF),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_second_block_adds_what_the_first_lacks(name: str) -> None:
    write, image_format = WRITERS[name]

    found = read(write([FIRST, SECOND], PACKETS), image_format)

    assert found.exif == {"Make": "Maker", "Model": "First"}
    assert found.gps == {"GPSAltitude": 5}
    assert found.xmp == {"photoshop:City": "Bern", "xmp:Rating": "3"}
    assert found.warnings == ()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("damaged", [b"", b"nothing", b"II*\0\xff\xff\xff\xff"])
def test_a_damaged_block_hides_no_later_one(name: str, damaged: bytes) -> None:
    write, image_format = WRITERS[name]

    found = read(write([damaged, SECOND], [b"", PACKETS[1]]), image_format)

    assert found.exif["Make"] == "Maker"
    assert found.xmp["photoshop:City"] == "Genf"


def test_a_gif_may_have_a_second_packet() -> None:
    content = gif.gif(Blocks(xmp=PACKETS[0]))
    at = content.index(b"\x21\xff\x0bXMP DataXMP")
    extension = gif.gif(Blocks(xmp=PACKETS[1]))
    second = extension[extension.index(b"\x21\xff\x0bXMP DataXMP") :]
    second = second[: second.index(b"\x01\x00\x00") + 3]

    found = read(content[:at] + second + content[at:], ImageFormat.GIF)

    assert found.xmp == {"photoshop:City": "Genf", "xmp:Rating": "3"}


def test_an_exif_block_in_several_segments_may_be_the_second() -> None:
    long = tiff_structure(Ifd({0x010E: ascii_text("x" * 70_000), 0x010F: ascii_text("Maker")}))
    parts = [FIRST, long[:60_000], long[60_000:]]

    found = read(
        with_segments(*(jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE + part) for part in parts)), ImageFormat.JPEG
    )

    assert (found.exif["Model"], found.exif["Make"]) == ("First", "Maker")


def test_every_packet_may_have_an_extended_one() -> None:
    segments = []
    for name in ("dc:source", "dc:format"):
        digest, payloads = xmp.extended_segments(xmp.rdf([xmp.simple(name, "x" * 2_000)]))
        main = xmp.packet([xmp.simple("xmpNote:HasExtendedXMP", digest)])
        segments += [xmp.PACKET_SIGNATURE + main, *payloads]

    found = read(with_segments(*(jpeg.segment(0xE1, each) for each in segments)), ImageFormat.JPEG)

    assert found.xmp["dc:source"] == found.xmp["dc:format"] == "x" * 2_000
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (
            {"DateTimeOriginal": "1", "DateTimeDigitized": "2"},
            {"DateTimeOriginal": "1", "OffsetTimeOriginal": "+01:00", "OffsetTimeDigitized": "+02:00"},
            {"DateTimeOriginal": "1", "DateTimeDigitized": "2", "OffsetTimeOriginal": "+01:00"},
        ),
        (
            {"DateTimeOriginal": "1"},
            {"DateTimeOriginal": "2", "OffsetTimeOriginal": "+01:00"},
            {"DateTimeOriginal": "1"},
        ),
        (
            {"OffsetTimeOriginal": "+05:00"},
            {"DateTimeOriginal": "2"},
            {"DateTimeOriginal": "2"},
        ),
        (
            {"GPSLatitude": [1], "GPSLatitudeRef": "N"},
            {"GPSLatitude": [2], "GPSLatitudeRef": "S", "GPSLongitude": [3], "GPSLongitudeRef": "W"},
            {"GPSLatitude": [2], "GPSLatitudeRef": "S", "GPSLongitude": [3], "GPSLongitudeRef": "W"},
        ),
        (
            {"GPSAltitude": 5},
            {"GPSAltitude": 6, "GPSAltitudeRef": 1},
            {"GPSAltitude": 5},
        ),
        ({"Make": ""}, {"Make": "Maker", "Model": ""}, {"Make": "Maker", "Model": ""}),
    ],
)
def test_what_belongs_together_comes_from_one_block(first: Tags, second: Tags, both: Tags) -> None:
    supplement(first, second)

    assert first == both
