"""Photos as large as a camera's, with all the metadata of our test photos."""

import io
from pathlib import Path

from PIL import Image
from tests.support.image_factory import heif, jpeg, pixels, png, tiff, webp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.catalogue import complete
from tests.support.image_factory.tiff_structure import DataBlocks, Ifd, long, short, tiff_structure

TWELVE_MEGAPIXELS = (4000, 3000)
TWENTY_FOUR_MEGAPIXELS = (6000, 4000)
TIFF_ROWS_A_STRIP = 64
PNG_BYTES_A_CHUNK = 8192
"""Bytes that libpng, and so most programs, write to a chunk of image data."""
HEIC_BYTES_A_TILE = 40_000
"""Bytes of a tile in a phone's photo; our tiles compress to far less and are padded."""


def large_photos(folder: Path) -> dict[str, Path]:
    """Return the photos by their names in the tables, creating those that are missing in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        "JPEG 24 MP": ("photo.jpg", _jpeg),
        "PNG 12 MP": ("photo.png", _png),
        "TIFF 12 MP": ("photo.tif", _tiff),
        "WebP 12 MP": ("photo.webp", _webp),
        "HEIC 12 MP": ("photo.heic", _heic),
    }
    photos = {}
    for name, (file_name, write) in writers.items():
        path = folder / file_name
        if not path.exists():
            path.write_bytes(write())
        photos[name] = path
    return photos


def _picture(size: tuple[int, int]) -> Image.Image:
    """Create the factory's picture with sensor noise, so that it compresses like a photo."""
    smooth = pixels.image().resize(size, Image.Resampling.BICUBIC)
    noise = Image.effect_noise(size, 24).convert("RGB")
    return Image.blend(smooth, noise, 0.25)


def _blocks(image_format: str, *, with_iptc: bool = False) -> Blocks:
    blocks, _ = complete(image_format, order="<", with_iptc=with_iptc)
    return blocks


def _jpeg() -> bytes:
    output = io.BytesIO()
    _picture(TWENTY_FOUR_MEGAPIXELS).save(output, "JPEG", quality=90)
    content = output.getvalue()
    return content[:2] + jpeg.metadata_segments(_blocks("jpeg", with_iptc=True)) + content[2:]


def _png() -> bytes:
    output = io.BytesIO()
    _picture(TWELVE_MEGAPIXELS).save(output, "PNG", compress_level=1)
    content, blocks = output.getvalue(), _blocks("png")
    header_end = len(png.SIGNATURE) + 25
    metadata = png.chunk(b"eXIf", blocks.exif_block or b"")
    metadata += png.international_text("XML:com.adobe.xmp", blocks.xmp or b"")
    compressed, at = b"", header_end
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IDAT":
            compressed += content[at + 8 : at + 8 + size]
        at += size + 12
    image_data = b"".join(
        png.chunk(b"IDAT", compressed[start : start + PNG_BYTES_A_CHUNK])
        for start in range(0, len(compressed), PNG_BYTES_A_CHUNK)
    )
    header = content[:header_end] + png.icc_chunk(blocks.icc or b"")
    return header + metadata + image_data + png.chunk(b"IEND", b"")


def _tiff() -> bytes:
    width, height = TWELVE_MEGAPIXELS
    samples, stride = _picture(TWELVE_MEGAPIXELS).tobytes(), width * 3 * TIFF_ROWS_A_STRIP
    strips = tuple(samples[at : at + stride] for at in range(0, len(samples), stride))
    entries = tiff.picture_entries() | tiff.metadata_entries(_blocks("tiff"))
    entries |= {
        256: short(width),
        257: short(height),
        273: DataBlocks(strips),
        278: short(TIFF_ROWS_A_STRIP),
        279: long(*(len(strip) for strip in strips)),
    }
    return tiff_structure(Ifd(entries), "<")


def _webp() -> bytes:
    output = io.BytesIO()
    _picture(TWELVE_MEGAPIXELS).save(output, "WEBP", quality=80, method=0)
    blocks = _blocks("webp")
    width, height = TWELVE_MEGAPIXELS
    return webp.riff(
        webp.extended_header(webp.EXIF | webp.XMP | webp.ICC, width, height)
        + webp.chunk(b"ICCP", blocks.icc or b"")
        + output.getvalue()[12:]
        + webp.chunk(b"EXIF", blocks.exif_block or b"")
        + webp.chunk(b"XMP ", blocks.xmp or b"")
    )


def _heic() -> bytes:
    width, height = TWELVE_MEGAPIXELS
    columns, rows = -(-width // heif.TILE), -(-height // heif.TILE)
    return heif.phone_heic(
        _blocks("heic"), columns, rows, width=width, height=height, padding=HEIC_BYTES_A_TILE
    )
