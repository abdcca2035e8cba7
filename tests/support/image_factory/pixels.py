"""The small picture that every photo shows: a gradient with a disc, the same for all formats."""

from functools import cache

from PIL import Image

WIDTH = 96
HEIGHT = 64


@cache
def rgb(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The picture as rows of 8-bit red, green and blue samples."""
    samples = bytearray()
    for y in range(height):
        for x in range(width):
            disc = (x - width * 3 // 8) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2
            samples += bytes((250, 220, 40) if disc else (x * 255 // width, y * 255 // height, 128))
    return bytes(samples)


def grey(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The picture as rows of 8-bit luminance samples."""
    samples = rgb(width, height)
    return bytes(
        (samples[at] * 2 + samples[at + 1] * 5 + samples[at + 2]) // 8 for at in range(0, len(samples), 3)
    )


def image(mode: str = "RGB", width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """The picture for Pillow, which encodes the formats that have no simple uncompressed form."""
    return Image.frombytes("RGB", (width, height), rgb(width, height)).convert(mode)
