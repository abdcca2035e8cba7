"""Implements the identity provider with an Amazon Cognito user pool.

The pool's users sign in with their e-mail address (``username_attributes = ["email"]``). The app client
belongs to the server: it has no secret, and only callers that IAM authorises can use its password flow,
ADMIN_USER_PASSWORD_AUTH.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import SecretStr

from adapters.cognito.challenges import ChallengeSession
from adapters.cognito.errors import error_code, translated_errors
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
    Challenge,
    ChallengeAnswer,
    ChallengeName,
    CodeDelivery,
    DirectoryLimits,
    ProfilePatch,
    RegisteredUser,
    Registration,
    RequestSource,
    Tokens,
    UserProfile,
)
from domain.shared.errors import DomainError, InvalidRequest, PermissionDenied

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        AdminInitiateAuthResponseTypeDef,
        AdminRespondToAuthChallengeResponseTypeDef,
        AuthenticationResultTypeTypeDef,
        CodeDeliveryDetailsTypeTypeDef,
        ContextDataTypeTypeDef,
    )

_logger = logging.getLogger(__name__)

_TRIGGER_REFUSAL = re.compile(r"PreSignUp failed with error (?P<detail>.+?)\.*", re.DOTALL)

LIMITS = DirectoryLimits(max_email_length=128, max_password_length=256, max_token_length=4096)
"""Cognito's UsernameType and PasswordType. Cognito sets no limit on tokens; a session of at most 2,048
characters is longer here, because it is sealed together with names."""

_NEVER_TOLD = frozenset(
    {
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
)
"""Errors of sending a code that must not be seen: they reveal whether an account exists, or its state."""

_CANNOT_SEND = _NEVER_TOLD - {
    "InvalidParameterException",
    "LimitExceededException",
    "NotAuthorizedException",
    "UserNotFoundException",
}
"""The errors among these that an operator has to investigate."""

_ADMINISTRATORS_OPERATION = frozenset({"InvalidParameterException", "NotAuthorizedException"})
"""Errors that mean a misconfiguration if the user comes from a verified token."""


_NOTHING_TO_REVOKE = frozenset(
    {
        "InvalidParameterException",
        "NotAuthorizedException",
        "UnauthorizedException",
        "UnsupportedTokenTypeException",
    }
)
"""Cognito's errors for a text that is not a valid refresh token of this client."""


