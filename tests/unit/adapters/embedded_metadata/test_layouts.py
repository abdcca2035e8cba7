"""Where each format keeps its blocks, when a file is incomplete, and which oddities are tolerated."""

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.reader import EmbeddedMetadata, EmbeddedMetadataReader
from domain.metadata.errors import UnreadableImage
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import gif, heif, icc, iptc, jpeg, photo, pixels, png, tiff, webp, xmp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import (
    Field,
    FieldType,
    Ifd,
    ascii_text,
    long,
    rational,
    short,
    tiff_structure,
    undefined,
)

EXIF = Ifd({0x0110: ascii_text("Model")})
EXIF_BLOCK = tiff_structure(EXIF)
XMP = xmp.packet([xmp.simple("photoshop:City", "Bern")])
XMP_TAGS = {"photoshop:City": "Bern"}
IPTC = iptc.dataset(2, 90, b"Bern")
ICC = icc.profile("Factory RGB")


def read(content: bytes, image_format: ImageFormat, limits: ReaderLimits | None = None) -> EmbeddedMetadata:
    reader = EmbeddedMetadataReader(limits or ReaderLimits())
    return reader.decode(*reader.read_structure(io.BytesIO(content), image_format))


def excerpt(content: bytes, image_format: ImageFormat, limits: ReaderLimits | None = None) -> bytes | None:
    layout, _, _ = EmbeddedMetadataReader(limits or ReaderLimits()).read_structure(
        io.BytesIO(content), image_format
    )
    if layout.excerpt is None:
        return None
    return b"".join(
        piece if isinstance(piece, bytes) else content[piece.start : piece.stop] for piece in layout.excerpt
    )


def with_segments(*segments: bytes) -> bytes:
    picture = jpeg.encoded()
    return picture[:2] + b"".join(segments) + picture[2:]


EXIF_SEGMENT = jpeg.segment(0xE1, b"Exif\0\0" + EXIF_BLOCK)


class TestJpeg:
    @pytest.mark.parametrize(
        "odd",
        [
            b"\xff" * 9,
            b"\0" * 5,
            b"\xff\0" * 3,
            b"\xff\xff\0\0\xff",
            bytes(200_000),
            b"\xff\xd0",
            b"\xff\x01",
        ],
    )
    def test_stray_and_filling_bytes_between_segments_are_skipped(self, odd: bytes) -> None:
        found = read(with_segments(odd, EXIF_SEGMENT), ImageFormat.JPEG)

        assert (found.width, found.height, found.bit_depth) == (pixels.WIDTH, pixels.HEIGHT, 8)
        assert found.exif == {"Model": "Model"}

    @pytest.mark.parametrize("tail", [b"", b"\0" * 100, b"video" * 50_000, b"\xff\xd8" + bytes(9)])
    def test_bytes_after_the_picture_are_no_matter(self, tail: bytes) -> None:
        assert read(jpeg.encoded() + tail, ImageFormat.JPEG).width == pixels.WIDTH

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (jpeg.encoded()[:-2], "incomplete"),
            (jpeg.encoded()[:-200], "incomplete"),
            (jpeg.encoded()[:30], "incomplete"),
            (b"\xff\xd8\xff", "incomplete"),
            (b"\xff\xd8\xff\xd9", "no image data"),
            (b"\xff\xd8\xff\xe0\0\1x", "impossible length"),
            (b"\xff\xd8\xff\xda\0\2\xff\xd9", "no frame header"),
            (with_segments(jpeg.segment(0xFE, b"") * 10), "more than 10 segments"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(content, ImageFormat.JPEG, ReaderLimits(max_structures=10))

    def test_an_exif_block_may_go_on_in_the_next_segment(self) -> None:
        block = tiff_structure(Ifd({0x010E: ascii_text("x" * 70_000)}))
        segments = [jpeg.segment(0xE1, b"Exif\0\0" + block[at : at + 60_000]) for at in (0, 60_000)]

        assert (
            len(
                str(
                    read(
                        with_segments(*segments), ImageFormat.JPEG, ReaderLimits(max_text_length=80_000)
                    ).exif
                )
            )
            > 70_000
        )

    def test_a_profile_in_chunks_of_any_order_is_put_together(self) -> None:
        large = icc.profile("Factory RGB", padding=2_000)
        chunks = [b"ICC_PROFILE\0" + bytes((n + 1, 3)) + large[n * 1000 : (n + 1) * 1000] for n in range(3)]
        chunks[2] = b"ICC_PROFILE\0\3\3" + large[2000:]

        found = read(with_segments(*(jpeg.segment(0xE2, chunks[n]) for n in (2, 0, 1))), ImageFormat.JPEG)
        assert found.icc["description"] == "Factory RGB"
        assert found.warnings == ()

        without_second = with_segments(jpeg.segment(0xE2, chunks[0]), jpeg.segment(0xE2, chunks[2]))
        assert "ICC: a chunk of the profile is missing." in read(without_second, ImageFormat.JPEG).warnings

        without_first = read(with_segments(jpeg.segment(0xE2, chunks[1])), ImageFormat.JPEG)
        assert (without_first.icc, without_first.warnings) == (
            {},
            ("ICC: a chunk of the profile is missing.",),
        )

    def test_an_extended_packet_without_a_part_is_left_out(self) -> None:
        extended = xmp.rdf([xmp.simple("dc:source", "x" * 3_000)])
        digest, payloads = xmp.extended_segments(extended)
        main = xmp.packet(
            [xmp.simple("photoshop:City", "Bern"), xmp.simple("xmpNote:HasExtendedXMP", digest)]
        )
        segments = [jpeg.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + main)]
        segments += [jpeg.segment(0xE1, payload) for payload in payloads]

        complete = read(with_segments(*segments), ImageFormat.JPEG)
        assert complete.xmp["dc:source"] == "x" * 3_000
        incomplete = read(with_segments(*segments[:2], *segments[3:]), ImageFormat.JPEG)
        assert incomplete.xmp == {"photoshop:City": "Bern", "xmpNote:HasExtendedXMP": digest}
        assert incomplete.warnings == ("XMP: a portion of the extended packet is missing.",)
        foreign = jpeg.segment(0xE1, payloads[0].replace(digest.encode(), b"0" * 32))
        assert "dc:source" not in read(with_segments(segments[0], foreign), ImageFormat.JPEG).xmp
        short = jpeg.segment(0xE1, payloads[0][:40])
        assert read(with_segments(segments[0], short), ImageFormat.JPEG).xmp == incomplete.xmp

    def test_photoshop_resources_may_hold_every_block(self) -> None:
        resources = b"".join(
            (
                iptc.image_resource(0x0404, IPTC),
                iptc.image_resource(0x040F, ICC, b"odd name"),
                iptc.image_resource(0x0422, EXIF_BLOCK),
                iptc.image_resource(0x0424, XMP),
                iptc.image_resource(0x0425, b"unknown"),
            )
        )

        found = read(with_segments(jpeg.photoshop_segments(resources, 50)), ImageFormat.JPEG)

        assert found.exif == {"Model": "Model"}
        assert found.iptc == {"City": "Bern"}
        assert found.xmp == XMP_TAGS
        assert found.icc["description"] == "Factory RGB"
        cut_short = read(with_segments(jpeg.photoshop_segments(resources[:-4])), ImageFormat.JPEG)
        assert cut_short.warnings == ("Photoshop: the image resources are cut short.",)

    def test_metadata_beyond_the_limit_is_left_out(self) -> None:
        xmp_segment = jpeg.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)

        found = read(
            with_segments(EXIF_SEGMENT, xmp_segment),
            ImageFormat.JPEG,
            ReaderLimits(max_block_bytes=len(EXIF_SEGMENT)),
        )

        assert (found.exif, found.xmp) == ({"Model": "Model"}, {})
        assert found.warnings == (f"Metadata segments beyond {len(EXIF_SEGMENT)} bytes were left out.",)

    def test_a_decoder_only_gets_the_picture_if_there_is_much_else(self) -> None:
        comments = jpeg.segment(0xFE, b"x" * 1000) * 3

        assert excerpt(with_segments(comments), ImageFormat.JPEG) is None
        many_bytes = excerpt(
            with_segments(comments), ImageFormat.JPEG, ReaderLimits(max_delegated_bytes=2000)
        )
        many_blocks = excerpt(
            with_segments(comments), ImageFormat.JPEG, ReaderLimits(max_delegated_blocks=2)
        )
        assert many_bytes == many_blocks == jpeg.encoded()


