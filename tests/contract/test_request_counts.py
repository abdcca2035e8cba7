"""How many requests each operation makes to AWS, which determines its cost and most of its duration.

``benchmarks/request_counts.json`` has what is counted here; ``docs/deploy.md`` takes its prices from there.
Beside the requests there are the items that they write, and the write units of these and of their
entries in indexes, which the emulator computes as DynamoDB does. What clients send straight to S3 is
counted as theirs.
"""

import base64
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from domain.images.model import ImageRef
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.images import image_routes
from entrypoints.composition.ingest import settle_image
from entrypoints.composition.render import RenderAdapters, render_image
from entrypoints.http.resolver import create_resolver, handle
from entrypoints.local.emulator import Emulator
from entrypoints.local.provisioning import provision
from entrypoints.local.wiring import function_environment
from tests.support.image_factory import photo
from tests.support.records import sha256_of

COUNTS: dict[str, dict[str, int]] = json.loads(Path("benchmarks/request_counts.json").read_text())
JPEG = photo("jpeg-complete.jpg").content
OWNER = "owner-of-counted-images"
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
ITEMS, UNITS = "dynamodb items written", "dynamodb write units"
Answer = dict[str, Any]


class Api:
    """The functions' own code in this process, on the emulator, with every request counted."""

    def __init__(self) -> None:
        images, renditions = ImageAdapters(), RenderAdapters()
        self.app = create_resolver(image_routes(images))
        self.settle = settle_image(images)
        self.render = render_image(renditions)
        self.counts: Counter[str] = Counter()
        for adapters in (images, renditions):
            for client in (adapters.s3_client(), adapters.dynamodb_client()):
                client.meta.events.register("before-send.*", self._count)
            database = adapters.dynamodb_client().meta.events
            for operation in WRITES:
                database.register(f"before-parameter-build.dynamodb.{operation}", self._ask_for_units)
                database.register(f"after-call.dynamodb.{operation}", self._count_units)

    def _count(self, request: Any, event_name: str, **_: Any) -> None:
        _, service, operation = event_name.split(".")
        self.counts[f"{service} {operation}"] += 1
        if operation in WRITES:
            self.counts[ITEMS] += len(json.loads(request.body).get("TransactItems", "1"))

    def _ask_for_units(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _count_units(self, parsed: dict[str, Any], **_: Any) -> None:
        reasons = parsed.get("CancellationReasons")
        if reasons:
            # DynamoDB charges for what it refuses, too: at least this.
            self.counts[UNITS] += 2 * len(reasons)
            return
        consumed = parsed["ConsumedCapacity"]
        tables = consumed if isinstance(consumed, list) else [consumed]
        self.counts[UNITS] += sum(int(table["CapacityUnits"]) for table in tables)

    def call(self, method: str, route: str, image_id: str = "", **members: Any) -> Answer:
        """Call one operation; what it sends is counted anew."""
        path, query = route, members.pop("query", {})
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path.replace("{image_id}", image_id),
            "rawQueryString": urlencode(query),
            "queryStringParameters": query,
            "headers": {"content-type": "application/json", **members.pop("headers", {})},
            "requestContext": {
                "requestId": "1",
                "stage": "$default",
                "http": {"method": method, "path": path.replace("{image_id}", image_id)},
                "authorizer": {"jwt": {"claims": {"sub": OWNER, "username": OWNER, "token_use": "access"}}},
            },
            "isBase64Encoded": False,
            **members,
        }
        self.counts.clear()
        answer = handle(self.app, event, None, raw_body_routes=frozenset({"POST /v1/images"}))
        assert answer["statusCode"] < 400, answer["body"]
        return answer

    def upload(self, content: bytes, **headers: str) -> str:
        """Upload a small image."""
        answer = self.call(
            "POST",
            "/v1/images",
            headers={"content-type": "image/jpeg", **headers},
            body=base64.b64encode(content).decode(),
            isBase64Encoded=True,
        )
        return str(json.loads(answer["body"])["id"])


