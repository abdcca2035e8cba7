"""Makes the small images that the product ships: a good one of each format, and one in sRGB.

``python -m tests.support.image_factory.reference_images`` writes them to where the adapter keeps them.
Other versions of the encoders make other bytes: they are written anew only when there is a reason to.
"""

import io
from pathlib import Path

from PIL import ImageCms

from tests.support.image_factory import heif, pixels
from tests.support.image_factory.blocks import Blocks

SIDE = 16
"""The side in pixels, except for HEIC and AVIF, whose pictures have one size."""
ADAPTER = Path(__file__).parents[3] / "src" / "adapters" / "imagemagick"
FOLDER = ADAPTER / "reference_images"
SRGB_IMAGE = ADAPTER / "color_profiles" / "srgb.jpg"
PROFILE_DATE = slice(24, 36)


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


def srgb_image() -> bytes:
    """An image with the sRGB profile that Little CMS builds and gives away ("No copyright, use freely")."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[PROFILE_DATE] = bytes(len(profile[PROFILE_DATE]))
    output = io.BytesIO()
    pixels.image("L", SIDE, SIDE).save(output, "JPEG", icc_profile=bytes(profile))
    return output.getvalue()


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
    SRGB_IMAGE.parent.mkdir(exist_ok=True)
    SRGB_IMAGE.write_bytes(srgb_image())


if __name__ == "__main__":
    main()
