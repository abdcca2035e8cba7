"""The operations on the second factor: time-based one-time passwords."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from domain.accounts.errors import (
    AccessTokenRequired,
    InvalidCode,
    PasswordResetRequired,
    SignInNotRecent,
    UserNotConfirmed,
    UserNotFound,
)
from domain.accounts.model import TotpEnrolment
from domain.accounts.use_cases.mfa import DisableTotp, StartTotpEnrolment, VerifyTotp
from domain.shared.errors import InvalidRequest, PermissionDenied, TooManyRequests
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import Code, RequestBody
from entrypoints.http.request_source import source_of
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"
PATH = "/v1/users/me/mfa/totp"
_NEEDS_ACCESS_TOKEN = "Requires an access token, not an ID token, and a sign-in within the last 10 minutes."
_TOKEN_ERRORS = (
    AccessTokenRequired,
    PasswordResetRequired,
    PermissionDenied,
    SignInNotRecent,
    UserNotConfirmed,
    UserNotFound,
    TooManyRequests,
)


class TotpCode(RequestBody):
    """A code from the authenticator app."""

    code: Code


@dataclass(frozen=True, slots=True)
class MfaUseCases:
    """The use cases of these operations."""

    start_totp_enrolment: StartTotpEnrolment
    verify_totp: VerifyTotp
    disable_totp: DisableTotp


def add_mfa_routes(app: APIGatewayHttpResolver, use_cases: MfaUseCases) -> None:
    """Register the operations on ``/v1/users/me/mfa/totp``."""

    @app.post(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="startTotpEnrolment",
        summary="Start setting up an authenticator app",
        description="Returns a secret for the app. It becomes active when a code from the app verifies it. "
        f"{_NEEDS_ACCESS_TOKEN}",
        responses={
            200: json_content(TotpEnrolment, "The secret, which is not active yet."),
            **documented_problems(*_TOKEN_ERRORS),
        },
    )
    def start_totp_enrolment() -> Response[Any]:
        enrolment = use_cases.start_totp_enrolment(caller_of(app.current_event))
        return json_response(HTTPStatus.OK, enrolment)

    @app.put(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="verifyTotp",
        summary="Turn the authenticator app on",
        description=f"Afterwards, logging in requires a code from the app. {_NEEDS_ACCESS_TOKEN}",
        responses={
            204: {"description": "The second factor is on."},
            **documented_problems(InvalidCode, InvalidRequest, *_TOKEN_ERRORS),
        },
    )
    def verify_totp(verification: Annotated[TotpCode, Body()]) -> Response[Any]:
        use_cases.verify_totp(caller_of(app.current_event), verification.code, source_of(app.current_event))
        return no_content()

    @app.delete(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="disableTotp",
        summary="Turn the authenticator app off",
        description=_NEEDS_ACCESS_TOKEN,
        responses={
            204: {"description": "The second factor is off."},
            **documented_problems(*_TOKEN_ERRORS),
        },
    )
    def disable_totp() -> Response[Any]:
        use_cases.disable_totp(caller_of(app.current_event), source_of(app.current_event))
        return no_content()
