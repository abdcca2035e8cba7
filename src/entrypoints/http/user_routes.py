"""The operations on users and sessions: register, confirm, log in, refresh, who am I."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr

from domain import errors
from domain.accounts import MAX_EMAIL_LENGTH, Challenge, RegisteredUser, Tokens, UserProfile
from entrypoints.container import Container
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"

Email = Annotated[str, Field(max_length=MAX_EMAIL_LENGTH, examples=["ada@example.com"])]
Name = Annotated[str, Field(max_length=256)]


class RequestBody(BaseModel):
    """Base of request bodies: unknown fields are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Registration(RequestBody):
    """A new account."""

    email: Email
    password: SecretStr
    given_name: Name | None = None
    family_name: Name | None = None


class Confirmation(RequestBody):
    """The code that was sent to a new account's address."""

    email: Email
    code: str


class AccountAddress(RequestBody):
    """The e-mail address of an account."""

    email: Email


class Credentials(RequestBody):
    """An e-mail address and its password."""

    email: Email
    password: SecretStr


class RefreshRequest(RequestBody):
    """A refresh token."""

    refresh_token: SecretStr


class SignIn(RootModel[Tokens | Challenge]):
    """The tokens, or the challenge to answer first."""


def add_user_routes(app: APIGatewayHttpResolver, container: Container) -> None:
    """Register the operations under ``/v1/users`` and ``/v1/sessions``."""

    @app.post(
        "/v1/users",
        tags=[TAG],
        operation_id="registerUser",
        summary="Register",
        description="Creates an account and sends a confirmation code to its address.",
        responses={
            201: json_content(RegisteredUser, "The account; it waits for its confirmation."),
            **documented_problems(
                errors.RegistrationNotAllowed,
                errors.UserAlreadyExists,
                errors.InvalidRequest,
                errors.WeakPassword,
                errors.TooManyRequests,
            ),
        },
    )
    def register_user(registration: Annotated[Registration, Body()]) -> Response[Any]:
        user = container.register_user()(
            registration.email,
            registration.password,
            registration.given_name,
            registration.family_name,
        )
        return json_response(HTTPStatus.CREATED, user)

    @app.post(
        "/v1/users/confirm",
        tags=[TAG],
        operation_id="confirmUser",
        summary="Confirm a registration",
        responses={
            204: {"description": "The account is confirmed and can log in."},
            **documented_problems(
                errors.InvalidCode, errors.ExpiredCode, errors.InvalidRequest, errors.TooManyRequests
            ),
        },
    )
    def confirm_user(confirmation: Annotated[Confirmation, Body()]) -> Response[Any]:
        container.confirm_user()(confirmation.email, confirmation.code)
        return no_content()

    @app.post(
        "/v1/users/confirm/resend",
        tags=[TAG],
        operation_id="resendConfirmationCode",
        summary="Send a new confirmation code",
        description="Answers the same whether or not there is such an account.",
        responses={
            202: {"description": "A code is on its way if an account waits for its confirmation."},
            **documented_problems(errors.InvalidRequest, errors.TooManyRequests),
        },
    )
    def resend_confirmation_code(account: Annotated[AccountAddress, Body()]) -> Response[Any]:
        container.resend_confirmation_code()(account.email)
        return Response(status_code=HTTPStatus.ACCEPTED.value)

    @app.post(
        "/v1/sessions",
        tags=[TAG],
        operation_id="logIn",
        summary="Log in",
        responses={
            200: json_content(SignIn, "The tokens, or a challenge to answer first."),
            **documented_problems(
                errors.InvalidCredentials,
                errors.UserNotConfirmed,
                errors.InvalidRequest,
                errors.TooManyRequests,
            ),
        },
    )
    def log_in(credentials: Annotated[Credentials, Body()]) -> Response[Any]:
        outcome = container.authenticate()(credentials.email, credentials.password)
        return json_response(HTTPStatus.OK, outcome)

    @app.post(
        "/v1/sessions/refresh",
        tags=[TAG],
        operation_id="refreshSession",
        summary="Get new tokens for a refresh token",
        responses={
            200: json_content(Tokens, "New access and ID tokens."),
            **documented_problems(
                errors.InvalidRefreshToken, errors.InvalidRequest, errors.TooManyRequests
            ),
        },
    )
    def refresh_session(request: Annotated[RefreshRequest, Body()]) -> Response[Any]:
        return json_response(HTTPStatus.OK, container.refresh_tokens()(request.refresh_token))

    @app.get(
        "/v1/users/me",
        tags=[TAG],
        security=SECURITY,
        operation_id="getProfile",
        summary="Who am I",
        responses={
            200: json_content(UserProfile, "The caller's account."),
            **documented_problems(errors.UserNotFound),
        },
    )
    def get_profile() -> Response[Any]:
        return json_response(HTTPStatus.OK, container.get_profile()(caller_of(app.current_event)))
