"""What clients declare of a file."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.declared import (
    MAX_FILENAME_BYTES,
    clean_filename,
    declared_format,
    parse_sha256,
    served_filename,
)
from domain.images.errors import UnsupportedImageType
from domain.shared.errors import InvalidRequest
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
    with pytest.raises(UnsupportedImageType) as refusal:
        declared_format(content_type, {ImageFormat.PNG, ImageFormat.JPEG})
    assert refusal.value.detail == (
        "content_type must be one of image/jpeg, image/png, or application/octet-stream, or be omitted."
    )


def test_a_format_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(UnsupportedImageType):
        declared_format("image/tiff", {ImageFormat.JPEG})


@pytest.mark.parametrize(
    ("filename", "image_format", "served"),
    [
        ("photo.jpg", ImageFormat.JPEG, "photo.jpg"),
        ("photo.JPEG", ImageFormat.JPEG, "photo.JPEG"),
        ("my.own.photo.jpg", ImageFormat.JPEG, "my.own.photo.jpg"),
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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "00" * 31,
        "z" * 64,
        "é" * 64,
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(32)).decode() + "\n",
    ],
)
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_sha256(text)
    [error] = refused.value.errors
    assert (error.field, error.message) == (
        "sha256",
        "must be a SHA-256 checksum: 64 hexadecimal digits, or 32 bytes in base 64",
    )
    assert refused.value.detail == f"sha256 {error.message}."


@given(st.binary(min_size=32, max_size=32))
def test_a_checksum_is_read_in_both_spellings(digest: bytes) -> None:
    assert parse_sha256(digest.hex()) == parse_sha256(base64.b64encode(digest).decode()) == digest.hex()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("\x00\u202egpj.exe", "gpj.exe"),
        (" spaced.jpg ", "spaced.jpg"),
        ("\udc80.jpg", ".jpg"),
        ("folder/", ""),
    ],
)
def test_a_file_name_is_kept_without_folders_and_controls(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


def test_a_file_name_may_have_the_length_that_file_systems_allow() -> None:
    assert clean_filename("é" * 127) == "é" * 127
    assert clean_filename("a" * MAX_FILENAME_BYTES) == "a" * MAX_FILENAME_BYTES
    with pytest.raises(InvalidRequest) as refusal:
        clean_filename("é" * 128)
    [error] = refusal.value.errors
    assert (error.field, error.message) == ("filename", "must be at most 255 bytes long in UTF-8")
    assert refusal.value.detail == "filename must be at most 255 bytes long in UTF-8."


@given(st.text())
def test_any_file_name_is_cleaned_or_refused(name: str) -> None:
    try:
        kept = clean_filename(name)
    except InvalidRequest:
        return
    assert "/" not in kept
    assert kept.isprintable()
    assert len(kept.encode()) <= MAX_FILENAME_BYTES