class CognitoIdentityProvider:
    """Implements :class:`domain.accounts.ports.IdentityProvider` with a Cognito user pool.

    Operations: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    """

    def __init__(
        self, client: "CognitoIdentityProviderClient", *, user_pool_id: str, client_id: str
    ) -> None:
        self._cognito = client
        self._pool = user_pool_id
        self._client_id = client_id

    @property
    def limits(self) -> DirectoryLimits:
        return LIMITS

    def register(self, registration: Registration) -> RegisteredUser:
        attributes = {
            "email": registration.email,
            "given_name": registration.given_name,
            "family_name": registration.family_name,
        }
        with (
            translated_errors(
                {
                    "UsernameExistsException": UserAlreadyExists(
                        "An account with this e-mail address exists."
                    ),
                    # The pool may only allow sign-up by administrators.
                    "NotAuthorizedException": RegistrationNotAllowed("Registration is closed."),
                    "InvalidParameterException": InvalidRequest(
                        "The e-mail address, the password or a name has characters that are not allowed."
                    ),
                }
            ),
            self._password_policy_stated(),
            _refusal_by_trigger(),
        ):
            answer = self._cognito.sign_up(
                ClientId=self._client_id,
                Username=registration.email,
                Password=registration.password.get_secret_value(),
                UserAttributes=[
                    {"Name": name, "Value": value} for name, value in attributes.items() if value
                ],
            )
        delivery: CodeDeliveryDetailsTypeTypeDef | None = answer.get("CodeDeliveryDetails")
        return RegisteredUser(
            user_id=answer["UserSub"],
            email=registration.email,
            status="confirmed" if answer["UserConfirmed"] else "unconfirmed",
            code_delivery=None
            if delivery is None
            else CodeDelivery(
                medium=delivery["DeliveryMedium"].lower(), destination=_masked(delivery["Destination"])
            ),
        )

    def confirm(self, email: str, code: str) -> None:
        wrong = InvalidCode("The confirmation code is wrong.")
        with translated_errors(
            {
                "CodeMismatchException": wrong,
                "InvalidParameterException": wrong,
                "NotAuthorizedException": wrong,
                "UserNotFoundException": wrong,
                "ExpiredCodeException": ExpiredCode(
                    "The confirmation code has expired; request a new one."
                ),
                "AliasExistsException": UserAlreadyExists("An account with this e-mail address exists."),
            }
        ):
            self._cognito.confirm_sign_up(ClientId=self._client_id, Username=email, ConfirmationCode=code)

    def resend_confirmation_code(self, email: str) -> None:
        self._send_code(self._cognito.resend_confirmation_code, email)

    def authenticate(self, email: str, password: SecretStr, source: RequestSource) -> Tokens | Challenge:
        """Sign in with one call, whether the user is unknown or the password is wrong."""
        return self._outcome(email, self._initiate_auth(email, password, source))

    def answer_challenge(self, answer: ChallengeAnswer, source: RequestSource) -> Tokens | Challenge:
        session = ChallengeSession.opened(answer.session, answer.email)
        responses = {"USERNAME": session.username}
        if answer.new_password is not None:
            responses["NEW_PASSWORD"] = answer.new_password.get_secret_value()
        failed = _challenge_failed()
        with (
            translated_errors(
                {
                    "AliasExistsException": failed,
                    "CodeMismatchException": failed,
                    "EnableSoftwareTokenMFAException": failed,
                    "ExpiredCodeException": failed,
                    "InvalidParameterException": failed,
                    "NotAuthorizedException": failed,
                    "PasswordResetRequiredException": _password_reset_required(),
                    "SoftwareTokenMFANotFoundException": failed,
                    "UserNotConfirmedException": failed,
                    "UserNotFoundException": failed,
                }
            ),
            self._password_policy_stated(),
        ):
            cognito_session = session.cognito_session
            if answer.challenge is ChallengeName.MFA_SETUP:
                cognito_session = self._cognito.verify_software_token(
                    Session=cognito_session, UserCode=answer.code or ""
                )["Session"]
            elif answer.code is not None:
                responses["SOFTWARE_TOKEN_MFA_CODE"] = answer.code
            result = self._cognito.admin_respond_to_auth_challenge(
                UserPoolId=self._pool,
                ClientId=self._client_id,
                ChallengeName=answer.challenge.value,
                Session=cognito_session,
                ChallengeResponses=responses,
                ContextData=_context(source),
            )
        return self._outcome(answer.email, result)

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        """Refresh the tokens, whether or not the app client rotates refresh tokens.

        GetTokensFromRefreshToken works in both cases; REFRESH_TOKEN_AUTH works only without rotation.
        """
        invalid = InvalidRefreshToken("The refresh token is not valid, has expired or was revoked.")
        with translated_errors(
            {
                "InvalidParameterException": invalid,
                "NotAuthorizedException": invalid,
                "RefreshTokenReuseException": invalid,
                "UserNotFoundException": invalid,
            }
        ):
            answer = self._cognito.get_tokens_from_refresh_token(
                ClientId=self._client_id, RefreshToken=refresh_token.get_secret_value()
            )
        return _tokens(answer["AuthenticationResult"])

    def revoke(self, refresh_token: SecretStr) -> None:
        with translated_errors():
            try:
                self._cognito.revoke_token(Token=refresh_token.get_secret_value(), ClientId=self._client_id)
            except ClientError as error:
                if error_code(error) not in _NOTHING_TO_REVOKE:
                    raise

    def sign_out_everywhere(self, username: str) -> None:
        with suppress(UserNotFound), _administrators_errors():
            self._cognito.admin_user_global_sign_out(UserPoolId=self._pool, Username=username)

    def send_reset_code(self, email: str) -> None:
        self._send_code(self._cognito.forgot_password, email)

    def reset_password(self, email: str, code: str, new_password: SecretStr) -> None:
        """Raise the same error for a wrong and an expired code.

        Cognito raises ExpiredCodeException for an account without a pending code, and
        CodeMismatchException for an unknown account. Different errors would reveal who has an account.
        """
        wrong = InvalidCode("The reset code is wrong or has expired.")
        with (
            translated_errors(
                {
                    "CodeMismatchException": wrong,
                    "ExpiredCodeException": wrong,
                    "InvalidParameterException": wrong,
                    "NotAuthorizedException": wrong,
                    "UserNotConfirmedException": wrong,
                    "UserNotFoundException": wrong,
                }
            ),
            self._password_policy_stated(),
        ):
            self._cognito.confirm_forgot_password(
                ClientId=self._client_id,
                Username=email,
                ConfirmationCode=code,
                Password=new_password.get_secret_value(),
            )

    def verify_password(self, username: str, password: SecretStr, source: RequestSource) -> None:
        """Accept a challenge as proof, like tokens: Cognito issues it only after the right password."""
        answer = self._initiate_auth(username, password, source)
        if "ChallengeName" not in answer:
            self.revoke(SecretStr(answer["AuthenticationResult"]["RefreshToken"]))

    def set_password(self, username: str, password: SecretStr) -> None:
        with (
            translated_errors(
                {
                    "InvalidParameterException": InvalidRequest(
                        "The password has characters that are not allowed."
                    ),
                    "UserNotFoundException": _user_not_found(),
                },
                never=_ADMINISTRATORS_OPERATION,
            ),
            self._password_policy_stated(),
        ):
            self._cognito.admin_set_user_password(
                UserPoolId=self._pool,
                Username=username,
                Password=password.get_secret_value(),
                Permanent=True,
            )

    def get_profile(self, username: str) -> UserProfile:
        with _administrators_errors():
            user = self._cognito.admin_get_user(UserPoolId=self._pool, Username=username)
        attributes = {item["Name"]: item.get("Value", "") for item in user["UserAttributes"]}
        return UserProfile(
            user_id=attributes["sub"],
            email=attributes.get("email", ""),
            email_verified=attributes.get("email_verified") == "true",
            given_name=attributes.get("given_name") or None,
            family_name=attributes.get("family_name") or None,
            created_at=user["UserCreateDate"].astimezone(UTC),
            mfa_enabled=bool(user.get("UserMFASettingList")),
        )

    def update_profile(self, username: str, patch: ProfilePatch) -> None:
        """Send an empty value for each attribute to remove."""
        with translated_errors(
            {
                "InvalidParameterException": InvalidRequest("A name has characters that are not allowed."),
                "UserNotFoundException": _user_not_found(),
            },
            never=_ADMINISTRATORS_OPERATION | {"AliasExistsException"},
        ):
            self._cognito.admin_update_user_attributes(
                UserPoolId=self._pool,
                Username=username,
                UserAttributes=[
                    {"Name": name, "Value": value or ""} for name, value in patch.changes.items()
                ],
            )

    def delete_user(self, username: str) -> None:
        with suppress(UserNotFound), _administrators_errors():
            self._cognito.admin_delete_user(UserPoolId=self._pool, Username=username)

    def start_totp_enrolment(self, access_token: SecretStr) -> SecretStr:
        """Use the caller's access token: Cognito has no such operation for administrators."""
        with translated_errors(
            {**_access_token_errors(), "SoftwareTokenMFANotFoundException": _no_choice()}
        ):
            answer = self._cognito.associate_software_token(AccessToken=access_token.get_secret_value())
        return SecretStr(answer["SecretCode"])

    def verify_totp(self, access_token: SecretStr, code: str) -> None:
        """Verify the code and set the MFA preference, without which Cognito does not ask for codes."""
        wrong = InvalidCode("The code is wrong, or no enrolment has been started.")
        with translated_errors(
            {
                **_access_token_errors(),
                "CodeMismatchException": wrong,
                "EnableSoftwareTokenMFAException": wrong,
                "InvalidParameterException": wrong,
                "SoftwareTokenMFANotFoundException": wrong,
            }
        ):
            self._cognito.verify_software_token(AccessToken=access_token.get_secret_value(), UserCode=code)
        self._prefer_totp(access_token, enabled=True)

    def disable_totp(self, access_token: SecretStr) -> None:
        self._prefer_totp(access_token, enabled=False)

    def _prefer_totp(self, access_token: SecretStr, *, enabled: bool) -> None:
        with translated_errors(_access_token_errors()):
            self._cognito.set_user_mfa_preference(
                AccessToken=access_token.get_secret_value(),
                SoftwareTokenMfaSettings={"Enabled": enabled, "PreferredMfa": enabled},
            )

    def _initiate_auth(
        self, username: str, password: SecretStr, source: RequestSource
    ) -> "AdminInitiateAuthResponseTypeDef":
        wrong = InvalidCredentials("The e-mail address or the password is wrong.")
        with translated_errors(
            {
                "InvalidParameterException": wrong,
                "NotAuthorizedException": wrong,
                "UserNotFoundException": wrong,
                "UserNotConfirmedException": UserNotConfirmed(
                    "The e-mail address has not been confirmed yet."
                ),
                "PasswordResetRequiredException": _password_reset_required(),
            }
        ):
            return self._cognito.admin_initiate_auth(
                UserPoolId=self._pool,
                ClientId=self._client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password.get_secret_value()},
                ContextData=_context(source),
            )

    def _outcome(
        self,
        email: str,
        answer: "AdminInitiateAuthResponseTypeDef | AdminRespondToAuthChallengeResponseTypeDef",
    ) -> Tokens | Challenge:
        """Convert Cognito's response. The pool is configured to issue no other challenges than these."""
        if "ChallengeName" not in answer:
            return _tokens(answer["AuthenticationResult"])
        name = ChallengeName(answer["ChallengeName"])
        parameters, cognito_session = answer["ChallengeParameters"], answer["Session"]
        shown = {}
        if "FRIENDLY_DEVICE_NAME" in parameters:
            shown["device_name"] = parameters["FRIENDLY_DEVICE_NAME"]
        if name is ChallengeName.MFA_SETUP:
            with translated_errors(
                {
                    "InvalidParameterException": _challenge_failed(),
                    "NotAuthorizedException": _challenge_failed(),
                    "UserNotFoundException": _challenge_failed(),
                },
                never=frozenset({"SoftwareTokenMFANotFoundException"}),
            ):
                enrolment = self._cognito.associate_software_token(Session=cognito_session)
            shown["secret"], cognito_session = enrolment["SecretCode"], enrolment["Session"]
        session = ChallengeSession(email, parameters.get("USER_ID_FOR_SRP", email), cognito_session)
        return Challenge(challenge=name, session=session.sealed(), parameters=shown)

    def _send_code(self, operation: Callable[..., Any], email: str) -> None:
        with translated_errors():
            try:
                operation(ClientId=self._client_id, Username=email)
            except ClientError as error:
                if error_code(error) not in _NEVER_TOLD:
                    raise
                level = logging.ERROR if error_code(error) in _CANNOT_SEND else logging.WARNING
                _logger.log(level, "No code was sent: %s", error_code(error))

    @contextmanager
    def _password_policy_stated(self) -> Iterator[None]:
        """Raise WeakPassword, describing the pool's policy, when Cognito refuses a password."""
        try:
            yield
        except ClientError as error:
            match error_code(error):
                case "InvalidPasswordException":
                    raise self._weak_password() from error
                case "PasswordHistoryPolicyViolationException":
                    raise WeakPassword("The password has been used before; choose another one.") from error
                case _:
                    raise

    def _weak_password(self) -> WeakPassword:
        try:
            return WeakPassword(self._password_policy)
        except ClientError as error:
            _logger.warning("The password policy cannot be read: %s", error_code(error))
            return WeakPassword("The password does not satisfy the password policy.")

    @cached_property
    def _password_policy(self) -> str:
        """The pool's password policy in words."""
        pool = self._cognito.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        policy = pool.get("Policies", {}).get("PasswordPolicy", {})
        kinds = {
            "an upper-case letter": policy.get("RequireUppercase", False),
            "a lower-case letter": policy.get("RequireLowercase", False),
            "a digit": policy.get("RequireNumbers", False),
            "a symbol": policy.get("RequireSymbols", False),
        }
        policy_in_words = f"A password must have at least {policy.get('MinimumLength', 6)} characters"
        required = [kind for kind, is_required in kinds.items() if is_required]
        if required:
            *others, last = required
            policy_in_words += f", including {', '.join(others)}{' and ' if others else ''}{last}"
        policy_in_words += "."
        if pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode") == "ENFORCED":
            policy_in_words += " Passwords known from data breaches are refused."
        return policy_in_words


