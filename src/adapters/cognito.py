"""The identity provider on an Amazon Cognito user pool.

The pool's users sign in with their e-mail address (``username_attributes = ["email"]``). The app client
is the server's own: it has no secret, and its password flow, ADMIN_USER_PASSWORD_AUTH, is open only to
callers that IAM allows it to.
"""

import logging
import re
from collections.abc import Callable
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import SecretStr

from adapters.cognito_challenges import ChallengeSession
from adapters.cognito_errors import domain_errors, error_code
from domain.accounts import (
    Challenge,
    ChallengeName,
    CodeDelivery,
    RegisteredUser,
    Registration,
    Tokens,
    UserProfile,
)
from domain.errors import (
    ExpiredCode,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    InvalidRequest,
    PasswordResetRequired,
    RegistrationNotAllowed,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        AdminInitiateAuthResponseTypeDef,
        AdminRespondToAuthChallengeResponseTypeDef,
        AuthenticationResultTypeTypeDef,
        CodeDeliveryDetailsTypeTypeDef,
    )

_logger = logging.getLogger(__name__)

_TRIGGER_REFUSAL = re.compile(r"PreSignUp failed with error (?P<detail>.+?)\.?", re.DOTALL)

_NEVER_TOLD = frozenset(
    {
        "CodeDeliveryFailureException",
        "InvalidParameterException",
        "LimitExceededException",
        "NotAuthorizedException",
        "UserLambdaValidationException",
        "UserNotFoundException",
    }
)
"""Why Cognito may send no code. Each of them would tell whether an account exists, and its state."""


class CognitoIdentityProvider:
    """Implements :class:`domain.ports.IdentityProvider` on a Cognito user pool."""

    def __init__(
        self, client: "CognitoIdentityProviderClient", *, user_pool_id: str, client_id: str
    ) -> None:
        self._cognito = client
        self._pool = user_pool_id
        self._client_id = client_id

    def register(self, registration: Registration) -> RegisteredUser:
        """See the port. SignUp: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html."""
        attributes = {
            "email": registration.email,
            "given_name": registration.given_name,
            "family_name": registration.family_name,
        }
        with domain_errors(
            {
                "UsernameExistsException": UserAlreadyExists("An account with this e-mail address exists."),
                "InvalidParameterException": InvalidRequest(
                    "The e-mail address, the password or a name has characters that an account cannot have."
                ),
            }
        ):
            try:
                answer = self._cognito.sign_up(
                    ClientId=self._client_id,
                    Username=registration.email,
                    Password=registration.password.get_secret_value(),
                    UserAttributes=[
                        {"Name": name, "Value": value} for name, value in attributes.items() if value
                    ],
                )
            except ClientError as error:
                if error_code(error) == "InvalidPasswordException":
                    raise self._weak_password() from error
                if error_code(error) == "UserLambdaValidationException":
                    raise RegistrationNotAllowed(_refusal_of_trigger(error)) from error
                raise
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
        """See the port."""
        wrong = InvalidCode("The confirmation code is wrong.")
        with domain_errors(
            {
                "CodeMismatchException": wrong,
                "InvalidParameterException": wrong,
                "NotAuthorizedException": wrong,
                "UserNotFoundException": wrong,
                "ExpiredCodeException": ExpiredCode(
                    "The confirmation code has expired; ask for a new one."
                ),
            }
        ):
            self._cognito.confirm_sign_up(ClientId=self._client_id, Username=email, ConfirmationCode=code)

    def resend_confirmation_code(self, email: str) -> None:
        """See the port."""
        self._send_code(self._cognito.resend_confirmation_code, email)

    def authenticate(self, email: str, password: SecretStr) -> Tokens | Challenge:
        """See the port. An unknown user costs the same one call as a wrong password."""
        wrong = InvalidCredentials("The e-mail address or the password is wrong.")
        with domain_errors(
            {
                "InvalidParameterException": wrong,
                "NotAuthorizedException": wrong,
                "UserNotFoundException": wrong,
                "UserNotConfirmedException": UserNotConfirmed(
                    "The e-mail address has not been confirmed yet."
                ),
                "PasswordResetRequiredException": PasswordResetRequired(
                    "An administrator requires a new password; ask for a reset code."
                ),
            }
        ):
            answer = self._cognito.admin_initiate_auth(
                UserPoolId=self._pool,
                ClientId=self._client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": password.get_secret_value()},
            )
        if "ChallengeName" in answer:
            return _challenge(email, answer)
        return _tokens(answer["AuthenticationResult"])

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        """See the port.

        GetTokensFromRefreshToken works whether the app client rotates refresh tokens or not; the flow
        REFRESH_TOKEN_AUTH only if it doesn't.
        """
        invalid = InvalidRefreshToken("The refresh token is not valid, has expired or was revoked.")
        with domain_errors(
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

    def get_profile(self, username: str) -> UserProfile:
        """See the port."""
        with domain_errors({"UserNotFoundException": UserNotFound("The account does not exist any more.")}):
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

    def _send_code(self, operation: Callable[..., Any], email: str) -> None:
        with domain_errors():
            try:
                operation(ClientId=self._client_id, Username=email)
            except ClientError as error:
                if error_code(error) not in _NEVER_TOLD:
                    raise
                _logger.warning("No code was sent: %s", error_code(error))

    def _weak_password(self) -> WeakPassword:
        return WeakPassword(f"A password needs {self._password_policy}.")

    @cached_property
    def _password_policy(self) -> str:
        """The pool's password policy in words."""
        with domain_errors():
            pool = self._cognito.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        policy = pool.get("Policies", {}).get("PasswordPolicy", {})
        kinds = {
            "an upper-case letter": policy.get("RequireUppercase", False),
            "a lower-case letter": policy.get("RequireLowercase", False),
            "a digit": policy.get("RequireNumbers", False),
            "a symbol": policy.get("RequireSymbols", False),
        }
        demands = [f"at least {policy.get('MinimumLength', 6)} characters"]
        required = [kind for kind, is_required in kinds.items() if is_required]
        if required:
            demands.append(f"among them {', '.join(required)}")
        return ", ".join(demands)


def _tokens(result: "AuthenticationResultTypeTypeDef") -> Tokens:
    return Tokens(
        access_token=result["AccessToken"],
        id_token=result["IdToken"],
        refresh_token=result.get("RefreshToken"),
        expires_in=result["ExpiresIn"],
    )


def _challenge(
    email: str, answer: "AdminInitiateAuthResponseTypeDef | AdminRespondToAuthChallengeResponseTypeDef"
) -> Challenge:
    """The challenge in Cognito's answer; the pool is set up to give none that the domain does not know."""
    parameters = answer["ChallengeParameters"]
    session = ChallengeSession(email, parameters.get("USER_ID_FOR_SRP", email), answer["Session"])
    shown = (
        {"device_name": parameters["FRIENDLY_DEVICE_NAME"]} if "FRIENDLY_DEVICE_NAME" in parameters else {}
    )
    return Challenge(
        challenge=ChallengeName(answer["ChallengeName"]), session=session.sealed(), parameters=shown
    )


def _refusal_of_trigger(error: ClientError) -> str:
    """What the pre sign-up trigger said, which Cognito wraps in a sentence of its own."""
    said = _TRIGGER_REFUSAL.fullmatch(error.response["Error"].get("Message", ""))
    return f"{said['detail']}." if said else "The registration policy refuses this e-mail address."


def _masked(destination: str) -> str:
    """An address as Cognito shows it, ``a***@e***``, wherever the address comes unmasked."""
    if "*" in destination:
        return destination
    return "@".join(f"{part[:1]}***" for part in destination.split("@"))
