"""Health, description and documentation: over HTTP."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.users import User


def test_the_service_reports_its_health(api: httpx.Client) -> None:
    answer = api.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["x-request-id"]


def test_the_description_is_the_committed_one_with_its_own_address(api: httpx.Client) -> None:
    answer = api.get("/openapi.json")
    committed = json.loads(Path("openapi.json").read_text())
    served = answer.json()

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    origin = served["servers"][0]["variables"]["origin"]["default"]
    if urlsplit(str(api.base_url)).path in {"", "/"}:
        # A gateway in an emulator has a path before those of the API, and does not know its own name.
        assert urlsplit(origin).netloc == urlsplit(str(api.base_url)).netloc
    assert served | {"servers": None} == committed | {"servers": None}


def test_the_documentation_loads_nothing_from_elsewhere(api: httpx.Client) -> None:
    answer = api.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "SwaggerUIBundle" in answer.text
    assert "<script src" not in answer.text
    assert '<link rel="stylesheet"' not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs"])
def test_head_has_the_headers_of_get(api: httpx.Client, path: str) -> None:
    got, head = api.get(path), api.head(path)

    assert head.status_code == got.status_code == 200
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.content == b""


def test_head_needs_the_token_that_get_needs(api: httpx.Client, user: User) -> None:
    assert api.head("/v1/images").status_code == 401
    assert user.api.head("/v1/images").status_code == 200
    assert user.api.head("/v1/images/7ybqswbpmh9ypy161ev8g97j42").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_not_allowed(api: httpx.Client, method: str) -> None:
    answer = api.request(method, "/v1/images")

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_an_unknown_path_is_not_found(api: httpx.Client) -> None:
    assert api.put("/v1/nothing").status_code == 404


@pytest.mark.local_server
def test_the_page_and_all_that_it_loads_are_there(api: httpx.Client) -> None:
    page = api.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    paths = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)
    assert paths
    for path in paths:
        answer = api.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert api.get("/", headers={"if-none-match": page.headers["etag"]}).status_code == 304
    assert api.get("/assets/another-version/app.js").status_code == 404
    assert (api.head("/").status_code, api.head("/").content) == (200, b"")
