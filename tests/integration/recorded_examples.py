"""Records an example of each operation from a running API, and of each problem that a client can cause.

``make openapi-examples`` writes them to the file that ``openapi.json`` is generated with. What differs from
run to run is replaced, so that the same API always gives the same examples.
"""

import hashlib
import json
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import uuid4

import httpx

from domain.renditions.model import DEFAULT_RENDITIONS
from entrypoints.openapi.examples import RECORDED
from tests.integration.backend import Backend, LocalServer
from tests.support.fakes.identity_provider import totp_code
from tests.support.image_factory import photo

_PASSWORD = "seven Otters, 2 kayaks"
_NEW_PASSWORD = "nine Otters, 3 kayaks"
_PHOTO = photo("jpeg-complete.jpg").content
_MIB = 1024 * 1024
_PNG = photo("png-complete.png").content
_TOO_WIDE = _PNG[:16] + b"\0\1\0\0" + _PNG[20:]
_IN_PARTS = _PHOTO + bytes(6 * _MIB)
"""What follows the end of a JPEG belongs to the file, which has two parts of 5 MiB at most."""

_HEADERS = ("Location", "ETag", "Retry-After")
_SHOWN_CHARACTERS = 60
_RENDERED_WITHIN_S = 60
_IMAGE_ID = re.compile(r"\b[0-9a-z]{26}\b")
_USER_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_EMAIL = re.compile(r"ada-[0-9a-f]{32}(@|%40)example\.com")
_TOTP_SECRET = re.compile(r"\bsecret=[A-Z2-7]+")
_OPAQUE = "..."
_STANDINS = {
    "access_token": "eyJraWQiOiJhY2Nlc3MifQ...",
    "id_token": "eyJraWQiOiJpZCJ9...",
    "refresh_token": "eyJjdHkiOiJKV1QifQ...",
    "session": "AYABeC1...",
    "secret": "JBSWY3DPEHPK3PXP",
    "upload_id": "VXBsb2FkIElE",
    "next_cursor": "eyJhZnRlciI6Ii4uLiJ9",
}
"""What stands for the values of fields that are secret, or others each time."""
_FORM_FIELDS = {"key", "Content-Type", "x-amz-algorithm"}
_URL_PARAMETERS = {"X-Amz-Algorithm", "partNumber", "uploadId"}
_BUCKET_HOST = "images-bucket.s3.eu-central-1.amazonaws.com"


