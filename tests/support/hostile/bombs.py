"""Small files that claim, or expand to, far more than they contain."""

import struct
from collections.abc import Callable, Iterator

from domain.metadata.pixel_limits import PixelLimits
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
    zeros_deflated,
)
from tests.support.image_factory import gif, heif, iptc, jpeg, pixels, png, tiff, webp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import (
    Field,
    FieldType,
    Ifd,
    ascii_text,
    long,
    short,
    tiff_structure,
)

HUGE = 50_000
_CODECS: tuple[tuple[heif.Codec, str], ...] = (("hevc", "heic"), ("av1", "avif"))


def bombs() -> Iterator[HostileFile]:
    """All bombs."""
    yield from _pixels()
    yield from _frames()
    yield from _chunks()
    yield from _inflation()


def _jpeg_claiming(width: int, height: int, *, progressive: bool = False) -> bytes:
    picture = bytearray(jpeg.encoded(progressive=progressive))
    frame = picture.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    picture[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(picture)


def _png_claiming(width: int, height: int) -> bytes:
    return png.SIGNATURE + png.header(width, height) + png.image_data() + png.chunk(b"IEND", b"")


def _gif_claiming(width: int, height: int, frame_width: int, frame_height: int) -> bytes:
    frame = gif.frame(frame_width, frame_height, bytes(pixels.WIDTH * pixels.HEIGHT))
    return gif.screen(b"GIF89a", width, height) + frame + gif.TRAILER


def _webp_claiming(width: int, height: int) -> bytes:
    return webp.riff(webp.extended_header(webp.EXIF, width, height) + webp.image_chunk())


def _vp8_claiming(width: int, height: int) -> bytes:
    picture = bytearray(webp.image_chunk())
    picture[14:18] = struct.pack("<HH", width, height)
    return webp.riff(bytes(picture))


def _tiff_claiming(width: int, height: int, *, big: bool = False) -> bytes:
    number = FieldType.LONG8 if big else FieldType.LONG
    entries = tiff.picture_entries(big=big)
    return tiff_structure(
        Ifd({**entries, 256: Field(number, (width,)), 257: Field(number, (height,))}), big=big
    )


def _claiming(width: int, height: int, extension: str, make: Callable[[int, int], bytes]) -> HostileFile:
    """A file that claims these dimensions: it must be refused if they exceed a limit."""
    name = f"pixels-{width}x{height}.{extension}"
    limits = PixelLimits()
    if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
        return refused(name, lambda: make(width, height), TOO_LARGE)
    # A decoder may have limits of its own, below ours.
    right = {"width": width, "height": height}
    return either(name, lambda: make(width, height), TOO_LARGE, UNREADABLE, image=right)


def _pixels() -> Iterator[HostileFile]:
    for width, height in ((HUGE, HUGE), (HUGE, 1), (1, HUGE), (16_383, 16_383)):
        yield _claiming(width, height, "jpg", _jpeg_claiming)
        yield _claiming(width, height, "png", _png_claiming)
        # The frame must fit the screen, so both claim the size.
        yield _claiming(width, height, "gif", lambda w, h: _gif_claiming(w, h, w, h))
        yield _claiming(width, height, "webp", _webp_claiming)
        yield _claiming(width, height, "tif", _tiff_claiming)
        for codec, extension in _CODECS:
            yield _claiming(
                width, height, extension, lambda w, h, c=codec: heif.heif(Blocks(), c, width=w, height=h)
            )
    yield refused(
        "pixels-progressive.jpg", lambda: _jpeg_claiming(65_500, 65_500, progressive=True), TOO_LARGE
    )
    yield refused("pixels-vp8.webp", lambda: _vp8_claiming(16_383, 16_383), TOO_LARGE)
    yield refused(
        "pixels-bigtiff.tif", lambda: _tiff_claiming(1 << 60, 1 << 60, big=True), TOO_LARGE, UNREADABLE
    )
    yield refused(
        "pixels-4294967295.tif", lambda: _tiff_claiming(0xFFFFFFFF, 0xFFFFFFFF), TOO_LARGE, UNREADABLE
    )
    yield refused(
        "pixels-4294967295.heic",
        lambda: heif.heif(Blocks(), "hevc", width=0xFFFFFFFF, height=0xFFFFFFFF),
        TOO_LARGE,
        UNREADABLE,
    )
    yield refused(
        "pixels-2147483647.png", lambda: _png_claiming(0x7FFFFFFF, 0x7FFFFFFF), TOO_LARGE, UNREADABLE
    )
    yield refused("pixels-4294967295.png", lambda: _png_claiming(0xFFFFFFFF, 1), TOO_LARGE, UNREADABLE)
    yield either(
        "pixels-frame-outside-screen.gif",
        lambda: _gif_claiming(96, 64, 65_535, 65_535),
        UNREADABLE,
        TOO_LARGE,
    )
    yield either(
        "pixels-canvas-smaller-than-frame.webp",
        lambda: webp.riff(webp.extended_header(0, 96, 64) + _vp8_claiming(16_383, 16_383)[12:]),
        UNREADABLE,
        TOO_LARGE,
    )
    yield refused("pixels-none.jpg", lambda: _jpeg_claiming(0, 0), UNREADABLE)
    yield refused("pixels-none.png", lambda: _png_claiming(0, 64), UNREADABLE)
    yield refused("pixels-none.tif", lambda: _tiff_claiming(0, 0), UNREADABLE)
    yield refused("pixels-none.heic", lambda: heif.heif(Blocks(), "hevc", width=0, height=0), UNREADABLE)
    yield refused("pixels-none.avif", lambda: heif.heif(Blocks(), "av1", width=0, height=64), UNREADABLE)
    yield refused("pixels-none.webp", lambda: _vp8_claiming(0, 0), UNREADABLE)
    yield either("pixels-none.gif", lambda: _gif_claiming(0, 0, 96, 64))


def _frames() -> Iterator[HostileFile]:
    count = 20_000

    def many_gif_frames() -> bytes:
        frame = gif.frame(1, 1, b"\0", 1)
        return gif.screen(b"GIF89a", 96, 64) + gif.looping() + frame * count + gif.TRAILER

    def many_webp_frames() -> bytes:
        place = bytes(6) + (95).to_bytes(3, "little") + (63).to_bytes(3, "little") + b"\1\0\0\0"
        frame = webp.chunk(b"ANMF", place + webp.image_chunk())
        return webp.riff(
            webp.extended_header(webp.ANIMATION, 96, 64) + webp.chunk(b"ANIM", bytes(6)) + frame * 5_000
        )

    def many_tiff_pages() -> bytes:
        page = tiff.tiff(Blocks(order="<"))
        entries = 12 * int.from_bytes(page[8:10], "little")
        directory = page[8 : 10 + entries]
        # Every directory shares the strips of the first: 150 bytes of file for a page.
        start = len(page) + len(page) % 2
        chain = bytearray()
        for number in range(count):
            chain += directory + struct.pack(
                "<I", 0 if number == count - 1 else start + (number + 1) * (len(directory) + 4)
            )
        first = bytearray(page + bytes(len(page) % 2))
        first[10 + entries : 14 + entries] = struct.pack("<I", start)
        return bytes(first) + bytes(chain)

    size = {"width": 96, "height": 64}
    yield accepted("frames.gif", many_gif_frames, image=size | {"frames": count})
    yield accepted("frames.webp", many_webp_frames, image=size | {"frames": 5_000})
    yield either("frames.tif", many_tiff_pages, image=size)
    animation = png.chunk(b"acTL", struct.pack(">II", 0xFFFFFFFF, 0))
    yield either(
        "frames-claimed.png",
        lambda: png.png(Blocks(exif=witness_exif()), extra=[animation]),
        image=size | {"frames": 1},
        values=WITNESS_VALUES,
    )


def _chunks() -> Iterator[HostileFile]:
    many = 100_000
    witness = Blocks(exif=witness_exif())
    yield either(
        "chunks-empty.png",
        lambda: png.png(witness, extra=[png.chunk(b"teSt", b"") * many]),
        values=WITNESS_VALUES,
    )
    yield either(
        "chunks-text.png",
        lambda: png.png(witness, extra=[png.text("Comment", "x") * many]),
        values=WITNESS_VALUES,
    )
    yield accepted(
        "chunks-compressed-text.png",
        lambda: png.png(witness, extra=[png.compressed_text("Comment", b"x" * 100_000) * 1_000]),
        values=WITNESS_VALUES,
    )
    yield either(
        "chunks-comments.jpg", lambda: jpeg_around(jpeg.segment(0xFE, b"x") * many), values=WITNESS_VALUES
    )
    yield either(
        "chunks-empty.jpg", lambda: jpeg_around(jpeg.segment(0xE5, b"") * many), values=WITNESS_VALUES
    )
    fillers = {
        "fill-bytes": b"\xff" * 4_000_000,
        "stuffed-bytes": b"\xff\0" * 2_000_000,
        "stray-bytes": b"\0" * 4_000_000,
        "stray-byte-each": (b"\0" + jpeg.segment(0xFE, b"")) * many,
        "restart-markers": b"\xff\xd0" * many,
    }
    for name, filler in fillers.items():
        yield either(f"chunks-{name}.jpg", lambda f=filler: jpeg_around(f), values=WITNESS_VALUES)
    exif_segment = jpeg.metadata_segments(witness)
    yield either("chunks-exif.jpg", lambda: jpeg_around(exif_segment * 20_000), values=WITNESS_VALUES)
    resource = iptc.image_resource(0x0FA0, b"")
    yield accepted(
        "chunks-image-resources.jpg",
        lambda: jpeg_around(jpeg.photoshop_segments(resource * 100_000)),
        values=WITNESS_VALUES,
    )
    keyword = iptc.dataset(2, 25, b"x")
    yield accepted(
        "chunks-keywords.jpg",
        lambda: jpeg_around(jpeg.photoshop_segments(iptc.image_resources(keyword * 200_000))),
        values=WITNESS_VALUES,
    )
    exif = webp.chunk(b"EXIF", witness.exif_block or b"")
    yield either(
        "chunks-unknown.webp",
        lambda: webp.riff(
            webp.extended_header(webp.EXIF, 96, 64)
            + webp.image_chunk()
            + webp.chunk(b"ABCD", b"") * many
            + exif
        ),
        values=WITNESS_VALUES,
    )
    tiny_blocks = b"\x01x" * 200_000 + b"\0"
    yield either(
        "chunks-comment.gif",
        lambda: (
            gif.screen(b"GIF89a", 96, 64)
            + b"\x21\xfe"
            + tiny_blocks
            + gif.frame(96, 64, bytes(96 * 64))
            + gif.TRAILER
        ),
    )
    yield either(
        "chunks-comments.gif",
        lambda: (
            gif.screen(b"GIF89a", 96, 64)
            + gif.comment(b"x") * many
            + gif.frame(96, 64, bytes(96 * 64))
            + gif.TRAILER
        ),
    )
    directory = {0x0110: ascii_text("Witness 1")} | {tag: short(1) for tag in range(0xC000, 0xC000 + 5_000)}
    yield accepted(
        "chunks-fields.jpg",
        lambda: jpeg_around(jpeg.metadata_segments(Blocks(exif=Ifd(directory))), witness=False),
        values=WITNESS_VALUES,
    )
    full = {tag: short(1) for tag in range(0xC000, 0xC000 + 16_000)}
    yield either("chunks-fields.tif", lambda: tiff.tiff(Blocks(exif=Ifd(full))))
    yield either(
        "chunks-boxes.heic",
        lambda: heif.brands("hevc") + heif.box(b"free", b"") * many + heif.heif(Blocks(), "hevc")[28:],
    )
    shared = {tag: Field(FieldType.UNDEFINED, raw=bytes(60_000)) for tag in range(0xC000, 0xC001)}
    yield accepted(
        "chunks-shared-values.jpg",
        lambda: jpeg_around(jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE + _sharing(shared))),
        values=WITNESS_VALUES,
    )
    yield accepted(
        "chunks-shared-texts.jpg",
        lambda: jpeg_around(jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE + _shared_texts())),
        values=WITNESS_VALUES,
    )