class TestPng:
    @pytest.mark.parametrize(
        "chunk",
        [
            png.chunk(b"eXIf", EXIF_BLOCK),
            png.chunk(b"eXIf", b"Exif\0\0" + EXIF_BLOCK),
            png.text("Raw profile type exif", png.raw_profile("exif", b"Exif\0\0" + EXIF_BLOCK).decode()),
            png.compressed_text("Raw profile type APP1", png.raw_profile("APP1", EXIF_BLOCK)),
        ],
    )
    def test_exif_may_be_a_chunk_or_a_raw_profile(self, chunk: bytes) -> None:
        assert read(png.png(Blocks(), extra=[chunk]), ImageFormat.PNG).exif == {"Model": "Model"}

    @pytest.mark.parametrize(
        "chunk",
        [
            png.international_text("XML:com.adobe.xmp", XMP),
            png.international_text("XML:com.adobe.xmp", XMP, compress=True),
            png.text("XML:com.adobe.xmp", XMP.decode("latin-1")),
            png.compressed_text("Raw profile type xmp", png.raw_profile("xmp", XMP)),
            png.compressed_text(
                "Raw profile type APP1", png.raw_profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + XMP)
            ),
        ],
    )
    def test_xmp_may_be_a_chunk_or_a_raw_profile(self, chunk: bytes) -> None:
        assert read(png.png(Blocks(), extra=[chunk]), ImageFormat.PNG).xmp == XMP_TAGS

    @pytest.mark.parametrize(
        "profile", [IPTC, b"Photoshop 3.0\0" + iptc.image_resources(IPTC), iptc.image_resources(IPTC)]
    )
    @pytest.mark.parametrize("name", ["iptc", "8bim"])
    def test_iptc_may_be_bare_or_among_image_resources(self, name: str, profile: bytes) -> None:
        chunk = png.compressed_text(f"Raw profile type {name}", png.raw_profile(name, profile))

        assert read(png.png(Blocks(), extra=[chunk]), ImageFormat.PNG).iptc == {"City": "Bern"}

    @pytest.mark.parametrize(
        "chunk",
        [png.icc_chunk(ICC), png.compressed_text("Raw profile type icc", png.raw_profile("icc", ICC))],
    )
    def test_a_profile_may_be_a_chunk_or_a_raw_profile(self, chunk: bytes) -> None:
        assert read(png.png(Blocks(), extra=[chunk]), ImageFormat.PNG).icc["description"] == "Factory RGB"

    @pytest.mark.parametrize(
        "chunk",
        [
            png.text("Raw profile type exif", "\nexif\n  4\nzz"),
            png.text("Raw profile type exif", "\nexif\n x\n00"),
            png.chunk(b"zTXt", b"Raw profile type exif\0\0no zlib"),
            png.chunk(b"iCCP", b"name\0\0no zlib"),
        ],
    )
    def test_a_damaged_chunk_costs_only_itself(self, chunk: bytes) -> None:
        found = read(png.png(Blocks(exif=EXIF), extra=[chunk]), ImageFormat.PNG)

        assert found.exif == {"Model": "Model"}
        assert found.warnings == ("PNG: a damaged text or profile chunk was left out.",)

    @given(
        trailer=st.binary(max_size=40),
        longer=st.integers(0, 16),
        separator=st.sampled_from(["\n", " ", "\r\n", ""]),
        case=st.sampled_from([bytes.lower, bytes.upper]),
    )
    def test_a_raw_profile_is_read_up_to_its_length(
        self, trailer: bytes, longer: int, separator: str, case: Callable[[bytes], bytes]
    ) -> None:
        digits = separator.join(re.findall("..", EXIF_BLOCK.hex())).encode()
        # The stated length may exceed the digits; a character that is not hexadecimal ends them.
        length = len(EXIF_BLOCK) + longer
        text = f"\nexif\n{length:8}\n".encode() + case(digits) + (b"\n" + trailer if not longer else b"")

        found = read(
            png.png(Blocks(), extra=[png.compressed_text("Raw profile type exif", text)]), ImageFormat.PNG
        )

        assert (found.exif, found.warnings) == ({"Model": "Model"}, ())

    @given(missing=st.integers(1, 16), end=st.sampled_from(["", "\n", "\n\0"]))
    def test_a_raw_profile_with_a_little_too_small_a_length_is_whole(self, missing: int, end: str) -> None:
        text = f"\nexif\n{len(EXIF_BLOCK) - missing}\n{EXIF_BLOCK.hex()}{end}".encode()

        found = read(
            png.png(Blocks(), extra=[png.compressed_text("Raw profile type exif", text)]), ImageFormat.PNG
        )

        assert (found.exif, found.warnings) == ({"Model": "Model"}, ())

    def test_a_raw_profile_that_is_much_too_short_is_read_with_a_warning(self) -> None:
        text = f"\nexif\n{len(EXIF_BLOCK) + 17}\n{EXIF_BLOCK.hex()}0".encode()

        found = read(
            png.png(Blocks(), extra=[png.compressed_text("Raw profile type exif", text)]), ImageFormat.PNG
        )

        assert (found.exif, found.warnings) == (
            {"Model": "Model"},
            ("PNG: a raw profile is cut short.",),
        )

    @pytest.mark.parametrize(
        ("color_type", "depth"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 16), (3, 1), (3, 4), (3, 8)]
    )
    def test_the_bit_depth_is_that_of_the_image_header(self, color_type: int, depth: int) -> None:
        header = png.header(96, 64, depth, color_type)
        content = png.SIGNATURE + header + png.chunk(b"IDAT", b"") + png.chunk(b"IEND", b"")

        assert read(content, ImageFormat.PNG).bit_depth == depth

    @pytest.mark.parametrize(
        "chunk",
        [
            png.text("Creation Time", "2024:01:16 21:15:29"),
            png.compressed_text("Creation Time", b"2024:01:16 21:15:29"),
            png.international_text("Creation Time", b"2024:01:16 21:15:29"),
            png.international_text("Creation Time", b"2024:01:16 21:15:29", compress=True),
        ],
    )
    @pytest.mark.parametrize("after_pixels", [True, False])
    def test_the_creation_time_is_read(self, chunk: bytes, *, after_pixels: bool) -> None:
        found = read(png.png(Blocks(), extra=[chunk], after_pixels=after_pixels), ImageFormat.PNG)

        assert found.png == {"CreationTime": "2024:01:16 21:15:29"}

    def test_what_is_beyond_a_limit_is_left_out(self) -> None:
        bomb = png.chunk(b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(bytes(100_000)))
        large = png.international_text("XML:com.adobe.xmp", XMP + bytes(2_000))

        found = read(
            png.png(Blocks(exif=EXIF), extra=[bomb, large]),
            ImageFormat.PNG,
            ReaderLimits(max_inflated_bytes=99_999, max_block_bytes=2_000),
        )

        assert (found.exif, found.xmp) == ({"Model": "Model"}, {})
        assert found.warnings == (
            "PNG: a block that inflates beyond 99999 bytes was left out.",
            "PNG: a chunk of more than 2000 bytes was left out.",
        )

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (png.png(Blocks())[:-12], "incomplete"),
            (png.png(Blocks())[:100], "incomplete"),
            (png.SIGNATURE, "incomplete"),
            (png.SIGNATURE + png.chunk(b"IDAT", bytes(30)), "does not start with its image header"),
            (png.SIGNATURE + png.header(1, 1) + png.chunk(b"IEND", b""), "no image data"),
            (png.png(Blocks(), extra=[png.chunk(b"teSt", b"")] * 20), "more than 20 chunks"),
            (
                png.png(Blocks(), extra=[png.chunk(b"IDAT", b""), png.chunk(b"IDAT", b"x")] * 15),
                "more than 20 chunks",
            ),
            (
                png.png(Blocks(), extra=[png.chunk(b"IDAT", b""), png.chunk(b"teSt", b"")] * 9),
                "more than 20 chunks",
            ),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(content, ImageFormat.PNG, ReaderLimits(max_structures=20))

    @given(
        st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0, 1, 12, 36])), min_size=1, max_size=8),
        st.integers(5, 10_000),
    )
    def test_what_follows_the_image_data_is_found_however_that_is_cut_into_chunks(
        self, rows: list[tuple[int, int]], missing: int
    ) -> None:
        image_data = b"".join(png.chunk(b"IDAT", bytes(size)) * count for count, size in rows)
        end = png.chunk(b"eXIf", EXIF_BLOCK) + png.chunk(b"IEND", b"")
        content = png.SIGNATURE + png.header(96, 64) + image_data + end

        assert read(content, ImageFormat.PNG).exif == {"Model": "Model"}
        with pytest.raises(UnreadableImage, match="incomplete"):
            read(content[: max(len(content) - missing, 8)], ImageFormat.PNG)

    def test_chunks_of_image_data_count_where_they_must_be_looked_at_one_by_one(self) -> None:
        of_two_sizes = (png.chunk(b"IDAT", bytes(8)) + png.chunk(b"IDAT", bytes(9))) * 20
        of_one_size = png.chunk(b"IDAT", bytes(8)) * 4_000

        def content(image_data: bytes) -> bytes:
            return png.SIGNATURE + png.header(96, 64) + image_data + png.chunk(b"IEND", b"")

        assert read(content(of_one_size), ImageFormat.PNG, ReaderLimits(max_structures=42)).width == 96
        assert read(content(of_two_sizes), ImageFormat.PNG, ReaderLimits(max_structures=42)).width == 96
        with pytest.raises(UnreadableImage, match="more than 41 chunks"):
            read(content(of_two_sizes), ImageFormat.PNG, ReaderLimits(max_structures=41))

    def test_a_decoder_only_gets_the_picture_if_there_is_much_else(self) -> None:
        texts = [png.compressed_text("Comment", b"x" * 5_000)] * 3

        shown = excerpt(
            png.png(Blocks(), extra=texts), ImageFormat.PNG, ReaderLimits(max_delegated_blocks=2)
        )

        assert shown == png.png(Blocks())

    def test_bytes_after_the_end_are_no_matter(self) -> None:
        assert read(png.png(Blocks()) + b"trailer", ImageFormat.PNG).width == pixels.WIDTH


