"""Health, description and documentation: over HTTP."""

import json
from pathlib import Path

import httpx


def test_the_service_tells_that_it_answers(api: httpx.Client) -> None:
    answer = api.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["x-request-id"]


def test_the_description_is_the_committed_one(api: httpx.Client) -> None:
    answer = api.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(Path("openapi.json").read_text())


def test_the_documentation_loads_nothing_from_elsewhere(api: httpx.Client) -> None:
    answer = api.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "SwaggerUIBundle" in answer.text
    assert "<script src" not in answer.text
    assert '<link rel="stylesheet"' not in answer.text
