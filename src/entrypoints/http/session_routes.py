"""The operations on sign-ins: log in, answer a challenge, refresh, revoke, log out everywhere."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field, SecretStr

from domain.accounts.errors import (
    ChallengeFailed,
    InvalidCredentials,
    InvalidRefreshToken,
    PasswordResetRequired,
    UserNotConfirmed,
    WeakPassword,
)
from domain.accounts.model import Challenge, ChallengeName, Tokens
from domain.accounts.use_cases.sign_in import (
    AnswerChallenge,
    Authenticate,
    RefreshTokens,
    RevokeRefreshToken,
    SignOutEverywhere,
)
from domain.shared.errors import InvalidRequest, TooManyRequests
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import Code, DeviceData, Email, RequestBody
from entrypoints.http.request_source import source_of
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"
PATH = "/v1/sessions"


class Credentials(RequestBody):
    """An e-mail address and a password."""

    email: Email
    password: SecretStr
    device_data: DeviceData | None = None


class ChallengeResponse(RequestBody):
    """The answer to a challenge: ``new_password`` or ``code``, whichever it requires."""

    email: Email
    challenge: ChallengeName
    session: str = Field(description="The session from the challenge.", repr=False)
    code: Code | None = None
    new_password: SecretStr | None = None
    device_data: DeviceData | None = None


class RefreshToken(RequestBody):
    """A refresh token."""

    refresh_token: SecretStr


class SignIn(BaseModel):
    """Either tokens, or a challenge to answer first; ``status`` says which fields are present."""

    status: Literal["signed-in", "challenge"] = Field(
        description="`signed-in` has tokens, `challenge` has `challenge`, `session` and `parameters`."
    )
    access_token: str | None = Field(default=None, repr=False, description="Authorizes requests.")
    id_token: str | None = Field(
        default=None, repr=False, description="Identifies the user (OpenID Connect Core 1.0 §2)."
    )
    refresh_token: str | None = Field(
        default=None, repr=False, description="Gets new tokens after the access token expires."
    )
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(default=None, description="Lifetime of the access token in seconds.")
    challenge: ChallengeName | None = None
    session: str | None = Field(
        default=None, repr=False, description="Send it with the answer. It is opaque and valid for minutes."
    )
    parameters: dict[str, str] | None = Field(
        default=None,
        repr=False,
        description="For MFA_SETUP, the `secret` and the `otpauth_uri` for enrolment; for "
        "SOFTWARE_TOKEN_MFA, the `device_name` of the authenticator app, if known.",
    )

    @classmethod
    def of(cls, outcome: Tokens | Challenge) -> "SignIn":
        """Convert the outcome of a sign-in to one flat object, which generated clients can represent."""
        status = "signed-in" if isinstance(outcome, Tokens) else "challenge"
        return cls(status=status, **dict(outcome))


@dataclass(frozen=True, slots=True)
class SessionUseCases:
    """The use cases of these operations."""

    authenticate: Authenticate
    answer_challenge: AnswerChallenge
    refresh_tokens: RefreshTokens
    revoke_refresh_token: RevokeRefreshToken
    sign_out_everywhere: SignOutEverywhere


def add_session_routes(app: APIGatewayHttpResolver, use_cases: SessionUseCases) -> None:
    """Register the operations under ``/v1/sessions``."""

    @app.post(
        PATH,
        tags=[TAG],
        operation_id="logIn",
        summary="Log in",
        description="The response is a challenge if the account has a second factor or a temporary "
        "password from an administrator.",
        responses={
            200: json_content(SignIn, "The tokens, or a challenge to answer first."),
            **documented_problems(
                InvalidCredentials,
                UserNotConfirmed,
                PasswordResetRequired,
                InvalidRequest,
                TooManyRequests,
            ),
        },
    )
    def log_in(credentials: Annotated[Credentials, Body()]) -> Response[Any]:
        source = source_of(app.current_event, credentials.device_data)
        outcome = use_cases.authenticate(credentials.email, credentials.password, source)
        return json_response(HTTPStatus.OK, SignIn.of(outcome))

    @app.post(
        f"{PATH}/challenge",
        tags=[TAG],
        operation_id="answerChallenge",
        summary="Answer a challenge",
        description="NEW_PASSWORD_REQUIRED requires `new_password`. SOFTWARE_TOKEN_MFA requires a `code` "
        "from the authenticator app. MFA_SETUP requires the app's first `code`, after adding the `secret` "
        "or the `otpauth_uri` from the challenge's parameters to the app.",
        responses={
            200: json_content(SignIn, "The tokens, or another challenge."),
            **documented_problems(
                ChallengeFailed, PasswordResetRequired, InvalidRequest, WeakPassword, TooManyRequests
            ),
        },
    )
    def answer_challenge(answer: Annotated[ChallengeResponse, Body()]) -> Response[Any]:
        outcome = use_cases.answer_challenge(
            answer.email,
            answer.challenge,
            answer.session,
            source_of(app.current_event, answer.device_data),
            code=answer.code,
            new_password=answer.new_password,
        )
        return json_response(HTTPStatus.OK, SignIn.of(outcome))

    @app.post(
        f"{PATH}/refresh",
        tags=[TAG],
        operation_id="refreshSession",
        summary="Refresh the tokens",
        description="If the response has a refresh token, it replaces the one in the request.",
        responses={
            200: json_content(Tokens, "New access and ID tokens."),
            **documented_problems(InvalidRefreshToken, InvalidRequest, TooManyRequests),
        },
    )
    def refresh_session(request: Annotated[RefreshToken, Body()]) -> Response[Any]:
        return json_response(HTTPStatus.OK, use_cases.refresh_tokens(request.refresh_token))

    @app.post(
        f"{PATH}/revoke",
        tags=[TAG],
        operation_id="revokeSession",
        summary="Log out",
        description="Revokes a refresh token; an invalid token is not an error (RFC 7009). Access and ID "
        "tokens stay valid until they expire.",
        responses={
            204: {"description": "The refresh token is revoked."},
            **documented_problems(InvalidRequest, TooManyRequests),
        },
    )
    def revoke_session(request: Annotated[RefreshToken, Body()]) -> Response[Any]:
        use_cases.revoke_refresh_token(request.refresh_token)
        return no_content()

    @app.delete(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="logOutEverywhere",
        summary="Log out everywhere",
        description="Revokes all refresh tokens of the caller. Access and ID tokens stay valid until they "
        "expire.",
        responses={
            204: {"description": "All refresh tokens of the caller are revoked."},
            **documented_problems(TooManyRequests),
        },
    )
    def log_out_everywhere() -> Response[Any]:
        use_cases.sign_out_everywhere(caller_of(app.current_event))
        return no_content()