def _tokens(result: "AuthenticationResultTypeTypeDef") -> Tokens:
    return Tokens(
        access_token=result["AccessToken"],
        id_token=result["IdToken"],
        refresh_token=result.get("RefreshToken"),
        expires_in=result["ExpiresIn"],
    )


@contextmanager
def _refusal_by_trigger() -> Iterator[None]:
    """Raise RegistrationNotAllowed with the pre sign-up trigger's message, without Cognito's prefix."""
    try:
        yield
    except ClientError as error:
        if error_code(error) != "UserLambdaValidationException":
            raise
        said = _TRIGGER_REFUSAL.fullmatch(error.response["Error"].get("Message", ""))
        detail = f"{said['detail']}." if said else "The registration policy refuses this e-mail address."
        raise RegistrationNotAllowed(detail) from error


def _context(source: RequestSource) -> "ContextDataTypeTypeDef":
    """Describe the client for threat protection, which otherwise sees only our function as the source."""
    context: ContextDataTypeTypeDef = {
        "IpAddress": source.ip_address,
        "ServerName": source.server_name,
        "ServerPath": source.path,
        "HttpHeaders": [{"headerName": "User-Agent", "headerValue": source.user_agent}],
    }
    if source.device_data is not None:
        context["EncodedData"] = source.device_data
    return context