class Recorder:
    """Notes the exchanges of a client with the API by operation, and its problems by code."""

    def __init__(self, description: Mapping[str, Any], bucket: str) -> None:
        self._bucket = bucket
        self._operations = [
            (
                method.upper(),
                re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)),
                operation["operationId"],
            )
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
        ]
        self._image_ids: dict[str, str] = {}
        self._exchanges: dict[str, dict[str, Any]] = {}
        self._problems: dict[str, Any] = {}

    def note(self, response: httpx.Response) -> None:
        """Keep an exchange: the first success of each operation, and by name if it has one."""
        response.read()
        request = response.request
        if response.is_error:
            body = response.json()
            if "message" not in body:  # by which one knows the gateway's own answers
                self._problems.setdefault(body["code"], self._settled(body))
            return
        for method, path, operation in self._operations:
            match = path.fullmatch(request.url.path)
            if match and method == request.method:
                known = self._exchanges.setdefault(operation, {})
                name = request.extensions.get("example", next(iter(known), "default"))
                if name not in known:
                    known[name] = self._exchange(request, response, match.groupdict())
                return

    def examples(self) -> dict[str, Any]:
        """Return everything noted."""
        return {
            "operations": dict(sorted(self._exchanges.items())),
            "problems": dict(sorted(self._problems.items())),
        }

    def _exchange(
        self, request: httpx.Request, response: httpx.Response, path: Mapping[str, str]
    ) -> dict[str, Any]:
        headers = {
            name: _DIGEST.sub(_OPAQUE, response.headers[name])
            for name in _HEADERS
            if name in response.headers
        }
        exchange = {
            "path": self._settled(path),
            "query": {name: json.loads(value) for name, value in request.url.params.items()},
            "body": self._settled(_json_in(request)),
            "status": response.status_code,
            "headers": self._settled(headers),
            "answer": self._settled(_json_in(response) or _beginning_of(response)),
        }
        return {part: value for part, value in exchange.items() if value}

    def _settled(self, value: Any, field: str = "") -> Any:
        """Replace what differs from run to run, or would be a secret."""
        if isinstance(value, Mapping):
            return {
                name: _OPAQUE
                if field == "fields" and name not in _FORM_FIELDS
                else self._settled(member, name)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self._settled(member) for member in value]
        if field == "email_verified":
            # The emulator does not verify addresses with the code; Cognito does.
            return True
        if not isinstance(value, str):
            return value
        if field in _STANDINS:
            return _STANDINS[field]
        if field == "code" and value.isdigit():
            return "123456"
        if value.startswith("http"):
            value = self._public_url(value)
        value = _TOTP_SECRET.sub(f"secret={_STANDINS['secret']}", value)
        value = _TIME.sub("2026-05-01T12:30:00Z", value)
        value = _EMAIL.sub(r"ada\1example.com", value)
        value = _USER_ID.sub("6f1c0c8e-5e0a-4b57-9d43-0d9d3f5f7f10", value)
        return _IMAGE_ID.sub(lambda match: self._image_id(match[0]), value)

    def _image_id(self, real: str) -> str:
        number = len(self._image_ids) + 1
        return self._image_ids.setdefault(real, f"7y5p2c9gkz0vq4xw8m3hr6tj{number:02}")

    def _public_url(self, url: str) -> str:
        """Show a signed URL as that of a bucket in AWS, without what the signature covers."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(f"/{self._bucket}")
        query = {name: value for name, value in parse_qsl(parts.query) if name in _URL_PARAMETERS}
        if "uploadId" in query:
            query["uploadId"] = _STANDINS["upload_id"]
        if parts.query:
            query["X-Amz-Signature"] = _OPAQUE
        return urlunsplit(("https", _BUCKET_HOST, path or "/", urlencode(query), ""))


def record(backend: Backend) -> dict[str, Any]:
    """Use every operation of the API as a new user, who is gone afterwards. Returns the examples."""
    with httpx.Client(base_url=backend.api_url, timeout=backend.patience_s) as public:
        recorder = Recorder(public.get("/openapi.json").json(), backend.images_bucket)
        public.event_hooks["response"].append(recorder.note)
        _use_service(public)
        email = f"ada-{uuid4().hex}@example.com"
        _register(public, backend, email)
        tokens = _log_in(public, email, "signed-in")
        with _client_of(recorder, backend, tokens["access_token"]) as user:
            _use_images(user)
            _use_direct_uploads(user)
            _use_account(user)
            _use_second_factor(public, user, email, tokens)
            _change_passwords(public, user, backend, email)
        last = _log_in(public, email, "signed-in", _NEW_PASSWORD)
        with _client_of(recorder, backend, last["access_token"]) as user:
            _expect(204, public.post("/v1/sessions/revoke", json={"refresh_token": last["refresh_token"]}))
            _expect(204, user.delete("/v1/sessions"))
            _expect(204, user.delete("/v1/users/me"))
    return recorder.examples()


def _expect(status: int, response: httpx.Response) -> Any:
    """Return the JSON in a response. Raises AssertionError if it has another status."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {response.text}"
    return _json_in(response)


def _refuse(code: str, response: httpx.Response) -> None:
    """Raise AssertionError unless the response is a problem with this code."""
    assert response.json().get("code") == code, f"{response.request.method} {response.url}: {response.text}"


def _client_of(recorder: Recorder, backend: Backend, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=backend.api_url,
        headers={"authorization": f"Bearer {token}"},
        timeout=backend.patience_s,
        event_hooks={"response": [recorder.note]},
    )


def _use_service(public: httpx.Client) -> None:
    for path in ("/healthz", "/openapi.json", "/docs"):
        _expect(200, public.get(path))
    _refuse("method-not-allowed", public.put("/v1/sessions"))


