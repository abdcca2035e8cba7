"""The Cognito adapter's handling of errors that an emulator cannot produce, in the service's own shapes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.stub import ANY, Stubber
from pydantic import SecretStr

from adapters.cognito.challenges import ChallengeSession
from adapters.cognito.errors import Misconfigured
from adapters.cognito.identity_provider import CognitoIdentityProvider
from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    ExpiredCode,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    PasswordResetRequired,
    RegistrationNotAllowed,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)
from domain.accounts.model import (
    ChallengeAnswer,
    ChallengeName,
    ProfilePatch,
    Registration,
    RequestSource,
    Tokens,
)
from domain.shared.errors import (
    DomainError,
    InvalidRequest,
    PermissionDenied,
    ServiceUnavailable,
    TooManyRequests,
)
from entrypoints.http.problems import STATUS_BY_ERROR

POOL, CLIENT = "eu-central-1_Example", "client-1"
PASSWORD = SecretStr("Correct-horse-1")
TOKEN = SecretStr("token")
SESSION = ChallengeSession("ann@example.com", "b0c1", "s" * 40).sealed()

SOURCE = RequestSource("192.0.2.1", "a browser", "api.example.com", "/v1/sessions", device_data="encoded")
CONTEXT = {
    "IpAddress": "192.0.2.1",
    "ServerName": "api.example.com",
    "ServerPath": "/v1/sessions",
    "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "a browser"}],
    "EncodedData": "encoded",
}

SERVICE = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"))

Act = Callable[[CognitoIdentityProvider], Any]

OPERATIONS: dict[str, Act] = {
    "SignUp": lambda provider: provider.register(Registration("ann@example.com", PASSWORD)),
    "ConfirmSignUp": lambda provider: provider.confirm("ann@example.com", "123456"),
    "ResendConfirmationCode": lambda provider: provider.resend_confirmation_code("ann@example.com"),
    "AdminInitiateAuth": lambda provider: provider.authenticate("ann@example.com", PASSWORD, SOURCE),
    "AdminRespondToAuthChallenge": lambda provider: provider.answer_challenge(
        ChallengeAnswer("ann@example.com", ChallengeName.SOFTWARE_TOKEN_MFA, SESSION, code="123456"), SOURCE
    ),
    "GetTokensFromRefreshToken": lambda provider: provider.refresh(TOKEN),
    "RevokeToken": lambda provider: provider.revoke(TOKEN),
    "AdminUserGlobalSignOut": lambda provider: provider.sign_out_everywhere("b0c1"),
    "ForgotPassword": lambda provider: provider.send_reset_code("ann@example.com"),
    "ConfirmForgotPassword": lambda provider: provider.reset_password(
        "ann@example.com", "123456", PASSWORD
    ),
    "AdminSetUserPassword": lambda provider: provider.set_password("b0c1", PASSWORD),
    "AdminGetUser": lambda provider: provider.get_profile("b0c1"),
    "AdminUpdateUserAttributes": lambda provider: provider.update_profile(
        "b0c1", ProfilePatch(given_name="A")
    ),
    "AdminDeleteUser": lambda provider: provider.delete_user("b0c1"),
    "AssociateSoftwareToken": lambda provider: provider.start_totp_enrolment(TOKEN),
    "VerifySoftwareToken": lambda provider: provider.verify_totp(TOKEN, "123456"),
    "SetUserMFAPreference": lambda provider: provider.disable_totp(TOKEN),
}
"""A call of the adapter for each Cognito operation that it uses."""


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client(
        "cognito-idp", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber


@pytest.fixture
def provider(stubber: Stubber) -> CognitoIdentityProvider:
    return CognitoIdentityProvider(stubber.client, user_pool_id=POOL, client_id=CLIENT)


def method_of(operation: str) -> str:
    return xform_name(operation)


def fail(stubber: Stubber, operation: str, code: str, message: str = "", status: int = 400) -> None:
    """Make Cognito answer with an error of its service model, for this operation or for all."""
    known = {shape.name for shape in SERVICE.operation_model(operation).error_shapes}
    assert code in known | {"ThrottlingException", "ServiceUnavailable", "AccessDeniedException", "New"}
    stubber.add_client_error(method_of(operation), code, message, http_status_code=status)


def challenged(name: str) -> dict[str, Any]:
    return {
        "ChallengeName": name,
        "Session": "s" * 40,
        "ChallengeParameters": {"USER_ID_FOR_SRP": "b0c1"},
    }


SIGNED_IN = {
    "AuthenticationResult": {"AccessToken": "a", "IdToken": "i", "RefreshToken": "r", "ExpiresIn": 300},
    "ChallengeParameters": {},
}


def answer_in(challenge: ChallengeName) -> Act:
    is_new_password = challenge is ChallengeName.NEW_PASSWORD_REQUIRED
    answer = ChallengeAnswer(
        "ann@example.com",
        challenge,
        SESSION,
        code=None if is_new_password else "123456",
        new_password=PASSWORD if is_new_password else None,
    )
    return lambda provider: provider.answer_challenge(answer, SOURCE)


@dataclass(frozen=True)
class Situation:
    """A Cognito call during a call of the adapter, after others that succeed."""

    operation: str
    act: Act
    before: tuple[tuple[str, dict[str, Any]], ...] = ()


SITUATIONS = {
    **{operation: Situation(operation, act) for operation, act in OPERATIONS.items()},
    "new password": Situation(
        "AdminRespondToAuthChallenge", answer_in(ChallengeName.NEW_PASSWORD_REQUIRED)
    ),
    "set-up begins": Situation(
        "AssociateSoftwareToken",
        lambda provider: provider.authenticate("ann@example.com", PASSWORD, SOURCE),
        (("AdminInitiateAuth", challenged("MFA_SETUP")),),
    ),
    "set-up is verified": Situation("VerifySoftwareToken", answer_in(ChallengeName.MFA_SETUP)),
    "set-up ends": Situation(
        "AdminRespondToAuthChallenge",
        answer_in(ChallengeName.MFA_SETUP),
        (("VerifySoftwareToken", {"Status": "SUCCESS", "Session": "t" * 40}),),
    ),
    "password is verified": Situation(
        "AdminInitiateAuth", lambda provider: provider.verify_password("b0c1", PASSWORD, SOURCE)
    ),
    "verification leaves no sign-in": Situation(
        "RevokeToken",
        lambda provider: provider.verify_password("b0c1", PASSWORD, SOURCE),
        (("AdminInitiateAuth", SIGNED_IN),),
    ),
    "codes are asked for": Situation(
        "SetUserMFAPreference",
        lambda provider: provider.verify_totp(TOKEN, "123456"),
        (("VerifySoftwareToken", {"Status": "SUCCESS"}),),
    ),
    "policy is read": Situation(
        "DescribeUserPool",
        lambda provider: provider._weak_password(),
    ),
}
"""All calls that the adapter makes, in each context where errors might have another meaning."""


def documented_errors() -> list[Any]:
    """All errors in Cognito's service model for these calls."""
    return [
        pytest.param(situation, shape.name, id=f"{name}-{shape.name}")
        for name, situation in SITUATIONS.items()
        for shape in SERVICE.operation_model(situation.operation).error_shapes
    ]


