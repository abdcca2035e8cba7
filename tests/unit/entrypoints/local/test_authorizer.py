"""The local gateway's authorizer, with test keys."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from entrypoints.local.authorizer import JwtAuthorizer, KeysUnavailable, Unauthorized

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_test"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    keys = json.dumps({"keys": [public | {"kid": "key-1", "use": "sig", "alg": "RS256"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def authorizer(jwks_url: str) -> JwtAuthorizer:
    return JwtAuthorizer(ISSUER, jwks_url, frozenset({"client-1", "client-2"}))


def token(key_id: str = "key-1", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "sub": "user-1",
        "iss": ISSUER,
        "token_use": "access",
        "client_id": "client-1",
        "iat": now,
        "exp": now + 60,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, KEY, "RS256", headers={"kid": key_id})


def test_a_valid_token_gives_its_claims_as_text(authorizer: JwtAuthorizer) -> None:
    claims = authorizer.verify(
        f"Bearer {token(**{'cognito:groups': ['a', 'b'], 'email_verified': True, 'auth_time': 5})}"
    )

    assert claims["sub"] == "user-1"
    assert claims["cognito:groups"] == "[a b]"
    assert claims["email_verified"] == "true"
    assert claims["auth_time"] == "5"


def test_an_id_token_names_its_client_as_audience(authorizer: JwtAuthorizer) -> None:
    assert authorizer.verify(f"Bearer {token(client_id=None, aud='client-2', token_use='id')}")


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        lambda: "",
        lambda: "Bearer",
        lambda: "Bearer ",
        lambda: f"Basic {token()}",
        token,
        lambda: "Bearer x.y.z",
        lambda: f"Bearer {token(exp=int(time.time()) - 1)}",
        lambda: f"Bearer {token(exp=None)}",
        lambda: f"Bearer {token(nbf=int(time.time()) + 60)}",
        lambda: f"Bearer {token(iss=ISSUER + 'x')}",
        lambda: f"Bearer {token(iss=None)}",
        lambda: f"Bearer {token(client_id='another')}",
        lambda: f"Bearer {token(client_id=None)}",
        lambda: f"Bearer {token(aud='another')}",
        lambda: f"Bearer {token(token_use='refresh')}",
        lambda: f"Bearer {token(token_use=None)}",
        lambda: f"Bearer {token(key_id='key-2')}",
        lambda: f"Bearer {token()[:-4]}AAAA",
        lambda: f"Bearer {jwt.encode({'sub': 'x'}, 'a secret of 32 bytes, or so it is', 'HS256')}",
    ],
)
def test_anything_else_is_unauthorized(authorizer: JwtAuthorizer, make: Callable[[], str | None]) -> None:
    with pytest.raises(Unauthorized):
        authorizer.verify(make())


def test_without_keys_no_token_is_judged() -> None:
    authorizer = JwtAuthorizer(ISSUER, "http://127.0.0.1:9/jwks.json", frozenset({"client-1"}))

    with pytest.raises(KeysUnavailable):
        authorizer.verify(f"Bearer {token()}")


def test_keys_that_were_fetched_are_there_when_their_source_is_not(jwks_url: str) -> None:
    authorizer = JwtAuthorizer(ISSUER, jwks_url, frozenset({"client-1"}))
    authorizer.fetch_keys()
    authorizer._keys.uri = "http://127.0.0.1:9/jwks.json"

    assert authorizer.verify(f"Bearer {token()}")["sub"] == "user-1"
