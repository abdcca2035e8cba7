"""JPEG, PNG, GIF and WebP files whose own structure contradicts itself."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import (
    TOO_LARGE,
    UNREADABLE,
    WITNESS_VALUES,
    HostileFile,
    accepted,
    either,
    jpeg_around,
    refused,
    witness_exif,
)
from tests.support.image_factory import gif, jpeg, png, webp
from tests.support.image_factory.blocks import Blocks

WITNESS = Blocks(exif=witness_exif())


def structure_abuse() -> Iterator[HostileFile]:
    """All of them."""
    yield from _jpeg()
    yield from _png()
    yield from _gif()
    yield from _webp()


def _jpeg() -> Iterator[HostileFile]:
    whole = jpeg_around()
    frame = whole.index(b"\xff\xc0")
    scan = whole.index(b"\xff\xda")
    frame_size = 2 + int.from_bytes(whole[frame + 2 : frame + 4], "big")
    huge_frame = bytearray(whole[frame : frame + frame_size])
    huge_frame[5:9] = struct.pack(">HH", 65_500, 65_500)

    def patched(at: int, value: bytes) -> bytes:
        return whole[:at] + value + whole[at + len(value) :]

    yield refused("structure-no-frame.jpg", lambda: whole[:frame] + whole[frame + frame_size :], UNREADABLE)
    yield refused("structure-no-scan.jpg", lambda: whole[:scan] + b"\xff\xd9", UNREADABLE)
    yield refused("structure-no-picture.jpg", lambda: b"\xff\xd8\xff\xd9", UNREADABLE)
    yield refused("structure-segment-length-0.jpg", lambda: patched(4, b"\0\0"), UNREADABLE)
    yield refused("structure-segment-length-1.jpg", lambda: patched(4, b"\0\1"), UNREADABLE)
    yield refused("structure-frame-cut.jpg", lambda: patched(frame + 2, b"\0\7"), UNREADABLE)
    for name, segments in {
        "small-first": whole[frame : frame + frame_size] + bytes(huge_frame),
        "huge-first": bytes(huge_frame) + whole[frame : frame + frame_size],
    }.items():
        yield either(
            f"structure-frames-{name}.jpg",
            lambda s=segments: whole[:frame] + s + whole[frame + frame_size :],
            UNREADABLE,
            TOO_LARGE,
        )
    yield either("structure-components-0.jpg", lambda: patched(frame + 9, b"\0"), values=WITNESS_VALUES)
    yield either("structure-components-255.jpg", lambda: patched(frame + 9, b"\xff"), values=WITNESS_VALUES)
    yield either("structure-precision-12.jpg", lambda: patched(frame + 4, b"\x0c"), values=WITNESS_VALUES)
    yield either("structure-precision-0.jpg", lambda: patched(frame + 4, b"\0"), values=WITNESS_VALUES)
    yield refused("structure-height-0.jpg", lambda: patched(frame + 5, b"\0\0"), UNREADABLE)
    yield either("structure-arithmetic.jpg", lambda: patched(frame + 1, b"\xc9"), values=WITNESS_VALUES)
    yield either("structure-lossless.jpg", lambda: patched(frame + 1, b"\xc3"), values=WITNESS_VALUES)
    picture = jpeg.encoded()
    within = jpeg.segment(0xE0, picture[:2] + picture[2:])
    yield accepted("structure-picture-in-segment.jpg", lambda: jpeg_around(within), values=WITNESS_VALUES)


def _png() -> Iterator[HostileFile]:
    whole = png.png(WITNESS)
    end = png.chunk(b"IEND", b"")

    def with_header(bit_depth: int, color_type: int, *rest: int) -> bytes:
        value = struct.pack(">IIBBBBB", 96, 64, bit_depth, color_type, *(rest or (0, 0, 0)))
        return png.SIGNATURE + png.chunk(b"IHDR", value) + png.image_data() + end

    def patched(at: int, value: bytes) -> bytes:
        return whole[:at] + value + whole[at + len(value) :]

    data = whole.index(b"IDAT") - 4
    for name, header in {
        "depth-0": (0, 2),
        "depth-3": (3, 2),
        "depth-255": (255, 0),
        "type-1": (8, 1),
    }.items():
        yield either(f"structure-{name}.png", lambda h=header: with_header(*h))
    yield either("structure-interlace-9.png", lambda: with_header(8, 2, 0, 0, 9))
    yield either("structure-compression-9.png", lambda: with_header(8, 2, 9, 0, 0))
    yield refused("structure-no-header.png", lambda: png.SIGNATURE + png.image_data() + end, UNREADABLE)
    yield refused("structure-no-data.png", lambda: png.SIGNATURE + png.header(96, 64) + end, UNREADABLE)
    yield either("structure-header-sum.png", lambda: patched(29, b"\0\0\0\0"), values=WITNESS_VALUES)
    yield refused("structure-chunk-length.png", lambda: patched(data, b"\x7f\xff\xff\xff"), UNREADABLE)
    yield refused(
        "structure-chunk-length-negative.png", lambda: patched(data, b"\xff\xff\xff\xff"), UNREADABLE
    )
    yield either(
        "structure-headers-two.png",
        lambda: whole[:33] + png.header(50_000, 50_000) + whole[33:],
        UNREADABLE,
        TOO_LARGE,
        values=WITNESS_VALUES,
    )
    yield either("structure-palette-missing.png", lambda: with_header(8, 3))
    yield accepted(
        "structure-keyword-endless.png",
        lambda: png.png(WITNESS, extra=[png.chunk(b"iTXt", b"x" * 100_000), png.chunk(b"zTXt", b"")]),
        values=WITNESS_VALUES,
    )
    yield accepted(
        "structure-profile-odd.png",
        lambda: png.png(
            WITNESS,
            extra=[
                png.compressed_text("Raw profile type exif", b"\nexif\n      10\n4578696600004d4d002\n"),
                png.compressed_text("Raw profile type xmp", b"\nxmp\n -5\nzz\n"),
                png.compressed_text("Raw profile type iptc", b""),
            ],
        ),
        values=WITNESS_VALUES,
    )


def _gif() -> Iterator[HostileFile]:
    screen, frame = gif.screen(b"GIF89a", 96, 64), gif.frame(96, 64, bytes(96 * 64))
    yield refused("structure-no-frame.gif", lambda: screen + gif.TRAILER, UNREADABLE)
    yield accepted("structure-unknown-block.gif", lambda: screen + b"\x99" + frame + gif.TRAILER)
    yield either(
        "structure-unknown-extension.gif", lambda: screen + b"\x21\x42\x01x\0" + frame + gif.TRAILER
    )
    yield either(
        "structure-code-size.gif", lambda: screen + frame[:10] + b"\xff" + frame[11:] + gif.TRAILER
    )
    yield either(
        "structure-palettes.gif",
        lambda: screen + (frame[:9] + b"\x87" + bytes(768) + frame[10:]) * 200 + gif.TRAILER,
    )
    yield either(
        "structure-icc-lies.gif", lambda: screen + gif.icc_extension(b"\xff" * 200) + frame + gif.TRAILER
    )


def _webp() -> Iterator[HostileFile]:
    whole = webp.webp(WITNESS)
    picture = webp.image_chunk()

    def patched(at: int, value: bytes) -> bytes:
        return whole[:at] + value + whole[at + len(value) :]

    def extended(*chunks: bytes) -> bytes:
        return webp.riff(webp.extended_header(webp.EXIF, 96, 64) + b"".join(chunks))

    witness = webp.chunk(b"EXIF", WITNESS.exif_block or b"")
    sizes = {"zero": 0, "small": 20, "huge": 0x7FFFFFFF, "largest": 0xFFFFFFFF}
    for name, size in sizes.items():
        yield either(
            f"structure-file-size-{name}.webp",
            lambda s=size: patched(4, struct.pack("<I", s)),
            subset_of=WITNESS_VALUES,
        )
        for kind in (b"VP8X", b"VP8 ", b"EXIF"):
            at = whole.index(kind) + 4
            yield either(
                f"structure-{kind.decode().strip().lower()}-size-{name}.webp",
                lambda a=at, s=size: patched(a, struct.pack("<I", s)),
                subset_of=WITNESS_VALUES,
            )
    yield refused("structure-no-picture.webp", lambda: extended(witness), UNREADABLE)
    yield either(
        "structure-header-cut.webp", lambda: webp.riff(webp.chunk(b"VP8X", b"\x08") + picture + witness)
    )
    yield either("structure-exif-first.webp", lambda: webp.riff(witness + picture))
    yield either(
        "structure-exif-twice.webp", lambda: extended(picture, witness, webp.chunk(b"EXIF", b"junk"))
    )
    yield either("structure-pictures-two.webp", lambda: extended(picture, picture, witness))
    yield either("structure-frame-cut.webp", lambda: extended(webp.chunk(b"ANMF", bytes(8)), witness))
    yield either(
        "structure-signature-wrong.webp", lambda: webp.riff(picture.replace(b"\x9d\x01\x2a", b"\0\0\0", 1))
    )
    yield either(
        "structure-lossless-junk.webp",
        lambda: webp.riff(webp.chunk(b"VP8L", b"\x2f" + b"\xff" * 64)),
        UNREADABLE,
        TOO_LARGE,
    )