@pytest.fixture(scope="module")
def api(emulator: Emulator) -> Iterator[Api]:
    resources = provision(emulator, "http://127.0.0.1:9/")
    environment = function_environment(emulator.endpoint_url, resources)
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield Api()
    finally:
        os.environ.clear()
        os.environ.update(before)


def announce_and_send(api: Api, content: bytes) -> str:
    body = json.dumps({"size": len(content), "content_type": "image/jpeg"})
    created = json.loads(api.call("POST", "/v1/uploads", body=body)["body"])
    form = created["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("file", content)}, timeout=30)
    assert sent.is_success
    api.counts["s3 POST by the client"] += 1
    return str(created["image_id"])


def send_in_parts(api: Api, content: bytes) -> str:
    """Announce, send and complete an upload that has one part; all three requests are counted together."""
    body = json.dumps({"size": len(content), "multipart": True})
    image_id = str(json.loads(api.call("POST", "/v1/uploads", body=body)["body"])["image_id"])
    counts = Counter(api.counts)
    numbers = json.dumps({"part_numbers": [1]})
    signed = json.loads(api.call("POST", "/v1/uploads/{image_id}/parts", image_id, body=numbers)["body"])
    assert httpx.put(signed["items"][0]["url"], content=content, timeout=30).is_success
    counts += api.counts
    api.call("POST", "/v1/uploads/{image_id}/complete", image_id)
    counts["s3 PUT by the client"] += 1
    api.counts.update(counts)
    return image_id


def measured(api: Api) -> dict[str, dict[str, int]]:
    """Count what each operation sends, on images that differ."""
    found: dict[str, dict[str, int]] = {}

    def note(operation: str) -> None:
        found[operation] = dict(sorted(api.counts.items()))

    number = 0

    def unique() -> bytes:
        nonlocal number
        number += 1
        return JPEG + number.to_bytes(4, "big")

    content = unique()
    image_id = api.upload(content)
    note("small upload")
    with_key = unique()
    api.upload(with_key, **{"idempotency-key": "key"})
    note("small upload with an idempotency key")
    api.upload(with_key, **{"idempotency-key": "key"})
    note("small upload repeated with its key")
    api.upload(content)
    note("small upload of a duplicate")
    direct = announce_and_send(api, unique())
    api.settle(ImageRef(OWNER, direct))
    note("direct upload and its settling")
    in_parts = send_in_parts(api, unique())
    api.settle(ImageRef(OWNER, in_parts))
    note("upload in one part and its settling")
    refused = announce_and_send(api, b"<html></html>")
    api.settle(ImageRef(OWNER, refused))
    note("direct upload that is rejected")
    api.counts.clear()
    api.render(ImageRef(OWNER, direct))
    note("renditions of an image")
    api.call("GET", "/v1/images")
    note("list")
    api.call("GET", "/v1/images", query={"sort": "-captured_at"})
    note("list by capture time")
    api.call("GET", "/v1/images", query={"sha256": sha256_of(content)})
    note("look for a checksum")
    api.call("GET", "/v1/images/{image_id}", image_id)
    note("get")
    etag = api.call("GET", "/v1/images/{image_id}/metadata", image_id)["headers"]["ETag"]
    note("metadata")
    api.call("GET", "/v1/images/{image_id}/metadata", image_id, headers={"if-none-match": etag})
    note("metadata that is known (304)")
    api.call("GET", "/v1/images/{image_id}/content-link", image_id)
    note("content link")
    api.call("PATCH", "/v1/images/{image_id}", image_id, body=json.dumps({"title": "mine"}))
    note("edit")
    api.call("GET", "/v1/users/me/usage")
    note("usage")
    api.call("DELETE", "/v1/images/{image_id}", direct)
    note("delete")
    api.counts.clear()
    api.settle(ImageRef(OWNER, direct))
    note("settling of a deleted image")
    body = json.dumps({"image_ids": [api.upload(unique()) for _ in range(10)]})
    api.call("POST", "/v1/images/batch-delete", body=body)
    note("delete ten at once")
    return found


def test_no_operation_makes_more_requests_than_it_did(api: Api) -> None:
    found = measured(api)
    assert found == COUNTS