def _register(public: httpx.Client, backend: Backend, email: str) -> None:
    account = {"email": email, "password": _PASSWORD}
    _refuse("invalid-request", public.post("/v1/users", json=account | {"email": "ada"}))
    _refuse("weak-password", public.post("/v1/users", json=account | {"password": "short"}))
    text = {"content-type": "text/plain"}
    _refuse("unsupported-media-type", public.post("/v1/users", content="email", headers=text))
    _expect(201, public.post("/v1/users", json=account))
    _refuse("user-not-confirmed", public.post("/v1/sessions", json=account))
    _expect(202, public.post("/v1/users/confirm/resend", json={"email": email}))
    confirmation = {"email": email, "code": backend.mailed_code(email)}
    wrong = "000000" if confirmation["code"] != "000000" else "000001"
    _refuse("invalid-code", public.post("/v1/users/confirm", json=confirmation | {"code": wrong}))
    _expect(204, public.post("/v1/users/confirm", json=confirmation))
    _refuse("user-exists", public.post("/v1/users", json=account))


def _log_in(public: httpx.Client, email: str, outcome: str, password: str = _PASSWORD) -> dict[str, Any]:
    signed_in: dict[str, Any] = _expect(
        200,
        public.post(
            "/v1/sessions", json={"email": email, "password": password}, extensions={"example": outcome}
        ),
    )
    assert signed_in["status"] == outcome
    return signed_in


def _use_images(user: httpx.Client) -> None:
    for code, content, more in (
        ("unsupported-image-type", b"a text", {}),
        ("unreadable-image", _PHOTO[:60], {}),
        ("image-dimensions-exceeded", _TOO_WIDE, {}),
        ("checksum-mismatch", _PHOTO, {"x-checksum-sha256": hashlib.sha256().hexdigest()}),
        ("image-too-large", _PHOTO + bytes(4 * _MIB), {}),
    ):
        headers = {"content-type": "application/octet-stream", **more}
        _refuse(code, user.post("/v1/images", content=content, headers=headers))
    file = {"file": ("a gull.jpg", _PHOTO, "image/jpeg")}
    key = {"idempotency-key": "the-gull"}
    image = _expect(201, user.post("/v1/images", files=file, headers=key))
    path = f"/v1/images/{image['id']}"
    _await_renditions(user, path)
    other = {"file": ("a gull.jpg", _PHOTO + b"\0", "image/jpeg")}
    _refuse("idempotency-key-reused", user.post("/v1/images", files=other, headers=key))
    words = {"title": "A gull above the roofs", "keywords": ["gull", "São Paulo"]}
    _expect(200, user.patch(path, json=words))
    _refuse("edit-conflict", user.patch(path, json=words, headers={"if-match": '"0"'}))
    _expect(200, user.get(path))
    _expect(200, user.get("/v1/images", params={"limit": 20}))
    _refuse("invalid-cursor", user.get("/v1/images", params={"cursor": "garbage"}))
    _expect(200, user.get(f"{path}/metadata"))
    _expect(302, user.get(f"{path}/content"))
    _expect(200, user.get(f"{path}/content-link"))
    _refuse("rendition-not-found", user.get(f"{path}/content-link", params={"rendition": "poster"}))
    _expect(200, user.get("/v1/users/me/usage"))
    gone = _expect(201, user.post("/v1/images", files=other))["id"]
    _expect(204, user.delete(f"/v1/images/{gone}"))
    _refuse("image-not-found", user.get(f"/v1/images/{gone}"))
    _expect(200, user.post("/v1/images/batch-delete", json={"image_ids": [image["id"], gone]}))


def _await_renditions(user: httpx.Client, path: str) -> None:
    """Ask until the image has its renditions, with requests that are not recorded."""
    with httpx.Client(base_url=user.base_url, headers=user.headers, timeout=user.timeout) as unrecorded:
        deadline = time.monotonic() + _RENDERED_WITHIN_S
        while len(unrecorded.get(path).json().get("renditions", ())) < len(DEFAULT_RENDITIONS):
            assert time.monotonic() < deadline, "the image is not rendered"
            time.sleep(0.1)


