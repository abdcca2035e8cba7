"""Bad uploads: each gets its documented problem, and leaves nothing behind."""

import struct
import zlib

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.test_accounts import problem_code
from tests.integration.users import User
from tests.support.image_factory import photo

JPEG = photo("jpeg-complete.jpg").content
PNG = photo("png-complete.png").content
MULTIPART = "multipart/form-data; boundary=frontier"


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces these dimensions and ends in good order."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def _nothing_is_left(backend: Backend, user: User):  # type: ignore[no-untyped-def]
    before = backend.object_keys(f"users/{user.id}/")
    yield
    assert backend.object_keys(f"users/{user.id}/") == before


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid-request"),
        (b"just text, named .jpg", 415, "unsupported-image-type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "unsupported-image-type"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 415, "unsupported-image-type"),
        (b"%!PS-Adobe-3.0\n", 415, "unsupported-image-type"),
        (b"BM" + bytes(60), 415, "unsupported-image-type"),
        (b"push graphic-context\nviewbox 0 0 1 1\n", 415, "unsupported-image-type"),
        (JPEG[: len(JPEG) // 2], 422, "unreadable-image"),
        (JPEG[:20], 422, "unreadable-image"),
        (PNG[:-20], 422, "unreadable-image"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, 422, "unreadable-image"),
        (b"GIF89a", 422, "unreadable-image"),
        (png_header(50_000, 50_000), 422, "image-dimensions-exceeded"),
        (png_header(65_536, 1), 422, "image-dimensions-exceeded"),
        (png_header(16_000, 16_000), 422, "image-dimensions-exceeded"),
    ],
    ids=lambda value: value[:12].hex() if isinstance(value, bytes) else None,
)
def test_bytes_that_are_no_acceptable_image_are_refused(
    user: User, content: bytes, status: int, code: str
) -> None:
    refused = user.api.post("/v1/images", content=content, headers={"content-type": "image/jpeg"})

    assert (refused.status_code, problem_code(refused)) == (status, code), refused.text
    assert refused.json()["detail"]


def test_dimensions_over_the_limit_are_named_with_it(user: User) -> None:
    detail = user.upload(png_header(70_000, 50_000)).json()["detail"]

    assert "70000" in detail
    assert "65535" in detail


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/json", "application/pdf", "video/mp4", "x"]
)
def test_an_unknown_or_missing_content_type_is_refused(user: User, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    refused = user.api.post("/v1/images", content=JPEG, headers=headers)

    assert (refused.status_code, problem_code(refused)) == (415, "unsupported-image-type")
    assert "multipart/form-data" in refused.json()["detail"]


def test_an_image_over_the_small_limit_is_sent_to_the_other_way_in(user: User) -> None:
    refused = user.upload(JPEG + bytes(4 * 1024 * 1024))

    assert (refused.status_code, problem_code(refused)) == (413, "image-too-large")
    assert "4194304" in refused.json()["detail"]
    assert "/v1/uploads" in refused.json()["detail"]


@pytest.mark.local_server
def test_a_body_over_the_gateways_limit_is_refused(user: User) -> None:
    refused = user.upload(bytes(11 * 1024 * 1024))

    assert (refused.status_code, problem_code(refused)) == (413, "payload-too-large")
    assert "at most 4718592 bytes" in refused.json()["detail"]
    assert "POST /v1/uploads" in refused.json()["detail"]


def form(*parts: tuple[str, bytes], end: bytes = b"--frontier--\r\n") -> bytes:
    return (
        b"".join(
            b"--frontier\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"
            for disposition, content in parts
        )
        + end
    )


FILE = 'form-data; name="file"; filename="a.jpg"'


@pytest.mark.parametrize(
    ("body", "content_type", "field"),
    [
        (b"", MULTIPART, "body"),
        (b"no form at all", MULTIPART, "body"),
        (form((FILE, JPEG), end=b""), MULTIPART, "body"),
        (form((FILE, JPEG)), "multipart/form-data", "content-type"),
        (form((FILE, JPEG)), "multipart/form-data; boundary=other", "body"),
        (form(('form-data; name="photo"; filename="a.jpg"', JPEG)), MULTIPART, "file"),
        (form((FILE, JPEG), (FILE, JPEG)), MULTIPART, "file"),
        (form(*[('form-data; name="x"', b"")] * 100), MULTIPART, "body"),
        (form((f'form-data; name="file"; filename="{"n" * 300}"', JPEG)), MULTIPART, "filename"),
    ],
)
def test_a_malformed_form_is_refused(user: User, body: bytes, content_type: str, field: str) -> None:
    refused = user.api.post("/v1/images", content=body, headers={"content-type": content_type})

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request"), refused.text
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_a_form_with_an_empty_file_is_refused(user: User) -> None:
    refused = user.api.post("/v1/images", files={"file": ("empty.jpg", b"")})

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
    assert "empty" in refused.json()["detail"]


@pytest.mark.parametrize("checksum", ["x", "00" * 31, "zz" * 32, "é"])
def test_a_malformed_checksum_is_refused(user: User, checksum: str) -> None:
    headers = {"content-type": "image/jpeg", "x-checksum-sha256": checksum.encode().decode("latin-1")}

    refused = user.api.post("/v1/images", content=JPEG, headers=httpx.Headers(headers, encoding="latin-1"))

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
    assert [error["field"] for error in refused.json()["errors"]] == ["x-checksum-sha256"]
