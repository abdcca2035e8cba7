"""Every protected operation refuses every kind of invalid token."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, User, new_email

pytestmark = pytest.mark.every_case


def protected_operations() -> list[tuple[str, str]]:
    """The operations that are protected according to the committed description."""
    with open("openapi.json", encoding="utf-8") as file:  # noqa: PTH123
        paths: dict[str, dict[str, Any]] = json.load(file)["paths"]
    return [
        (method.upper(), path.replace("{image_id}", "7ybqswbpmh9ypy161ev8g97j42"))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if operation.get("security")
    ]


Assertion = Callable[[httpx.Response], None]


@pytest.fixture
def assert_refused(backend: Backend) -> Assertion:
    """Assert the gateway's response to a missing or invalid token."""

    def check(answer: httpx.Response) -> None:
        assert answer.status_code == 401
        assert answer.json()["message"] == "Unauthorized"
        # The emulator's gateway omits this header; AWS and the local server send it.
        if not backend.gateway_is_emulated:
            assert answer.headers["www-authenticate"].startswith("Bearer")

    return check


@pytest.mark.parametrize(("method", "path"), protected_operations())
def test_a_refresh_token_is_not_a_bearer_token(
    api: httpx.Client, user: User, method: str, path: str
) -> None:
    answer = api.request(method, path, headers={"authorization": f"Bearer {user.refresh_token}"})
    assert answer.status_code == 401


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_there_are_protected_operations() -> None:
    assert ("POST", "/v1/images") in protected_operations()
    assert ("GET", "/v1/users/me") in protected_operations()


@pytest.mark.parametrize(("method", "path"), protected_operations())
@pytest.mark.parametrize("authorization", [None, "Bearer garbage", "Basic dXNlcjpwYXNz", "Bearer"])
def test_no_operation_is_open_without_a_token(
    api: httpx.Client, assert_refused: Assertion, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    assert_refused(api.request(method, path, headers=headers))


def test_a_token_signed_by_another_key_is_refused(
    api: httpx.Client, assert_refused: Assertion, user: User
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header = jwt.get_unverified_header(user.access_token)
    forged = jwt.encode(claims_of(user.access_token), key, "RS256", headers={"kid": header["kid"]})

    assert_refused(api.get("/v1/users/me", headers={"authorization": f"Bearer {forged}"}))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256"])
def test_a_token_that_names_a_weaker_algorithm_is_refused(
    api: httpx.Client, assert_refused: Assertion, user: User, algorithm: str
) -> None:
    header, payload, signature = user.access_token.split(".")
    weaker = json.loads(base64.urlsafe_b64decode(header + "==")) | {"alg": algorithm}
    encoded = base64.urlsafe_b64encode(json.dumps(weaker).encode()).decode().rstrip("=")

    for forged in (f"{encoded}.{payload}.", f"{encoded}.{payload}.{signature}"):
        assert_refused(api.get("/v1/users/me", headers={"authorization": f"Bearer {forged}"}))


def test_a_token_whose_claims_were_changed_is_refused(
    api: httpx.Client, assert_refused: Assertion, new_user: User, other_user: User
) -> None:
    header, _, signature = new_user.access_token.split(".")
    payload = other_user.access_token.split(".")[1]

    assert_refused(
        api.get("/v1/images", headers={"authorization": f"Bearer {header}.{payload}.{signature}"})
    )


@pytest.mark.local_server
def test_an_expired_token_is_refused(
    api: httpx.Client, assert_refused: Assertion, backend: Backend, user: User
) -> None:
    assert backend.state_dir
    key = next(backend.state_dir.glob(f"state/cognito-pool-keys/{backend.user_pool_id}-access.pem"))
    header = jwt.get_unverified_header(user.access_token)
    claims = claims_of(user.access_token)

    def signed(expires: int) -> dict[str, str]:
        changed = claims | {"exp": expires}
        token = jwt.encode(changed, key.read_bytes(), "RS256", headers={"kid": header["kid"]})
        return {"authorization": f"Bearer {token}"}

    assert api.get("/v1/users/me", headers=signed(claims["exp"])).status_code == 200
    assert_refused(api.get("/v1/users/me", headers=signed(claims["iat"] - 1)))


@pytest.mark.emulated
def test_a_token_of_another_pool_or_another_client_is_refused(
    api: httpx.Client, assert_refused: Assertion, backend: Backend
) -> None:
    cognito = backend.aws("cognito-idp")
    foreign_pool = cognito.create_user_pool(PoolName="foreign", UsernameAttributes=["email"])["UserPool"][
        "Id"
    ]
    try:
        for pool in (foreign_pool, backend.user_pool_id):
            client = cognito.create_user_pool_client(
                UserPoolId=pool,
                ClientName="foreign",
                ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            )["UserPoolClient"]["ClientId"]
            email = new_email()
            cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
            cognito.admin_set_user_password(
                UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True
            )
            tokens = cognito.admin_initiate_auth(
                UserPoolId=pool,
                ClientId=client,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
            )["AuthenticationResult"]
            for token in (tokens["AccessToken"], tokens["IdToken"]):
                assert_refused(api.get("/v1/images", headers={"authorization": f"Bearer {token}"}))
    finally:
        cognito.delete_user_pool(UserPoolId=foreign_pool)


def test_access_and_id_tokens_are_both_accepted(api: httpx.Client, user: User) -> None:
    for token in (user.access_token, user.id_token):
        answer = api.get("/v1/users/me", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["user_id"]) == (200, user.id)


def test_the_scheme_may_be_written_in_any_case(api: httpx.Client, user: User) -> None:
    answer = api.get("/v1/users/me", headers={"Authorization": f"bearer {user.access_token}"})
    assert answer.status_code == 200