def _use_direct_uploads(user: httpx.Client) -> None:
    file = {"content_type": "image/jpeg", "filename": "a gull.jpg"}
    form = _expect(
        201,
        user.post("/v1/uploads", json={"size": len(_PHOTO), **file}, extensions={"example": "a form"}),
    )
    _refuse("image-not-ready", user.get(f"/v1/images/{form['image_id']}/metadata"))
    _expect(204, user.delete(f"/v1/uploads/{form['image_id']}"))
    _refuse("upload-not-found", user.get(f"/v1/uploads/{form['image_id']}/parts"))
    wish = {"size": len(_IN_PARTS), **file, "multipart": True, "part_size": 5 * _MIB}
    created = _expect(201, user.post("/v1/uploads", json=wish, extensions={"example": "in parts"}))
    path = f"/v1/uploads/{created['image_id']}"
    _expect(200, user.post(f"{path}/requests", json={"operation": "list-parts"}))
    signed = _expect(200, user.post(f"{path}/parts", json={"part_numbers": [1, 2]}))["items"]
    begin = 0
    for part in signed:
        content = _IN_PARTS[begin : begin + part["size"]]
        sent = httpx.request(part["method"], part["url"], content=content, timeout=30)
        assert sent.is_success, sent.text
        begin += part["size"]
        if part["part_number"] == 1:
            _expect(200, user.get(f"{path}/parts"))
            _refuse("upload-incomplete", user.post(f"{path}/complete"))
    _expect(200, user.post(f"{path}/complete"))


def _use_account(user: httpx.Client) -> None:
    _expect(200, user.patch("/v1/users/me", json={"given_name": "Ada", "family_name": "Lovelace"}))
    _expect(200, user.get("/v1/users/me"))


def _use_second_factor(
    public: httpx.Client, user: httpx.Client, email: str, tokens: Mapping[str, str]
) -> None:
    path = "/v1/users/me/mfa/totp"
    id_token = {"authorization": f"Bearer {tokens['id_token']}"}
    _refuse("access-token-required", public.post(path, headers=id_token))
    secret = _expect(200, user.post(path))["secret"]
    _expect(204, user.put(path, json={"code": totp_code(secret)}))
    challenge = _log_in(public, email, "challenge")
    answer = {
        "email": email,
        "challenge": challenge["challenge"],
        "session": challenge["session"],
        "code": totp_code(secret),
    }
    _refuse("challenge-failed", public.post("/v1/sessions/challenge", json=answer | {"session": "garbage"}))
    _expect(200, public.post("/v1/sessions/challenge", json=answer))
    _expect(204, user.delete(path))


def _change_passwords(public: httpx.Client, user: httpx.Client, backend: Backend, email: str) -> None:
    tokens = _log_in(public, email, "signed-in")
    _expect(200, public.post("/v1/sessions/refresh", json={"refresh_token": tokens["refresh_token"]}))
    _refuse("invalid-refresh-token", public.post("/v1/sessions/refresh", json={"refresh_token": "garbage"}))
    _refuse(
        "invalid-credentials", public.post("/v1/sessions", json={"email": email, "password": _NEW_PASSWORD})
    )
    change = {"current_password": _PASSWORD, "new_password": _NEW_PASSWORD}
    _expect(204, user.put("/v1/users/me/password", json=change))
    _expect(202, public.post("/v1/passwords/forgot", json={"email": email}))
    reset = {"email": email, "code": backend.mailed_code(email), "new_password": _NEW_PASSWORD}
    _expect(204, public.post("/v1/passwords/reset", json=reset))


def _json_in(message: httpx.Request | httpx.Response) -> Any:
    if "json" not in message.headers.get("content-type", ""):
        return None
    value = json.loads(message.content)
    if "openapi" in value:
        # The description is an example of itself, so that only its beginning is shown.
        return {
            "openapi": value["openapi"],
            "info": {name: value["info"][name] for name in ("title", "version")},
        }
    if "extracted_with" in value:
        value["extracted_with"]["version"] = "7.1.1-47"
    return value


def _beginning_of(response: httpx.Response) -> str:
    return response.text[:_SHOWN_CHARACTERS] if response.content else ""


def main() -> None:
    """Record examples from a local server and write them to their file."""
    with tempfile.TemporaryDirectory(prefix="local-server-") as folder:
        server = LocalServer(Path(folder))
        try:
            examples = record(server.start())
        finally:
            server.stop()
    RECORDED.write_text(json.dumps(examples, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