def _administrators_errors() -> AbstractContextManager[None]:
    """Translate the errors of an administrator's operation whose only parameter is a user name."""
    return translated_errors({"UserNotFoundException": _user_not_found()}, never=_ADMINISTRATORS_OPERATION)


def _challenge_failed() -> ChallengeFailed:
    return ChallengeFailed(
        "The answer or the session is wrong or has expired; answer again or sign in again."
    )


def _user_not_found() -> UserNotFound:
    return UserNotFound("The account no longer exists.")


def _access_token_errors() -> dict[str, DomainError]:
    """Map Cognito's errors for an access token that API Gateway has accepted."""
    return {
        "InvalidParameterException": _no_choice(),
        "NotAuthorizedException": AccessTokenRequired(
            "The access token has expired, was revoked or lacks the scope aws.cognito.signin.user.admin."
        ),
        "PasswordResetRequiredException": _password_reset_required(),
        "UserNotConfirmedException": UserNotConfirmed("The e-mail address has not been confirmed yet."),
        "UserNotFoundException": _user_not_found(),
    }


def _no_choice() -> PermissionDenied:
    return PermissionDenied("Users of this directory cannot turn one-time passwords on or off.")


def _password_reset_required() -> PasswordResetRequired:
    return PasswordResetRequired("An administrator requires a new password; ask for a reset code.")


def _masked(destination: str) -> str:
    """Mask an address as Cognito does, ``a***@e***``, if it is not masked already."""
    if "*" in destination:
        return destination
    return "@".join(f"{name[:1]}***" for name in destination.split("@"))