@pytest.mark.parametrize(("situation", "code"), documented_errors())
def test_every_documented_error_is_mapped_on_purpose(
    stubber: Stubber, provider: CognitoIdentityProvider, situation: Situation, code: str
) -> None:
    for operation, answer in situation.before:
        stubber.add_response(method_of(operation), answer)
    fail(stubber, situation.operation, code, "An internal detail")
    if code == "InvalidPasswordException":
        stubber.add_response("describe_user_pool", {"UserPool": {}})
    outcome = outcome_of(lambda: situation.act(provider))
    stubber.assert_no_pending_responses()
    match outcome:
        case DomainError():
            assert type(outcome) in STATUS_BY_ERROR
            assert "An internal detail" not in outcome.detail
        case Misconfigured():
            assert str(outcome) == code
            assert code in OURS | ADMINISTRATORS_OURS.get(situation.operation, frozenset())
        case _:
            assert code in NO_ERRORS[situation.operation]


def outcome_of(act: Callable[[], object]) -> Exception | None:
    """Return the translated error; raise an untranslated one."""
    try:
        act()
    except (DomainError, Misconfigured) as error:
        return error
    return None


NOT_SENT = {
    "CodeDeliveryFailureException",
    "InvalidEmailRoleAccessPolicyException",
    "InvalidLambdaResponseException",
    "InvalidParameterException",
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "LimitExceededException",
    "NotAuthorizedException",
    "UnexpectedLambdaException",
    "UserLambdaValidationException",
    "UserNotFoundException",
}
NO_ERRORS = {
    "AdminDeleteUser": {"UserNotFoundException"},
    "AdminUserGlobalSignOut": {"UserNotFoundException"},
    "DescribeUserPool": {shape.name for shape in SERVICE.operation_model("DescribeUserPool").error_shapes},
    "ForgotPassword": NOT_SENT,
    "ResendConfirmationCode": NOT_SENT,
    "RevokeToken": {
        "InvalidParameterException",
        "NotAuthorizedException",
        "UnauthorizedException",
        "UnsupportedTokenTypeException",
    },
}
"""Errors that are not a failure for the caller."""

