"""What clients declare of a file."""

import pytest

from domain.images.declared import declared_format, served_filename
from domain.images.errors import UnsupportedImageType
from domain.shared.image_format import ImageFormat


@pytest.mark.parametrize(
    "content_type", [None, "", ";", "application/octet-stream", "Application/Octet-Stream; charset=binary"]
)
def test_a_type_that_says_nothing_leaves_the_format_to_the_bytes(content_type: str | None) -> None:
    assert declared_format(content_type, ImageFormat) is None


@pytest.mark.parametrize(
    ("content_type", "image_format"),
    [
        ("image/jpeg", ImageFormat.JPEG),
        ("IMAGE/JPG ; q=1", ImageFormat.JPEG),
        ("image/heic-sequence", ImageFormat.HEIC),
        ("image/heif-sequence", ImageFormat.HEIC),
        ("image/x-tiff", ImageFormat.TIFF),
        ("image/avif;codecs=av01", ImageFormat.AVIF),
        ("image/apng", ImageFormat.PNG),
    ],
)
def test_aliases_and_parameters_do_not_matter(content_type: str, image_format: ImageFormat) -> None:
    assert declared_format(content_type, ImageFormat) is image_format


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "image/bmp", "image/", "jpeg"])
def test_a_type_that_no_format_has_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedImageType, match="image/jpeg"):
        declared_format(content_type, ImageFormat)


def test_a_format_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(UnsupportedImageType):
        declared_format("image/tiff", {ImageFormat.JPEG})


@pytest.mark.parametrize(
    ("filename", "image_format", "served"),
    [
        ("photo.jpg", ImageFormat.JPEG, "photo.jpg"),
        ("photo.JPEG", ImageFormat.JPEG, "photo.JPEG"),
        ("photo.jpg", ImageFormat.PNG, "photo.jpg.png"),
        ("page.html", ImageFormat.GIF, "page.html.gif"),
        ("photo", ImageFormat.WEBP, "photo.webp"),
        ("IMG_1.CR2", ImageFormat.TIFF, "IMG_1.CR2"),
        (".heif", ImageFormat.HEIC, ".heif"),
        (None, ImageFormat.HEIC, "0123.heic"),
        ("", ImageFormat.TIFF, "0123.tif"),
    ],
)
def test_the_extension_that_is_served_fits_the_real_format(
    filename: str | None, image_format: ImageFormat, served: str
) -> None:
    assert served_filename(filename, "0123", image_format) == served
