"""The function of the page, with the page of this repository."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.composition.plain_environment import InvalidSetting
from entrypoints.composition.web import WebSettings
from entrypoints.functions import web


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STORAGE_ORIGIN", "https://bucket.example")
    caches = (web._settings, web._page, web._service)
    yield
    for cache in caches:
        cache.cache_clear()


def get(path: str, route: str | None = None, **headers: str) -> dict[str, Any]:
    event = {
        "version": "2.0",
        "routeKey": route or f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "domainName": "api.example.com",
            "http": {"method": "GET", "path": path},
        },
        "isBase64Encoded": False,
    }
    return web.handler(event, None)


def test_the_page_loads_files_that_are_there() -> None:
    page = get("/")

    assert page["statusCode"] == 200
    named = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page["body"])
    assert len(named) > 20
    for path in named:
        assert get(path, "GET /assets/{proxy+}")["statusCode"] == 200, path


def test_all_modules_are_named_in_advance_and_import_modules_that_are_there() -> None:
    folder = Path("web").resolve()
    page = get("/")["body"]

    for module in folder.rglob("*.js"):
        assert f"/{module.relative_to(folder)}" in page
        for imported in re.findall(r'(?:from |import |import\()"([^"]+)"', module.read_text()):
            assert (module.parent / imported).resolve().is_file(), (module, imported)


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/docs", "/healthz"])
def test_every_answer_has_what_all_have(path: str) -> None:
    headers = get(path, **{"x-forwarded-proto": "https"})["headers"]

    assert headers["x-request-id"] == "request-1"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_it_serves_the_description_and_the_documentation() -> None:
    served = json.loads(get("/openapi.json", **{"x-forwarded-proto": "https"})["body"])
    committed = json.loads(Path("openapi.json").read_text())

    assert served["servers"][0]["variables"]["origin"]["default"] == "https://api.example.com"
    assert served | {"servers": None} == committed | {"servers": None}
    assert "SwaggerUIBundle" in get("/docs")["body"]


def test_the_documentation_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCS_PAGE", "false")

    assert get("/docs")["statusCode"] == 404


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_clients_that_have_them_do_not_get_them_again(path: str) -> None:
    first = get(path)
    again = get(path, **{"if-none-match": first["headers"]["ETag"], "accept-encoding": "gzip"})

    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["Cache-Control"] == first["headers"]["Cache-Control"]


@pytest.mark.parametrize(
    "origin",
    [
        "bucket.example",
        "https://bucket.example/path",
        "https://a.example https://b.example",
        "https://a;",
        "*",
    ],
)
def test_an_origin_that_would_change_the_policy_is_refused(origin: str) -> None:
    with pytest.raises(InvalidSetting, match="STORAGE_ORIGIN"):
        WebSettings(storage_origin=origin)


def test_nothing_in_the_page_is_made_of_markup_or_runs_text() -> None:
    unsafe = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|localStorage"
    )
    for module in Path("web").rglob("*.js"):
        assert not unsafe.search(module.read_text()), module
    index = Path("web/index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", index)
