"""What the local gateway does as API Gateway would."""

import asyncio
import json
from typing import Any

import httpx

from entrypoints.http.service_routes import read_description
from entrypoints.local.gateway import create_gateway


def ask(method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """Send a request to a gateway whose functions return nothing."""
    tokens: Any = None

    async def invoke(_name: str, _event: dict[str, Any]) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": ""}

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(create_gateway(json.loads(read_description()), tokens, invoke))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(send())


def preflight(header: str) -> int:
    asked = {
        "origin": "https://app.example.com",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": header,
    }
    return ask("OPTIONS", "/v1/images/0", asked).status_code


def test_scripts_of_other_origins_may_only_send_the_headers_of_the_description() -> None:
    described = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]

    assert {header: preflight(header) for header in [*described, "x-checksum-sha256"]} == dict.fromkeys(
        [*described, "x-checksum-sha256"], 200
    )
    assert preflight("x-other") == 400


def test_scripts_of_other_origins_may_read_the_headers_of_the_description() -> None:
    answer = ask("GET", "/openapi.json", {"origin": "https://app.example.com"})

    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert exposed == {"etag", "location", "retry-after", "www-authenticate", "x-request-id"}