OURS = {
    "InvalidEmailRoleAccessPolicyException",
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "InvalidUserPoolConfigurationException",
    "MFAMethodNotFoundException",
    "OperationNotEnabledException",
    "ResourceNotFoundException",
    "UnsupportedOperationException",
}
"""Errors that only the operator of the service can fix."""

BY_MISTAKE = frozenset({"InvalidParameterException", "NotAuthorizedException"})
ADMINISTRATORS_OURS = {
    "AdminDeleteUser": BY_MISTAKE,
    "AdminGetUser": BY_MISTAKE,
    "AdminSetUserPassword": BY_MISTAKE,
    "AdminUpdateUserAttributes": BY_MISTAKE | {"AliasExistsException"},
    "AdminUserGlobalSignOut": BY_MISTAKE,
    "AssociateSoftwareToken": frozenset({"SoftwareTokenMFANotFoundException"}),
}


def test_an_error_that_cognito_does_not_document_is_not_hidden(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    fail(stubber, "AdminGetUser", "New")
    with pytest.raises(ClientError):
        provider.get_profile("b0c1")


def test_nothing_reveals_who_has_an_account_when_a_code_cannot_be_sent(
    stubber: Stubber, provider: CognitoIdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Only limits and failures that affect all addresses equally may be reported."""
    told = set()
    for operation in ("ForgotPassword", "ResendConfirmationCode"):
        for shape in SERVICE.operation_model(operation).error_shapes:
            fail(stubber, operation, shape.name)
            if outcome_of(lambda act=OPERATIONS[operation]: act(provider)) is not None:
                told.add(shape.name)
    assert told == {
        "ForbiddenException",
        "InternalErrorException",
        "OperationNotEnabledException",
        "ResourceNotFoundException",
        "TooManyRequestsException",
    }
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert any("InvalidEmailRoleAccessPolicyException" in error for error in errors)


TRANSLATIONS: list[tuple[str, str, type[DomainError] | None]] = [
    ("SignUp", "InvalidParameterException", InvalidRequest),
    ("SignUp", "ForbiddenException", PermissionDenied),
    ("ConfirmSignUp", "AliasExistsException", UserAlreadyExists),
    ("AdminRespondToAuthChallenge", "AliasExistsException", ChallengeFailed),
    ("AdminRespondToAuthChallenge", "PasswordResetRequiredException", PasswordResetRequired),
    ("ResendConfirmationCode", "InvalidEmailRoleAccessPolicyException", None),
    ("ForgotPassword", "InvalidEmailRoleAccessPolicyException", None),
    ("SetUserMFAPreference", "UserNotConfirmedException", UserNotConfirmed),
    ("AdminUpdateUserAttributes", "InvalidParameterException", InvalidRequest),
    ("SignUp", "NotAuthorizedException", RegistrationNotAllowed),
    ("SignUp", "UserLambdaValidationException", RegistrationNotAllowed),
    ("SignUp", "CodeDeliveryFailureException", ServiceUnavailable),
    ("ConfirmSignUp", "ExpiredCodeException", ExpiredCode),
    ("ConfirmSignUp", "NotAuthorizedException", InvalidCode),
    ("ConfirmSignUp", "UserNotFoundException", InvalidCode),
    ("ConfirmSignUp", "TooManyFailedAttemptsException", TooManyRequests),
    ("ConfirmSignUp", "LimitExceededException", TooManyRequests),
    ("ResendConfirmationCode", "UserNotFoundException", None),
    ("ResendConfirmationCode", "InvalidParameterException", None),
    ("ResendConfirmationCode", "LimitExceededException", None),
    ("ResendConfirmationCode", "CodeDeliveryFailureException", None),
    ("AdminInitiateAuth", "UserNotFoundException", InvalidCredentials),
    ("AdminInitiateAuth", "UserNotConfirmedException", UserNotConfirmed),
    ("AdminInitiateAuth", "PasswordResetRequiredException", PasswordResetRequired),
    ("AdminInitiateAuth", "UserLambdaValidationException", ServiceUnavailable),
    ("AdminInitiateAuth", "UnexpectedLambdaException", ServiceUnavailable),
    ("AdminRespondToAuthChallenge", "CodeMismatchException", ChallengeFailed),
    ("AdminRespondToAuthChallenge", "ExpiredCodeException", ChallengeFailed),
    ("AdminRespondToAuthChallenge", "NotAuthorizedException", ChallengeFailed),
    ("AdminRespondToAuthChallenge", "InvalidPasswordException", WeakPassword),
    ("AdminRespondToAuthChallenge", "PasswordHistoryPolicyViolationException", WeakPassword),
    ("GetTokensFromRefreshToken", "RefreshTokenReuseException", InvalidRefreshToken),
    ("GetTokensFromRefreshToken", "UserNotFoundException", InvalidRefreshToken),
    ("RevokeToken", "UnsupportedTokenTypeException", None),
    ("RevokeToken", "UnauthorizedException", None),
    ("AdminUserGlobalSignOut", "UserNotFoundException", None),
    ("ForgotPassword", "InvalidParameterException", None),
    ("ForgotPassword", "NotAuthorizedException", None),
    ("ForgotPassword", "LimitExceededException", None),
    ("ForgotPassword", "UserLambdaValidationException", None),
    ("ConfirmForgotPassword", "ExpiredCodeException", InvalidCode),
    ("ConfirmForgotPassword", "CodeMismatchException", InvalidCode),
    ("ConfirmForgotPassword", "UserNotConfirmedException", InvalidCode),
    ("ConfirmForgotPassword", "TooManyFailedAttemptsException", TooManyRequests),
    ("ConfirmForgotPassword", "PasswordHistoryPolicyViolationException", WeakPassword),
    ("AdminSetUserPassword", "InvalidParameterException", InvalidRequest),
    ("AdminSetUserPassword", "UserNotFoundException", UserNotFound),
    ("AdminDeleteUser", "UserNotFoundException", None),
    ("VerifySoftwareToken", "CodeMismatchException", InvalidCode),
    ("VerifySoftwareToken", "SoftwareTokenMFANotFoundException", InvalidCode),
    ("VerifySoftwareToken", "PasswordResetRequiredException", PasswordResetRequired),
    ("AssociateSoftwareToken", "ConcurrentModificationException", TooManyRequests),
    ("SetUserMFAPreference", "NotAuthorizedException", AccessTokenRequired),
    ("AssociateSoftwareToken", "SoftwareTokenMFANotFoundException", PermissionDenied),
    ("SetUserMFAPreference", "InvalidParameterException", PermissionDenied),
    ("SetUserMFAPreference", "UserNotFoundException", UserNotFound),
]


@pytest.mark.parametrize(("operation", "code", "expected"), TRANSLATIONS)
def test_errors_of_cognito_have_a_meaning(
    stubber: Stubber,
    provider: CognitoIdentityProvider,
    operation: str,
    code: str,
    expected: type[DomainError] | None,
) -> None:
    fail(stubber, operation, code, "An internal detail")
    if code == "InvalidPasswordException":
        stubber.add_response("describe_user_pool", {"UserPool": {}})
    if expected is None:
        assert OPERATIONS[operation](provider) is None
    else:
        with pytest.raises(expected) as raised:
            OPERATIONS[operation](provider)
        assert "An internal detail" not in raised.value.detail
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("TooManyRequestsException", 400, TooManyRequests),
        ("ThrottlingException", 400, TooManyRequests),
        ("InternalErrorException", 500, ServiceUnavailable),
        ("ServiceUnavailable", 503, ServiceUnavailable),
        # An intermediate gateway has its own error codes, or none.
        ("502", 502, ServiceUnavailable),
        ("SomethingNew", 500, ServiceUnavailable),
    ],
)
def test_throttles_and_failures_ask_to_come_back_later(
    stubber: Stubber,
    provider: CognitoIdentityProvider,
    operation: str,
    code: str,
    status: int,
    expected: type[TooManyRequests | ServiceUnavailable],
) -> None:
    stubber.add_client_error(method_of(operation), code, "Rate exceeded", http_status_code=status)
    with pytest.raises(expected) as raised:
        OPERATIONS[operation](provider)
    assert raised.value.retry_after_s > 0


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("failure", [EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError])
def test_a_service_that_cannot_be_reached_is_unavailable(
    provider: CognitoIdentityProvider,
    stubber: Stubber,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    failure: type[Exception],
) -> None:
    def unreachable(**_: object) -> None:
        raise failure(endpoint_url="https://cognito-idp.example")  # type: ignore[call-arg]

    monkeypatch.setattr(stubber.client, method_of(operation), unreachable)
    with pytest.raises(ServiceUnavailable):
        OPERATIONS[operation](provider)


def test_a_lockout_is_distinguished_from_a_wrong_password(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    fail(stubber, "AdminInitiateAuth", "NotAuthorizedException", "Password attempts exceeded")
    with pytest.raises(TooManyRequests) as raised:
        provider.authenticate("ann@example.com", PASSWORD, SOURCE)
    assert raised.value.retry_after_s == 60


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_permission_of_ours_is_not_an_error_of_the_caller(
    stubber: Stubber, provider: CognitoIdentityProvider, operation: str
) -> None:
    fail(stubber, operation, "AccessDeniedException")
    with pytest.raises(Misconfigured, match="AccessDeniedException"):
        OPERATIONS[operation](provider)


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("PreSignUp failed with error Registration is closed..", "Registration is closed."),
        ("PreSignUp failed with error Registration is closed", "Registration is closed."),
        ("Something else", "The registration policy refuses this e-mail address."),
    ],
)
def test_a_refusal_of_the_trigger_keeps_its_own_message(
    stubber: Stubber, provider: CognitoIdentityProvider, message: str, detail: str
) -> None:
    fail(stubber, "SignUp", "UserLambdaValidationException", message)
    with pytest.raises(RegistrationNotAllowed) as raised:
        provider.register(Registration("ann@example.com", PASSWORD))
    assert raised.value.detail == detail


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (
            {"MinimumLength": 8, "RequireSymbols": True, "RequireNumbers": True},
            "A password must have at least 8 characters, including a digit and a symbol.",
        ),
        (
            {"RequireSymbols": True},
            "A password must have at least 6 characters, including a symbol.",
        ),
        ({"MinimumLength": 16}, "A password must have at least 16 characters."),
        ({}, "A password must have at least 6 characters."),
    ],
)
def test_the_password_policy_is_the_pools_and_read_once(
    stubber: Stubber, provider: CognitoIdentityProvider, policy: dict[str, Any], sentence: str
) -> None:
    fail(stubber, "SignUp", "InvalidPasswordException", "Password did not conform with policy")
    stubber.add_response("describe_user_pool", {"UserPool": {"Policies": {"PasswordPolicy": policy}}})
    fail(stubber, "SignUp", "InvalidPasswordException", "Password did not conform with policy")
    for _ in range(2):
        with pytest.raises(WeakPassword) as raised:
            provider.register(Registration("ann@example.com", PASSWORD))
        assert raised.value.detail == sentence
    stubber.assert_no_pending_responses()


def test_threat_protection_refuses_passwords_beyond_the_policy(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    fail(stubber, "SignUp", "InvalidPasswordException")
    pool = {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}
    stubber.add_response(
        "describe_user_pool", {"UserPool": pool | {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}}
    )
    with pytest.raises(WeakPassword, match=r"at least 12 characters\. Passwords known from data breaches"):
        provider.register(Registration("ann@example.com", PASSWORD))


def test_a_policy_that_cannot_be_read_is_still_named(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    fail(stubber, "SignUp", "InvalidPasswordException")
    stubber.add_client_error("describe_user_pool", "AccessDeniedException")
    with pytest.raises(WeakPassword, match="does not satisfy the password policy"):
        provider.register(Registration("ann@example.com", PASSWORD))


def test_a_code_that_cannot_be_sent_is_a_wrong_code(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.deactivate()
    with pytest.raises(InvalidCode):
        provider.verify_totp(TOKEN, "12345")


def test_any_other_value_that_cannot_be_sent_is_an_error_of_our_own(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.deactivate()
    with pytest.raises(ParamValidationError):
        provider.delete_user("")


def test_a_session_that_cannot_be_sent_fails_the_challenge(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.deactivate()
    session = ChallengeSession("ann@example.com", "b0c1", "short").sealed()
    with pytest.raises(ChallengeFailed):
        provider.answer_challenge(
            ChallengeAnswer("ann@example.com", ChallengeName.SOFTWARE_TOKEN_MFA, session, code="123456"),
            SOURCE,
        )


def test_the_challenge_is_answered_in_the_name_that_the_pool_gave(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response(
        "admin_initiate_auth",
        {
            "ChallengeName": "SOFTWARE_TOKEN_MFA",
            "Session": "s" * 40,
            "ChallengeParameters": {"USER_ID_FOR_SRP": "b0c1", "FRIENDLY_DEVICE_NAME": "phone"},
        },
    )
    stubber.add_response(
        "admin_respond_to_auth_challenge",
        {
            "AuthenticationResult": {
                "AccessToken": "access",
                "IdToken": "id",
                "RefreshToken": "refresh",
                "ExpiresIn": 300,
                "TokenType": "Bearer",
            },
            "ChallengeParameters": {},
        },
        {
            "UserPoolId": POOL,
            "ClientId": CLIENT,
            "ChallengeName": "SOFTWARE_TOKEN_MFA",
            "Session": "s" * 40,
            "ChallengeResponses": {"USERNAME": "b0c1", "SOFTWARE_TOKEN_MFA_CODE": "123456"},
            "ContextData": CONTEXT,
        },
    )
    challenge = provider.authenticate("ann@example.com", PASSWORD, SOURCE)
    assert not isinstance(challenge, Tokens)
    assert challenge.parameters == {"device_name": "phone"}
    answer = ChallengeAnswer("ann@example.com", challenge.challenge, challenge.session, code="123456")
    assert provider.answer_challenge(answer, SOURCE) == Tokens(
        access_token="access", id_token="id", refresh_token="refresh", expires_in=300
    )


def test_a_new_password_may_lead_to_a_further_challenge(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response(
        "admin_respond_to_auth_challenge",
        {
            "ChallengeName": "SOFTWARE_TOKEN_MFA",
            "Session": "t" * 40,
            "ChallengeParameters": {"USER_ID_FOR_SRP": "b0c1"},
        },
    )
    further = provider.answer_challenge(
        ChallengeAnswer(
            "ann@example.com", ChallengeName.NEW_PASSWORD_REQUIRED, SESSION, new_password=PASSWORD
        ),
        SOURCE,
    )
    assert not isinstance(further, Tokens)
    assert further.challenge is ChallengeName.SOFTWARE_TOKEN_MFA


def test_a_required_second_factor_is_set_up_during_the_sign_in(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response(
        "admin_initiate_auth",
        {
            "ChallengeName": "MFA_SETUP",
            "Session": "s" * 40,
            "ChallengeParameters": {"USER_ID_FOR_SRP": "b0c1", "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'},
        },
    )
    stubber.add_response(
        "associate_software_token",
        {"SecretCode": "JBSWY3DPEHPK3PXP", "Session": "t" * 40},
        {"Session": "s" * 40},
    )
    challenge = provider.authenticate("ann@example.com", PASSWORD, SOURCE)
    assert not isinstance(challenge, Tokens)
    assert challenge.challenge is ChallengeName.MFA_SETUP
    assert challenge.parameters == {"secret": "JBSWY3DPEHPK3PXP"}

    answer = ChallengeAnswer("ann@example.com", challenge.challenge, challenge.session, code="123456")
    fail(stubber, "VerifySoftwareToken", "EnableSoftwareTokenMFAException", "Code mismatch")
    with pytest.raises(ChallengeFailed):
        provider.answer_challenge(answer, SOURCE)
    stubber.add_response(
        "verify_software_token",
        {"Status": "SUCCESS", "Session": "u" * 40},
        {"Session": "t" * 40, "UserCode": "123456"},
    )
    stubber.add_response(
        "admin_respond_to_auth_challenge",
        {
            "AuthenticationResult": {"AccessToken": "access", "IdToken": "id", "ExpiresIn": 300},
            "ChallengeParameters": {},
        },
        {
            "UserPoolId": POOL,
            "ClientId": CLIENT,
            "ChallengeName": "MFA_SETUP",
            "Session": "u" * 40,
            "ChallengeResponses": {"USERNAME": "b0c1"},
            "ContextData": CONTEXT,
        },
    )
    assert isinstance(provider.answer_challenge(answer, SOURCE), Tokens)
    stubber.assert_no_pending_responses()


def test_rotation_replaces_the_refresh_token(stubber: Stubber, provider: CognitoIdentityProvider) -> None:
    stubber.add_response(
        "get_tokens_from_refresh_token",
        {
            "AuthenticationResult": {
                "AccessToken": "access",
                "IdToken": "id",
                "RefreshToken": "rotated",
                "ExpiresIn": 300,
            }
        },
        {"ClientId": CLIENT, "RefreshToken": "token"},
    )
    assert provider.refresh(TOKEN).refresh_token == "rotated"


@pytest.mark.parametrize("device_data", [None, "encoded"])
@pytest.mark.parametrize("verifies", [False, True], ids=["sign-in", "verification"])
def test_a_sign_in_sends_its_origin_to_cognito(
    stubber: Stubber, provider: CognitoIdentityProvider, device_data: str | None, verifies: bool
) -> None:
    context = {name: value for name, value in CONTEXT.items() if device_data or name != "EncodedData"}
    stubber.add_response(
        "admin_initiate_auth",
        challenged("SOFTWARE_TOKEN_MFA"),
        {
            "UserPoolId": POOL,
            "ClientId": CLIENT,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "b0c1", "PASSWORD": PASSWORD.get_secret_value()},
            "ContextData": context,
        },
    )
    sign_in = provider.verify_password if verifies else provider.authenticate
    sign_in("b0c1", PASSWORD, replace(SOURCE, device_data=device_data))
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize("challenge", ChallengeName)
def test_nothing_in_a_session_of_ours_is_believed(
    stubber: Stubber, provider: CognitoIdentityProvider, challenge: ChallengeName
) -> None:
    """Whatever name a client sends, Cognito checks that the session belongs to that user."""
    forged = ChallengeSession("ann@example.com", "somebody-else", "s" * 40).sealed()
    if challenge is ChallengeName.MFA_SETUP:
        stubber.add_response("verify_software_token", {"Status": "SUCCESS", "Session": "s" * 40})
    fail(stubber, "AdminRespondToAuthChallenge", "NotAuthorizedException", "Invalid session for the user.")
    with pytest.raises(ChallengeFailed):
        provider.answer_challenge(
            replace(
                ChallengeAnswer("ann@example.com", challenge, forged),
                code=None if challenge is ChallengeName.NEW_PASSWORD_REQUIRED else "123456",
                new_password=PASSWORD if challenge is ChallengeName.NEW_PASSWORD_REQUIRED else None,
            ),
            SOURCE,
        )
    stubber.assert_no_pending_responses()


def test_verifying_a_password_leaves_no_sign_in(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    result = {"AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 300}
    stubber.add_response("admin_initiate_auth", {"AuthenticationResult": result, "ChallengeParameters": {}})
    stubber.add_response("revoke_token", {}, {"ClientId": CLIENT, "Token": "refresh"})
    provider.verify_password("b0c1", PASSWORD, SOURCE)
    stubber.assert_no_pending_responses()


def test_a_verified_code_makes_cognito_ask_for_codes(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response("verify_software_token", {"Status": "SUCCESS"})
    stubber.add_response(
        "set_user_mfa_preference",
        {},
        {"AccessToken": ANY, "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}},
    )
    provider.verify_totp(TOKEN, "123456")
    stubber.assert_no_pending_responses()


def test_an_auto_confirmed_account_has_no_code_delivery(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response("sign_up", {"UserConfirmed": True, "UserSub": "b0c1"})
    user = provider.register(Registration("ann@example.com", PASSWORD))
    assert (user.status, user.code_delivery) == ("confirmed", None)


def test_a_mask_of_cognitos_own_stays(stubber: Stubber, provider: CognitoIdentityProvider) -> None:
    delivery = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    stubber.add_response(
        "sign_up", {"UserConfirmed": False, "UserSub": "b0c1", "CodeDeliveryDetails": delivery}
    )
    user = provider.register(Registration("ann@example.com", PASSWORD))
    assert user.code_delivery is not None
    assert user.code_delivery.model_dump() == {"medium": "email", "destination": "a***@e***"}


def test_a_verified_address_and_the_time_of_registration_are_shown_in_utc(
    stubber: Stubber, provider: CognitoIdentityProvider
) -> None:
    stubber.add_response(
        "admin_get_user",
        {
            "Username": "Google_1234",
            "UserCreateDate": datetime.fromisoformat("2026-03-01T12:00:00+02:00"),
            "UserAttributes": [
                {"Name": "sub", "Value": "b0c1"},
                {"Name": "email", "Value": "ann@example.com"},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "family_name", "Value": ""},
            ],
            "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"],
        },
        {"UserPoolId": POOL, "Username": "Google_1234"},
    )
    profile = provider.get_profile("Google_1234")
    assert profile.user_id == "b0c1"
    assert profile.email_verified is True
    assert profile.family_name is None
    assert profile.mfa_enabled is True
    assert (profile.created_at, profile.created_at.tzinfo) == (datetime(2026, 3, 1, 10, tzinfo=UTC), UTC)


def test_a_silent_failure_to_send_a_code_is_logged_without_the_address(
    stubber: Stubber, provider: CognitoIdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    fail(stubber, "ForgotPassword", "CodeDeliveryFailureException")
    provider.send_reset_code("ann@example.com")
    assert "CodeDeliveryFailureException" in caplog.text
    assert "ann@example.com" not in json.dumps([record.getMessage() for record in caplog.records])
