"""The operations that create an account: register, confirm, resend the code."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import SecretStr

from domain.accounts.errors import (
    ExpiredCode,
    InvalidCode,
    RegistrationNotAllowed,
    UserAlreadyExists,
    WeakPassword,
)
from domain.accounts.model import RegisteredUser
from domain.accounts.use_cases.registration import ConfirmUser, RegisterUser, ResendConfirmationCode
from domain.shared.errors import InvalidRequest, TooManyRequests
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import AccountAddressBody, Code, Email, Name, RequestBody
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"


class Registration(RequestBody):
    """A new account."""

    email: Email
    password: SecretStr
    given_name: Name | None = None
    family_name: Name | None = None


class Confirmation(RequestBody):
    """The code from the e-mail to the address of a new account."""

    email: Email
    code: Code


@dataclass(frozen=True, slots=True)
class RegistrationUseCases:
    """The use cases of these operations."""

    register_user: RegisterUser
    confirm_user: ConfirmUser
    resend_confirmation_code: ResendConfirmationCode


def add_user_routes(app: APIGatewayHttpResolver, use_cases: RegistrationUseCases) -> None:
    """Register the operations under ``/v1/users`` that need no token."""

    @app.post(
        "/v1/users",
        tags=[TAG],
        operation_id="registerUser",
        summary="Register",
        description="Creates an account and sends a confirmation code to its address.",
        responses={
            201: json_content(RegisteredUser, "The account, which must be confirmed."),
            **documented_problems(
                RegistrationNotAllowed,
                UserAlreadyExists,
                InvalidRequest,
                WeakPassword,
                TooManyRequests,
            ),
        },
    )
    def register_user(registration: Annotated[Registration, Body()]) -> Response[Any]:
        user = use_cases.register_user(
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
        summary="Confirm an account",
        description="Confirms an account with the code from the e-mail.",
        responses={
            204: {"description": "The account is confirmed and can log in."},
            **documented_problems(
                InvalidCode, ExpiredCode, UserAlreadyExists, InvalidRequest, TooManyRequests
            ),
        },
    )
    def confirm_user(confirmation: Annotated[Confirmation, Body()]) -> Response[Any]:
        use_cases.confirm_user(confirmation.email, confirmation.code)
        return no_content()

    @app.post(
        "/v1/users/confirm/resend",
        tags=[TAG],
        operation_id="resendConfirmationCode",
        summary="Send a new confirmation code",
        description="The response is the same whether or not the account exists.",
        responses={
            202: {"description": "A code was sent if there is an unconfirmed account."},
            **documented_problems(InvalidRequest, TooManyRequests),
        },
    )
    def resend_confirmation_code(account: AccountAddressBody) -> Response[Any]:
        use_cases.resend_confirmation_code(account.email)
        return Response(status_code=HTTPStatus.ACCEPTED.value)
