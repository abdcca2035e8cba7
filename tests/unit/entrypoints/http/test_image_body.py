"""The image in a request body, and the name that a form gives it."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from hypothesis import given
from hypothesis import strategies as st

from domain.images.errors import UnsupportedImageType
from domain.shared.errors import InvalidRequest
from entrypoints.http.image_body import ImageBody, read_image_body

FORM = "multipart/form-data; boundary=frontier"


def read(body: bytes, content_type: str | None, **headers: str) -> ImageBody:
    sent: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type is not None:
        sent["content-type"] = content_type
    event = {"headers": sent, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return read_image_body(APIGatewayProxyEventV2(event))


def form(disposition: bytes, *fields: bytes, content: bytes = b"bytes") -> bytes:
    parts = [*fields, b"Content-Disposition: " + disposition + b"\r\n\r\n" + content]
    return b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"


def named(filename: bytes) -> bytes:
    return b'form-data; name="file"; filename="' + filename + b'"'


def test_raw_bytes_are_the_image() -> None:
    assert read(b"bytes", "image/anything") == ImageBody(b"bytes")
    assert read(b"bytes", "application/octet-stream; x=1") == ImageBody(b"bytes")


@pytest.mark.parametrize(
    ("body", "content_type", "field"),
    [
        (b"", "image/jpeg", "body"),
        (b"", "application/octet-stream", "body"),
        (form(named(b"a.jpg"), content=b""), FORM, "file"),
    ],
)
def test_an_empty_image_is_reported_as_empty(body: bytes, content_type: str, field: str) -> None:
    with pytest.raises(InvalidRequest, match="empty") as refused:
        read(body, content_type)
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize("content_type", [None, "text/plain", "x"])
def test_other_types_are_refused(content_type: str | None) -> None:
    with pytest.raises(UnsupportedImageType):
        read(b"bytes", content_type)


@pytest.mark.parametrize(
    ("filename", "language", "expected"),
    [
        ("Été.jpg".encode(), "", "Été.jpg"),
        ("Été.jpg".encode("latin-1"), "", "Été.jpg"),
        ("“Été”.jpg".encode("cp1252"), "de-DE,de;q=0.9", "“Été”.jpg"),
        ("写真.jpg".encode("cp932"), "ja", "写真.jpg"),
        ("照片.jpg".encode("gb18030"), "zh-CN,zh;q=0.9", "照片.jpg"),
        ("照片.jpg".encode("cp950"), "zh-TW", "照片.jpg"),
        ("фото.jpg".encode("cp1251"), "ru-RU,ru;q=0.9,en;q=0.8", "фото.jpg"),
        ("zdjęcie.jpg".encode("cp1250"), "pl", "zdjęcie.jpg"),
        (b"\x81\x8d.jpg", "", "\x81\x8d.jpg"),
    ],
)
def test_a_filename_in_another_encoding_is_read(filename: bytes, language: str, expected: str) -> None:
    assert read(form(named(filename)), FORM, accept_language=language).filename == expected


def test_the_form_can_say_in_which_encoding_its_names_are() -> None:
    charset = b'Content-Disposition: form-data; name="_charset_"\r\n\r\nkoi8-r'
    assert read(form(named("фото.jpg".encode("koi8-r")), charset), FORM).filename == "фото.jpg"


@pytest.mark.parametrize("charset", [b"no-such-charset", b"", b"\xff\xfe", b"zlib", b"x" * 5000])
def test_an_unknown_encoding_is_ignored(charset: bytes) -> None:
    field = b'Content-Disposition: form-data; name="_charset_"\r\n\r\n' + charset
    assert read(form(named(b"\xc9t\xe9.jpg"), field), FORM).filename == "Été.jpg"


def test_a_name_in_the_extended_form_is_read_if_there_is_no_other() -> None:
    extended = f"filename*=utf-8''{quote('Été.jpg')}".encode()
    assert read(form(b'form-data; name="file"; ' + extended), FORM).filename == "Été.jpg"
    both = b'form-data; name="file"; filename="a.jpg"; ' + extended
    assert read(form(both), FORM).filename == "a.jpg"


@given(st.binary(max_size=200).filter(lambda name: not set(name) & set(b'"\r\n\0\\%')))
def test_any_bytes_of_a_filename_give_a_name(filename: bytes) -> None:
    assert isinstance(read(form(named(filename)), FORM).filename, str)


@given(st.binary(max_size=400))
def test_a_malformed_form_is_refused_in_words_of_our_own(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(b"--frontier\r\n" + body, FORM)
    assert refused.value.detail.startswith(("body is ", "file must be sent exactly once", "file is empty"))