def with_comment(sub_blocks: bytes) -> bytes:
    """Create a GIF with these sub-blocks in a comment, followed by a profile."""
    return gif.gif(Blocks())[:-1] + b"\x21\xfe" + sub_blocks + b"\0" + gif.icc_extension(ICC) + gif.TRAILER


class TestGif:
    SCREEN = gif.screen(b"GIF89a", 96, 64)
    FRAME = gif.frame(96, 64, bytes(96 * 64))

    def test_xmp_in_ordinary_sub_blocks_is_read(self) -> None:
        extension = gif.application(b"XMP DataXMP", gif.sub_blocks(XMP))

        assert read(self.SCREEN + extension + self.FRAME + gif.TRAILER, ImageFormat.GIF).xmp == XMP_TAGS

    def test_zeros_between_blocks_are_skipped(self) -> None:
        assert (
            read(self.SCREEN + self.FRAME + b"\0\0" + self.FRAME + gif.TRAILER, ImageFormat.GIF).frames == 2
        )

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (SCREEN + FRAME, "incomplete"),
            (SCREEN + FRAME[:-3], "incomplete"),
            (b"GIF89a", "incomplete"),
            (SCREEN + gif.TRAILER, "no image"),
            (SCREEN + b"?" * 100_000, "incomplete"),
            (SCREEN + b"?" + FRAME, "incomplete"),
            (SCREEN + FRAME + bytes(9) + FRAME[:-3], "incomplete"),
            (SCREEN + FRAME * 30 + gif.TRAILER, "more than 20 blocks"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(content, ImageFormat.GIF, ReaderLimits(max_structures=20))

    def test_an_extension_beyond_the_limit_is_left_out(self) -> None:
        content = self.SCREEN + gif.xmp_extension(XMP) + gif.icc_extension(ICC) + self.FRAME + gif.TRAILER

        found = read(content, ImageFormat.GIF, ReaderLimits(max_block_bytes=len(ICC) + 10))

        assert found.xmp == {}
        assert found.icc["description"] == "Factory RGB"
        assert found.warnings == (f"GIF: an extension of more than {len(ICC) + 10} bytes was left out.",)

    @pytest.mark.parametrize("place", ["before", "after"])
    @given(skipped=st.binary(max_size=300).map(lambda data: data.translate(None, b"\x21\x2c\x3b")))
    def test_bytes_that_belong_to_no_block_are_skipped(self, place: str, skipped: bytes) -> None:
        parts = [self.SCREEN, self.FRAME]
        parts.insert(1 if place == "before" else 2, skipped)

        found = read(b"".join(parts) + gif.xmp_extension(XMP) + gif.TRAILER, ImageFormat.GIF)

        assert (found.frames, found.xmp) == (1, XMP_TAGS)
        assert found.warnings == (
            ("GIF: bytes that belong to no block were skipped.",) if skipped.strip(b"\0") else ()
        )

    @pytest.mark.parametrize("after", [b"", b"\x21\xfe\xff", b"\x2c" + bytes(8) + b"\x87", b"\x3a" * 5_000])
    def test_a_file_that_is_lost_after_a_whole_frame_may_lack_its_end(self, after: bytes) -> None:
        found = read(self.SCREEN + self.FRAME + b"?" + after, ImageFormat.GIF)

        assert found.frames == 1
        assert found.warnings == ("GIF: bytes that belong to no block were skipped.",)

    @given(label=st.integers(0, 255), data=st.lists(st.binary(min_size=1, max_size=255), max_size=3))
    def test_an_extension_of_any_label_is_skipped(self, label: int, data: list[bytes]) -> None:
        extension = bytes((0x21, label)) + b"".join(bytes([len(part)]) + part for part in data) + b"\0"

        assert read(self.SCREEN + extension + self.FRAME + gif.TRAILER, ImageFormat.GIF).frames == 1

    @given(st.lists(st.tuples(st.integers(1, 255), st.integers(1, 40)), max_size=40))
    def test_sub_blocks_of_any_size_are_skipped(self, rows: list[tuple[int, int]]) -> None:
        content = with_comment(b"".join((bytes([size]) + bytes(size)) * count for size, count in rows))

        assert read(content, ImageFormat.GIF).icc["color_space"] == "RGB"

    def test_sub_blocks_of_different_sizes_are_counted(self) -> None:
        of_one_size, of_two_sizes = b"\1x" * 50_000, b"\1x\2xx" * 500
        limits = ReaderLimits(max_sub_blocks=600)

        assert read(with_comment(of_one_size), ImageFormat.GIF, limits).icc["color_space"] == "RGB"
        with pytest.raises(UnreadableImage, match="more than 600 sub-blocks"):
            read(with_comment(of_two_sizes), ImageFormat.GIF, limits)


class TestWebp:
    @pytest.mark.parametrize("lossless", [True, False])
    def test_a_simple_file_has_its_dimensions_in_the_picture(self, lossless: bool) -> None:
        found = read(webp.riff(webp.image_chunk(lossless=lossless)), ImageFormat.WEBP)

        assert (found.width, found.height, found.frames) == (pixels.WIDTH, pixels.HEIGHT, 1)

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (webp.webp(Blocks())[:-1], "incomplete"),
            (b"RIFF", "incomplete"),
            (webp.riff(b""), "no image data"),
            (webp.riff(webp.chunk(b"VP8 ", b"short")), "no image data"),
            (webp.riff(webp.extended_header(0, 96, 64)), "no image data"),
            (webp.riff(webp.chunk(b"ABCD", b"") * 30), "more than 20 chunks"),
            (webp.riff(b"VP8 \xff\0\0\0"), "incomplete"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(content, ImageFormat.WEBP, ReaderLimits(max_structures=20))

    def test_a_chunk_beyond_the_limit_is_left_out(self) -> None:
        found = read(
            webp.webp(Blocks(exif=EXIF, xmp=XMP)), ImageFormat.WEBP, ReaderLimits(max_block_bytes=100)
        )

        assert (found.exif, found.xmp) == ({"Model": "Model"}, {})
        assert found.warnings == ("WebP: a chunk of more than 100 bytes was left out.",)

    def test_a_decoder_only_gets_the_first_frame_if_there_are_many(self) -> None:
        content = webp.webp(Blocks(exif=EXIF), frames=5)

        shown = excerpt(content, ImageFormat.WEBP, ReaderLimits(max_delegated_blocks=3))

        assert shown is not None
        assert int.from_bytes(shown[4:8], "little") == len(shown) - 8
        found = read(shown, ImageFormat.WEBP)
        assert (found.width, found.frames, found.exif) == (pixels.WIDTH, 1, {})


class TestTiff:
    @pytest.mark.parametrize("big", [True, False])
    def test_tiles_beyond_the_file_are_missed(self, big: bool) -> None:
        tiled = {
            0x0100: short(64), 0x0101: short(64), 0x0142: short(64), 0x0143: short(64),
            0x0144: long(8), 0x0145: long(5_000),
        }  # fmt: skip

        with pytest.raises(UnreadableImage, match="incomplete"):
            read(tiff_structure(Ifd(tiled), big=big), ImageFormat.TIFF)
        assert read(tiff_structure(Ifd(tiled | {0x0145: long(50)}), big=big), ImageFormat.TIFF).width == 64

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"II*\0", "header is damaged"),
            (b"II*\0\xff\0\0\0", "incomplete"),
            (tiff_structure(Ifd({0x0100: short(1)})), "no dimensions"),
            (tiff_structure(Ifd({0x0100: short(1), 0x0101: short(1)})), "no image data"),
            (tiff.tiff(Blocks())[:-1], "incomplete"),
            (
                tiff_structure(
                    Ifd(
                        {
                            0x0100: short(1),
                            0x0101: short(1),
                            0x0111: long(*[0] * 99),
                            0x0117: long(*[0] * 99),
                        }
                    )
                ),
                "more than 98 strips",
            ),
            (
                tiff_structure(
                    Ifd({0x0100: short(1), 0x0101: short(1), 0x0111: rational(8, 1), 0x0117: long(1)})
                ),
                "not integers",
            ),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(content, ImageFormat.TIFF, ReaderLimits(max_strips=98))

    @pytest.mark.parametrize("claimed", [0, 5, 12, 0xFFFFFFFF])
    def test_the_size_of_a_single_uncompressed_strip_does_not_matter(self, claimed: int) -> None:
        strip = {
            0x0100: short(2), 0x0101: short(2), 0x0102: short(8, 8, 8), 0x0111: long(8), 0x0115: short(3),
            0x0117: long(claimed),
        }  # fmt: skip

        assert read(tiff_structure(Ifd(strip)), ImageFormat.TIFF).width == 2
        with pytest.raises(UnreadableImage, match="incomplete"):
            read(tiff_structure(Ifd(strip | {0x0111: long(90), 0x0117: long(0)})), ImageFormat.TIFF)
        with pytest.raises(UnreadableImage, match="incomplete"):
            read(tiff_structure(Ifd(strip | {0x0103: short(5), 0x0117: long(5_000)})), ImageFormat.TIFF)

    @pytest.mark.parametrize(("bits", "depth"), [(32, 32), (0, None), (65, None)])
    def test_an_invalid_bit_depth_is_omitted(self, bits: int, depth: int | None) -> None:
        content = tiff_structure(
            Ifd({0x0100: short(2), 0x0101: short(2), 0x0102: short(bits), 0x0111: long(0)})
        )

        assert read(content, ImageFormat.TIFF).bit_depth == depth

    def test_pages_in_a_loop_and_beyond_the_limit_are_counted_once(self) -> None:
        page = {0x0100: short(1), 0x0101: short(1), 0x0111: long(0), 0x0117: long(1)}
        loop = bytearray(tiff_structure(Ifd(page)))
        struct.pack_into("<I", loop, len(loop) - 4, 8)
        pages = tiff_structure(Ifd(page, successor=Ifd(page, successor=Ifd(page))))
        astray = bytearray(tiff_structure(Ifd(page)))
        struct.pack_into("<I", astray, len(astray) - 4, 60_000)

        assert read(bytes(loop), ImageFormat.TIFF).frames == 1
        assert read(pages, ImageFormat.TIFF).frames == 3
        limited = read(pages, ImageFormat.TIFF, ReaderLimits(max_frames=2))
        assert (limited.frames, limited.warnings) == (2, ("TIFF: pages beyond 2 are not counted.",))
        outside = read(bytes(astray), ImageFormat.TIFF)
        assert (outside.frames, outside.warnings) == (1, ("TIFF: a directory lies outside the file.",))


def heic(*properties: bytes, items: list[heif.Item] | None = None, primary: int = 1) -> bytes:
    """Create a HEIC whose primary item has these properties after its configuration and dimensions."""
    configuration, picture = heif.coded_picture("hevc")
    dimensions = heif.full_box(b"ispe", struct.pack(">II", 96, 64))
    every = [configuration, dimensions, *properties]
    picture_item = heif.Item(b"hvc1", picture, properties=tuple(range(1, len(every) + 1)))
    return heif.isobmff_file(heif.brands("hevc"), [picture_item, *(items or [])], every, primary=primary)


class TestIsoBaseMedia:
    @pytest.mark.parametrize(
        ("transformations", "orientation"),
        [
            ([], 1),
            ([("irot", 0)], 1),
            ([("imir", 1)], 2),
            ([("irot", 2)], 3),
            ([("imir", 0)], 4),
            ([("irot", 1), ("imir", 0)], 5),
            ([("irot", 3)], 6),
            ([("irot", 3), ("imir", 0)], 7),
            ([("irot", 1)], 8),
            ([("imir", 0), ("imir", 1)], 3),
        ],
    )
    def test_rotation_and_mirroring_become_an_exif_orientation(
        self, transformations: list[tuple[str, int]], orientation: int
    ) -> None:
        properties = [heif.box(kind.encode(), bytes([value])) for kind, value in transformations]

        found = read(heic(*properties), ImageFormat.HEIC)

        assert (found.width, found.height, found.orientation) == (96, 64, orientation)

    @pytest.mark.parametrize(
        ("box", "depth"),
        [
            (heif.full_box(b"pixi", bytes((3, 10, 10, 10))), 10),
            (heif.box(b"hvcC", bytes(17) + b"\2" + bytes(5)), 10),
            (heif.box(b"av1C", b"\x81\0\x40\0"), 10),
            (heif.box(b"av1C", b"\x81\0\x60\0"), 12),
            (heif.box(b"av1C", b"\x81\0\0\0"), 8),
            (heif.full_box(b"pixi", b""), None),
        ],
    )
    def test_the_bit_depth_comes_from_the_description_or_the_codec(
        self, box: bytes, depth: int | None
    ) -> None:
        dimensions = heif.full_box(b"ispe", struct.pack(">II", 96, 64))
        own = heif.isobmff_file(
            heif.brands("hevc"), [heif.Item(b"hvc1", b"picture", properties=(1, 2))], [dimensions, box]
        )
        tile_s = heif.isobmff_file(
            heif.brands("hevc"), [heif.Item(b"grid", b"grid", properties=(1,))], [dimensions, box]
        )

        assert read(own, ImageFormat.HEIC).bit_depth == depth
        assert read(tile_s, ImageFormat.HEIC).bit_depth == depth

    @pytest.mark.parametrize(
        "data",
        [
            struct.pack(">I", 0) + EXIF_BLOCK,
            struct.pack(">I", 6) + b"Exif\0\0" + EXIF_BLOCK,
            struct.pack(">I", 9999) + b"Exif\0\0" + EXIF_BLOCK,
            struct.pack(">I", 9999) + EXIF_BLOCK,
            EXIF_BLOCK,
        ],
    )
    def test_an_exif_item_s_start_is_found(self, data: bytes) -> None:
        assert read(heic(items=[heif.Item(b"Exif", data)]), ImageFormat.HEIC).exif == {"Model": "Model"}

    @pytest.mark.parametrize("trailer", [b"SEFT", b"\0\0\1\0\xff\xff\xff\xff" + bytes(50), bytes(100)])
    def test_what_a_camera_appends_does_not_matter(self, trailer: bytes) -> None:
        assert read(heic() + trailer, ImageFormat.HEIC).width == 96

    def test_other_text_is_not_xmp(self) -> None:
        item = heif.Item(b"mime", XMP, b"text/plain\0")

        assert read(heic(items=[item]), ImageFormat.HEIC).xmp == {}

    def test_a_metadata_item_outside_the_file_costs_only_itself(self) -> None:
        content = bytearray(heic(items=[heif.Item(b"Exif", bytes(4) + EXIF_BLOCK)]))
        struct.pack_into(">I", content, content.index(b"iloc") + 12 + 16 + 8, 0x00FFFFFF)

        found = read(bytes(content), ImageFormat.HEIC)

        assert (found.exif, found.warnings) == ({}, ("EXIF: the block lies outside the file.",))

    def test_locations_are_numbers_of_the_sizes_that_the_standard_knows(self) -> None:
        content = bytearray(heic(items=[heif.Item(b"Exif", bytes(4) + EXIF_BLOCK)]))
        content[content.index(b"iloc") + 8] = 0x34

        with pytest.raises(UnreadableImage, match="numbers of 3 bytes"):
            read(bytes(content), ImageFormat.HEIC)

    def test_a_metadata_item_beyond_the_limit_is_left_out(self) -> None:
        found = read(
            heic(items=[heif.Item(b"mime", XMP + bytes(9_000), b"application/rdf+xml\0")]),
            ImageFormat.HEIC,
            ReaderLimits(max_block_bytes=9_000),
        )

        assert found.warnings == ("XMP: a block of more than 9000 bytes was left out.",)

    @pytest.mark.parametrize("method", [2, 1])
    def test_a_metadata_item_stored_in_another_way_is_left_out(self, method: int) -> None:
        content = bytearray(heic(items=[heif.Item(b"Exif", bytes(4) + EXIF_BLOCK)]))
        struct.pack_into(">H", content, content.index(b"iloc") + 12 + 16 + 2, method)

        found = read(bytes(content), ImageFormat.HEIC)

        assert found.warnings == ("EXIF: the block is stored in a way that is not supported.",)

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (photo("heic-plain.heic").content[:-1], "incomplete"),
            (heif.brands("hevc"), "no meta box"),
            (heif.brands("hevc") + heif.full_box(b"meta", b""), "no primary item"),
            (
                heif.brands("hevc") + heif.full_box(b"meta", b"\0\0\0\3free"),
                "impossible size",
            ),
            (heic(primary=9), "no primary item"),
            (heif.isobmff_file(heif.brands("hevc"), [heif.Item(b"hvc1", b"x")], []), "no dimensions"),
            (heif.heif(Blocks(), "hevc", width=0), "no dimensions"),
            (heif.brands("hevc") + heif.box(b"free", b"") * 60, "more than 50 boxes"),
            (
                heif.brands("hevc") + heif.full_box(b"meta", bytes(4_000)),
                "meta box has more than 3000 bytes",
            ),
            (heic(items=[heif.Item(b"mime", b"")] * 30), "more than 20 items"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(UnreadableImage, match=why):
            read(
                content,
                ImageFormat.HEIC,
                ReaderLimits(max_structures=50, max_items=5, max_block_bytes=3_000),
            )


def test_a_value_that_does_not_fit_the_document_is_left_out_and_the_next_is_kept() -> None:
    exif = Ifd({0x010E: ascii_text("x" * 500), 0x010F: ascii_text("Maker"), 0x0110: ascii_text("y" * 300)})

    found = read(
        jpeg.jpeg(Blocks(exif=exif, iptc=IPTC)), ImageFormat.JPEG, ReaderLimits(max_document_bytes=450)
    )

    assert found.exif == {"Make": "Maker", "Model": "y" * 300}
    assert found.iptc == {"City": "Bern"}
    assert found.warnings == ("The file has more metadata than the limits allow; the rest was left out.",)


def test_a_file_s_own_block_counts_before_one_in_a_tag() -> None:
    exif = Ifd(
        {0x02BC: undefined(xmp.packet([xmp.simple("photoshop:City", "Genf")])), 0x83BB: undefined(IPTC)}
    )

    found = read(jpeg.jpeg(Blocks(exif=exif, xmp=XMP)), ImageFormat.JPEG)

    assert (found.xmp, found.iptc) == (XMP_TAGS, {"City": "Bern"})


def test_warnings_are_unique_and_limited_in_number() -> None:
    exif = Ifd({tag: Field(FieldType.ASCII, raw=b"xy\0") for tag in range(0xC000, 0xC010)})

    found = read(
        jpeg.jpeg(Blocks(exif=exif)), ImageFormat.JPEG, ReaderLimits(max_text_length=1, max_warnings=3)
    )

    assert len(found.warnings) == 3


@pytest.mark.parametrize("value", [0, 9])
def test_an_orientation_out_of_range_is_none(value: int) -> None:
    assert read(jpeg.jpeg(Blocks(exif=Ifd({0x0112: short(value)}))), ImageFormat.JPEG).orientation == 1


class TestIptcDigest:
    @pytest.mark.parametrize(
        ("digest", "changed"),
        [
            (hashlib.md5(IPTC).digest(), False),
            (hashlib.md5(IPTC + bytes(-len(IPTC) % 4)).digest(), False),
            (hashlib.md5(b"before").digest(), True),
            (bytes(16), False),
            (b"short", False),
            (None, False),
        ],
    )
    def test_iptc_was_changed_last_if_its_digest_is_another(
        self, digest: bytes | None, *, changed: bool
    ) -> None:
        resources = iptc.image_resource(0x0404, IPTC)
        if digest is not None:
            resources += iptc.image_resource(0x0425, digest)

        assert read(
            with_segments(jpeg.photoshop_segments(resources)), ImageFormat.JPEG
        ).iptc_changed_last is (changed)

    @pytest.mark.parametrize("changed", [True, False])
    def test_a_tiff_keeps_the_digest_in_its_photoshop_tag(self, *, changed: bool) -> None:
        padded = IPTC + bytes(-len(IPTC) % 4)
        digest = hashlib.md5(b"before" if changed else IPTC).digest()
        blocks = Blocks(
            exif=Ifd({tiff.PHOTOSHOP: undefined(iptc.image_resource(0x0425, digest))}), iptc=padded
        )

        found = read(tiff.tiff(blocks), ImageFormat.TIFF)

        assert (found.iptc, found.iptc_changed_last) == ({"City": "Bern"}, changed)


class TestIcc:
    @pytest.mark.parametrize("version", [2, 4])
    def test_a_profile_is_identified(self, version: int) -> None:
        found = read(jpeg.jpeg(Blocks(icc=icc.profile("Factory RGB", version=version))), ImageFormat.JPEG)

        assert found.icc == {
            "description": "Factory RGB",
            "color_space": "RGB",
            "connection_space": "XYZ",
            "device_class": "display",
            "version": "4.2.0" if version == 4 else "2.1.0",
            "copyright": "No rights reserved",
        }

    def test_an_english_text_is_preferred(self) -> None:
        german, english = "Fabrik".encode("utf-16-be"), "Factory".encode("utf-16-be")
        texts = b"mluc" + struct.pack(">II", 0, 2) + struct.pack(">I", 12)
        texts += (
            b"deCH"
            + struct.pack(">II", len(german), 40)
            + b"enUS"
            + struct.pack(">II", len(english), 40 + len(german))
        )
        own = bytearray(icc.profile("x"))
        struct.pack_into(">II", own, 128 + 4 + 4, len(own), len(texts) + len(german) + len(english))

        found = read(jpeg.jpeg(Blocks(icc=bytes(own) + texts + german + english)), ImageFormat.JPEG)

        assert found.icc["description"] == "Factory"

    def test_an_empty_text_hides_no_other(self) -> None:
        german = "Fabrik".encode("utf-16-be")
        texts = b"mluc" + struct.pack(">III", 0, 2, 12)
        texts += b"enUS" + struct.pack(">II", 0, 40) + b"deCH" + struct.pack(">II", len(german), 40)
        own = bytearray(icc.profile("x"))
        struct.pack_into(">II", own, 128 + 4 + 4, len(own), len(texts) + len(german))

        found = read(jpeg.jpeg(Blocks(icc=bytes(own) + texts + german)), ImageFormat.JPEG)

        assert found.icc["description"] == "Fabrik"

    @pytest.mark.parametrize("damaged", [b"x" * 10, b"x" * 400])
    def test_a_damaged_profile_is_left_out(self, damaged: bytes) -> None:
        found = read(jpeg.jpeg(Blocks(icc=damaged)), ImageFormat.JPEG)

        assert (found.icc, found.warnings) == ({}, ("ICC: the profile is damaged and was left out.",))

    def test_a_text_of_an_unknown_kind_is_left_out(self) -> None:
        odd = icc.profile("Factory RGB").replace(b"mluc", b"odd ")

        assert "description" not in read(jpeg.jpeg(Blocks(icc=odd)), ImageFormat.JPEG).icc
