"""Pictures for the tests of renditions, and functions to compare them."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageCms, ImageDraw

Color = tuple[int, ...]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
CORNERS = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1)}
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What Pillow does for each EXIF Orientation."""
TOLERANCE = 6
"""Of 255, for what a lossy format may change of a plain colour."""


def encoded(image: Image.Image, encoder: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, encoder, **options)
    return output.getvalue()


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """A picture whose four quarters differ, so that each way to turn it shows."""
    image = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=RED)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill=BLUE)
    return image


def assert_alike(actual: Image.Image, expected: Image.Image, tolerance: int = TOLERANCE) -> None:
    """The two pictures have the same size, and the same colours in the middles of their quarters."""
    assert actual.size == expected.size
    mode = "RGBA" if "A" in expected.mode else "RGB"
    width, height = expected.size
    for corner, (right, lower) in CORNERS.items():
        at = (width * (1 + 2 * right) // 4, height * (1 + 2 * lower) // 4)
        assert actual.convert(mode).getpixel(at) == pytest.approx(
            expected.convert(mode).getpixel(at), abs=tolerance
        ), corner


def turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TRANSPOSITIONS[orientation]) if orientation > 1 else image


METADATA_WORDS = (
    b"Exif", b"exif", b"II*\0", b"MM\0*", b"http", b"xmp", b"XMP", b"rdf", b"RDF", b"adobe", b"Adobe",
    b"Photoshop", b"8BIM", b"ICC", b"acsp", b"mntr", b"desc", b"JFIF", b"\xff\xd8\xff", b"comment",
    b"Comment", b"Factory", b"NW-1", "Möwe".encode(), "Möwe".encode("latin-1"), b"gull", b"GPS",
    b"No rights reserved",
)  # fmt: skip
"""What the metadata of our photos, and the profile that colours are converted to, have in them."""


def chunks(webp: bytes) -> Iterator[bytes]:
    """The kinds of the chunks of a WebP (RFC 9649)."""
    at = 12
    while at < len(webp):
        yield webp[at : at + 4]
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)


SPECTRUM = [(200, 30, 90), (20, 160, 60), (40, 60, 200), (128, 128, 128)]


def patches(mode: str = "RGB") -> Image.Image:
    """Four plain colours that exist in every colour space."""
    image = Image.new(mode, (96, 64))
    for color, (right, lower) in zip(SPECTRUM, CORNERS.values(), strict=True):
        values = (*(255 - value for value in color), 30) if mode == "CMYK" else color
        image.paste(values, (48 * right, 32 * lower, 48 * right + 48, 32 * lower + 32))
    return image


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture as Little CMS converts it in Pillow."""
    return ImageCms.profileToProfile(
        image,
        io.BytesIO(profile),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