def _sharing(entries: dict[int, Field]) -> bytes:
    """An EXIF block of 400 fields of 60 KB that all point to the same bytes."""
    return _overlapping(FieldType.UNDEFINED, 400, bytes(len(next(iter(entries.values())).raw or b"")))


def _shared_texts() -> bytes:
    return _overlapping(FieldType.ASCII, 400, b"x" * 59_999 + b"\0")


def _overlapping(kind: FieldType, count: int, value: bytes) -> bytes:
    at = 8 + 2 + 12 * count + 4
    table = b"".join(struct.pack("<HHII", 0xC000 + number, kind, len(value), at) for number in range(count))
    return struct.pack("<2sHIH", b"II", 42, 8, count) + table + bytes(4) + value


def _inflation() -> Iterator[HostileFile]:
    size = 200 * 1024 * 1024
    witness = Blocks(exif=witness_exif())
    bodies = {
        "ztxt": lambda: png.chunk(b"zTXt", b"Comment\0\0" + zeros_deflated(size)),
        "itxt": lambda: png.chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros_deflated(size)),
        "xmp": lambda: png.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros_deflated(size)),
        "exif": lambda: png.chunk(b"zTXt", b"Raw profile type exif\0\0" + zeros_deflated(size)),
        "iptc": lambda: png.chunk(b"zTXt", b"Raw profile type iptc\0\0" + zeros_deflated(size)),
        "icc": lambda: png.chunk(b"iCCP", b"profile\0\0" + zeros_deflated(size)),
    }
    for name, body in bodies.items():
        yield either(
            f"inflation-{name}.png", lambda b=body: png.png(witness, extra=[b()]), values=WITNESS_VALUES
        )
    yield either(
        "inflation-many.png",
        lambda: png.png(
            witness, extra=[png.chunk(b"zTXt", b"Comment\0\0" + zeros_deflated(8 << 20))] * 100
        ),
        values=WITNESS_VALUES,
    )
    yield either(
        "inflation-pixels.png",
        lambda: (
            png.SIGNATURE
            + png.header(96, 64)
            + png.chunk(b"IDAT", zeros_deflated(size))
            + png.chunk(b"IEND", b"")
        ),
    )
    yield accepted(
        "inflation-broken.png",
        lambda: png.png(
            witness, extra=[png.chunk(b"zTXt", b"Raw profile type xmp\0\0" + b"\x78\x9c\xff\xff\xff")]
        ),
        values=WITNESS_VALUES,
    )
    yield accepted(
        "inflation-claimed-length.png",
        lambda: png.png(
            witness,
            extra=[png.compressed_text("Raw profile type iptc", b"\niptc\n99999999999999999999\n00")],
        ),
        values=WITNESS_VALUES,
    )
    yield either(
        "inflation-strips.tif",
        lambda: tiff_structure(
            Ifd({**tiff.picture_entries(), 259: short(8), 273: long(8), 279: long(0xFFFFFFFF)})
        ),
    )
