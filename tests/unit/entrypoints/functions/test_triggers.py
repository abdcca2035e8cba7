"""The trigger events of a user pool, as Cognito sends them, through the handler's composition."""

import json
from typing import Any

import pytest

from domain.accounts.errors import RegistrationNotAllowed
from domain.shared.errors import DomainError, InvalidRequest
from entrypoints.composition.triggers import TriggerSettings, trigger_use_cases
from entrypoints.functions.triggers import Triggers, handler


def event(source: str, version: str = "1", **request: Any) -> dict[str, Any]:
    return {
        "version": version,
        "triggerSource": source,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_Example",
        "userName": "b0c1",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "client-1"},
        "request": {"userAttributes": {"sub": "b0c1", "email": "ann@example.com"}, **request},
        "response": {},
    }


def answer(event: dict[str, Any], **variables: str) -> dict[str, Any]:
    return Triggers(trigger_use_cases(TriggerSettings.from_environment(variables))).answer(event)


def test_by_default_everybody_may_sign_up() -> None:
    before = event("PreSignUp_SignUp")
    assert answer(event("PreSignUp_SignUp")) == before


@pytest.mark.parametrize("source", ["PreSignUp_SignUp", "PreSignUp_ExternalProvider"])
@pytest.mark.parametrize(
    "variables",
    [
        {"REGISTRATION_OPEN": "false"},
        {"REGISTRATION_ALLOWED_DOMAINS": "elsewhere.org, example.net"},
        {"REGISTRATION_BLOCKED": "Example.COM"},
        {"REGISTRATION_BLOCKED": "ann@example.com"},
    ],
)
def test_a_refused_sign_up_raises(source: str, variables: dict[str, str]) -> None:
    with pytest.raises(RegistrationNotAllowed):
        answer(event(source), **variables)


def test_an_administrator_stands_above_the_policy() -> None:
    assert answer(event("PreSignUp_AdminCreateUser"), REGISTRATION_OPEN="false")["response"] == {}


def test_a_federated_sign_up_without_an_address_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        answer(event("PreSignUp_ExternalProvider") | {"request": {"userAttributes": {"sub": "b0c1"}}})


def test_a_sign_in_leaves_one_audit_line_without_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    answer(event("PostAuthentication_Authentication", newDeviceUsed=False))
    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "audit": "user-signed-in",
        # Lambda never filters these.
        "level": "FATAL",
        "user_id": "b0c1",
        "client_id": "client-1",
        "trigger": "PostAuthentication_Authentication",
    }


def test_audit_lines_can_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    answer(event("PostAuthentication_Authentication"), AUDIT_SIGN_INS="false")
    assert capsys.readouterr().out == ""


GRANTS = {"GROUP_PERMISSIONS": '{"uploaders": ["images:upload"]}', "DEFAULT_PERMISSIONS": "images:read"}


def test_version_2_puts_permissions_into_both_tokens() -> None:
    groups = {"groupsToOverride": ["uploaders", "others"]}
    asked = event("TokenGeneration_Authentication", "2", groupConfiguration=groups)
    added = {"claimsToAddOrOverride": {"permissions": "images:read images:upload"}}
    assert answer(asked, **GRANTS)["response"] == {
        "claimsAndScopeOverrideDetails": {"idTokenGeneration": added, "accessTokenGeneration": added}
    }


def test_version_1_puts_permissions_into_the_id_token() -> None:
    groups = {"groupsToOverride": ["uploaders"]}
    asked = event("TokenGeneration_RefreshTokens", "1", groupConfiguration=groups)
    assert answer(asked, **GRANTS)["response"] == {
        "claimsOverrideDetails": {"claimsToAddOrOverride": {"permissions": "images:read images:upload"}}
    }


@pytest.mark.parametrize("groups", [{}, {"groupsToOverride": None}, {"groupsToOverride": []}])
def test_a_user_without_groups_gets_what_everyone_gets(groups: dict[str, Any]) -> None:
    response = answer(event("TokenGeneration_Authentication", "1", groupConfiguration=groups))["response"]
    assert response == {"claimsOverrideDetails": {"claimsToAddOrOverride": {"permissions": ""}}}


def test_other_trigger_sources_pass_unchanged() -> None:
    before = event("PostConfirmation_ConfirmSignUp")
    assert answer(event("PostConfirmation_ConfirmSignUp"), REGISTRATION_OPEN="false") == before


def test_the_handler_reads_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRATION_OPEN", "false")
    with pytest.raises(DomainError, match="Registration is closed"):
        handler(event("PreSignUp_SignUp"), None)


def test_settings_are_read_from_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRATION_ALLOWED_DOMAINS", " Example.com,example.org ,")
    monkeypatch.setenv("GROUP_PERMISSIONS", '{"uploaders": ["images:upload"]}')
    settings = TriggerSettings.from_environment()
    assert settings.registration_allowed_domains == {"example.com", "example.org"}
    assert settings.group_permissions == {"uploaders": frozenset({"images:upload"})}
