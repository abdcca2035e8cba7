"""Makes the small good images that the product ships, one of each format.

``python -m tests.support.image_factory.reference_images`` writes them to where the adapter keeps them.
Other versions of the encoders make other bytes: they are written anew only when there is a reason to.
"""

import io
from pathlib import Path

from tests.support.image_factory import heif, pixels
from tests.support.image_factory.blocks import Blocks

SIDE = 16
"""Pixels of a side, but for HEIC and AVIF, of whose pictures there is one size."""
FOLDER = Path(__file__).parents[3] / "src" / "adapters" / "imagemagick" / "reference_images"


def reference_images() -> dict[str, bytes]:
    """The images by the names of their files."""
    return {
        "reference.jpg": _encoded("JPEG"),
        "reference.png": _encoded("PNG"),
        "reference.gif": _encoded("GIF"),
        "reference.webp": _encoded("WEBP"),
        "reference.tif": _encoded("TIFF"),
        "reference.heic": heif.heif(Blocks(), "hevc"),
        "reference.avif": heif.heif(Blocks(), "av1"),
    }


def _encoded(encoder: str) -> bytes:
    output = io.BytesIO()
    # Eight levels of grey make a small palette, and every format has greys.
    picture = pixels.image("L", SIDE, SIDE).point(lambda level: level // 32 * 32)
    picture.convert("RGB" if encoder == "WEBP" else "L").save(output, encoder)
    return output.getvalue()


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in reference_images().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
