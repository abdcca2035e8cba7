"""How the page and its files are served."""

import base64
import gzip
import re
from pathlib import Path

import pytest

from entrypoints.http.web_page import WebPage

STORAGE = "https://bucket.s3.eu-central-1.amazonaws.com"
INDEX = '<link rel="stylesheet" href="$assets/style/base.css">$modulepreload'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ui").mkdir()
    (tmp_path / "style").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "start.js").write_text("import './ui/dom.js'; `${1}`")
    (tmp_path / "ui/dom.js").write_text("export const a = 'é'")
    (tmp_path / "style/base.css").write_text("body {}")
    (tmp_path / "notes.txt").write_text("not for the public")
    return tmp_path


@pytest.fixture
def page(folder: Path) -> WebPage:
    return WebPage(folder, STORAGE)


def test_the_page_names_all_that_it_loads(page: WebPage) -> None:
    answer = page.answer("/", {})

    named = set(re.findall(r'href="([^"]+)"', answer["body"]))
    assert (
        named
        == set(page.paths)
        == {f"/assets/{page.version}/{name}" for name in ("start.js", "ui/dom.js", "style/base.css")}
    )
    assert answer["body"].count('rel="modulepreload"') == 2


def test_the_page_is_asked_for_each_time_and_its_files_once(page: WebPage) -> None:
    assert page.answer("/", {})["headers"]["Cache-Control"] == "no-cache"
    for path in page.paths:
        assert page.answer(path, {})["headers"]["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_change_of_any_file_changes_all_paths(page: WebPage, folder: Path) -> None:
    (folder / "style/base.css").write_text("body { margin: 0 }")
    changed = WebPage(folder, STORAGE)

    assert not set(changed.paths) & set(page.paths)
    assert changed.answer("/", {})["headers"]["ETag"] != page.answer("/", {})["headers"]["ETag"]
    assert changed.answer(page.paths[0], {})["statusCode"] == 404
    assert WebPage(folder, STORAGE).version == changed.version


def test_a_client_with_the_current_version_gets_not_modified(page: WebPage) -> None:
    for path in ("/", *page.paths):
        headers = page.answer(path, {})["headers"]
        answer = page.answer(path, {"if-none-match": headers["ETag"]})
        assert (answer["statusCode"], answer["body"]) == (304, "")
        assert answer["headers"]["ETag"] == headers["ETag"]
        assert answer["headers"]["Cache-Control"] == headers["Cache-Control"]
        assert page.answer(path, {"if-none-match": '"other"'})["statusCode"] == 200


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("ui/dom.js", "text/javascript; charset=utf-8"), ("style/base.css", "text/css; charset=utf-8")],
)
def test_files_are_compressed_for_clients_that_accept_it(
    page: WebPage, folder: Path, name: str, media_type: str
) -> None:
    path = f"/assets/{page.version}/{name}"
    plain = page.answer(path, {"accept-encoding": "br"})
    compressed = page.answer(path, {"accept-encoding": "gzip, deflate, br"})

    assert plain["body"] == (folder / name).read_text()
    assert compressed["isBase64Encoded"]
    assert gzip.decompress(base64.b64decode(compressed["body"])).decode() == plain["body"]
    assert compressed["headers"]["Content-Encoding"] == "gzip"
    for answer in (plain, compressed):
        assert answer["headers"]["Content-Type"] == media_type
        assert answer["headers"]["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path", ["/assets/{version}/notes.txt", "/assets/{version}/../start.js", "/assets"]
)
def test_nothing_else_is_served(page: WebPage, path: str) -> None:
    answer = page.answer(path.format(version=page.version), {})

    assert answer["statusCode"] == 404
    assert "Cache-Control" not in answer["headers"]


def test_the_policy_only_allows_the_page_to_connect_to_the_api_and_storage(page: WebPage) -> None:
    policy = page.answer("/", {})["headers"]["Content-Security-Policy"]

    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' blob: {STORAGE}",
        f"connect-src 'self' {STORAGE}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


def test_a_missing_page_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.html"):
        WebPage(tmp_path, STORAGE)
