"""A small good image of each format, which tells a reader that is at fault from a file that is."""

from pathlib import Path

from domain.shared.image_format import ImageFormat

_FOLDER = Path(__file__).parent / "reference_images"


def reference_image(image_format: ImageFormat) -> Path:
    """The file of the good image of this format."""
    return _FOLDER / f"reference.{image_format.extension}"
