"""The triggers function in a user pool of the emulator, called by Cognito itself."""

import json
from collections.abc import Callable

import jwt
import pytest
from pydantic import SecretStr

from domain.accounts.errors import RegistrationNotAllowed
from domain.accounts.model import Registration, RequestSource, Tokens
from entrypoints.local.emulator import Emulator
from tests.contract.directories import CognitoDirectory
from tests.support.trigger_function import deploy_triggers

SOURCE = RequestSource("192.0.2.1", "a browser", "api.example.com", "/v1/sessions")
PASSWORD = SecretStr("Correct-horse-1")
GROUPS = {"uploaders": ["images:upload"], "editors": ["images:edit", "images:upload"]}


@pytest.fixture(scope="module")
def triggers_arn(emulator: Emulator) -> str:
    """The function with a registration policy and group permissions."""
    return deploy_triggers(
        emulator.client,
        {
            "REGISTRATION_ALLOWED_DOMAINS": "example.com",
            "GROUP_PERMISSIONS": json.dumps(GROUPS),
            "DEFAULT_PERMISSIONS": "images:read",
        },
    )


@pytest.fixture
def directory(emulator: Emulator) -> CognitoDirectory:
    return CognitoDirectory(emulator)


@pytest.fixture
def with_triggers(directory: CognitoDirectory, triggers_arn: str) -> Callable[[str], CognitoDirectory]:
    def with_triggers(version: str) -> CognitoDirectory:
        tokens = (
            {"PreTokenGeneration": triggers_arn}
            if version == "V1_0"
            else {"PreTokenGenerationConfig": {"LambdaArn": triggers_arn, "LambdaVersion": version}}
        )
        directory.cognito.update_user_pool(
            UserPoolId=directory.pool.user_pool_id, LambdaConfig={"PreSignUp": triggers_arn, **tokens}
        )
        return directory

    return with_triggers


def test_the_registration_policy_refuses_a_sign_up(
    with_triggers: Callable[[str], CognitoDirectory],
) -> None:
    directory = with_triggers("V2_0")
    with pytest.raises(RegistrationNotAllowed):
        directory.provider.register(Registration("eve@elsewhere.org", PASSWORD))
    assert directory.provider.register(Registration("ann@example.com", PASSWORD)).status == "unconfirmed"


def test_an_administrator_may_create_whom_the_policy_refuses(
    with_triggers: Callable[[str], CognitoDirectory],
) -> None:
    directory = with_triggers("V2_0")
    directory.invite("eve@elsewhere.org", "Temporary-pass-1")
    assert directory.cognito.admin_get_user(
        UserPoolId=directory.pool.user_pool_id, Username="eve@elsewhere.org"
    )["Enabled"]


@pytest.mark.parametrize(
    ("version", "in_access_token"),
    [("V1_0", None), ("V2_0", "images:edit images:read images:upload")],
)
def test_groups_become_permissions_in_the_tokens(
    with_triggers: Callable[[str], CognitoDirectory], version: str, in_access_token: str | None
) -> None:
    directory = with_triggers(version)
    directory.provider.register(Registration("ann@example.com", PASSWORD))
    directory.provider.confirm("ann@example.com", directory.mailed_code("ann@example.com"))
    for group in ("uploaders", "editors", "unknown"):
        directory.cognito.create_group(UserPoolId=directory.pool.user_pool_id, GroupName=group)
        directory.cognito.admin_add_user_to_group(
            UserPoolId=directory.pool.user_pool_id, GroupName=group, Username="ann@example.com"
        )
    tokens = directory.provider.authenticate("ann@example.com", PASSWORD, SOURCE)
    assert isinstance(tokens, Tokens)
    access, identity = (
        jwt.decode(token, options={"verify_signature": False})
        for token in (tokens.access_token, tokens.id_token)
    )
    assert access.get("permissions") == in_access_token
    assert identity["permissions"] == "images:edit images:read images:upload"
