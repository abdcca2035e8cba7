"""The endpoints of AWS clients, and their logs, which must not contain requests."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from adapters.request_deadline import RequestDeadline
from entrypoints.composition import aws_clients

PASSWORD, TOKEN, CREDENTIALS = "Secret-Horse-1", "token-of-a-session", "secret-of-the-role"


class SignsIn(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"AuthenticationResult": {"AccessToken": TOKEN}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), SignsIn) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("region", "origin"),
    [
        ("us-east-1", "https://images.s3.us-east-1.amazonaws.com"),
        ("eu-central-1", "https://images.s3.eu-central-1.amazonaws.com"),
        ("cn-north-1", "https://images.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_links_lead_to_the_region(region: str, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform passes this origin to the page."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    aws_clients._session.cache_clear()

    client = aws_clients.s3_client(RequestDeadline())

    link = client.generate_presigned_url("get_object", Params={"Bucket": "images", "Key": "key"})
    form = client.generate_presigned_post("images", "key")
    assert link.startswith(f"{origin}/key?")
    assert form["url"] == f"{origin}/"


@pytest.mark.usefixtures("endpoint")
def test_a_log_in_leaves_no_secret_in_a_log_of_every_detail(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    aws_clients._session.cache_clear()

    client = aws_clients.cognito_client(RequestDeadline())
    answer = client.admin_initiate_auth(
        UserPoolId="eu-central-1_pool",
        ClientId="client",
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": PASSWORD},
    )

    assert answer["AuthenticationResult"]["AccessToken"] == TOKEN
    assert [record for record in caplog.records if record.levelno < logging.WARNING] == []
    assert [secret for secret in (PASSWORD, TOKEN, CREDENTIALS) if secret in caplog.text] == []


def test_no_part_of_the_sdk_logs_below_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    aws_clients.s3_client(RequestDeadline())
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in aws_clients.SDK]

    assert len(names) > 20
    assert [name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)] == []
