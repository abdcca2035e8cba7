"""A small good image of each format, to distinguish a faulty reader from a faulty file."""

from pathlib import Path

from domain.shared.image_format import ImageFormat

_FOLDER = Path(__file__).parent / "reference_images"


def reference_image(image_format: ImageFormat) -> Path:
    """Return the path of the good image of this format."""
    return _FOLDER / f"reference.{image_format.extension}"
