"""The operations on passwords: forgot, reset, change."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import SecretStr

from domain.accounts.errors import InvalidCode, InvalidCredentials, WeakPassword
from domain.accounts.use_cases.passwords import ChangePassword, RequestPasswordReset, ResetPassword
from domain.shared.errors import InvalidRequest, TooManyRequests
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import AccountAddressBody, Code, DeviceData, Email, RequestBody
from entrypoints.http.request_source import source_of
from entrypoints.http.resolver import no_content

TAG = "users"


class PasswordReset(RequestBody):
    """A new password, and the code from the e-mail."""

    email: Email
    code: Code
    new_password: SecretStr


class PasswordChange(RequestBody):
    """The current password and the new one."""

    current_password: SecretStr
    new_password: SecretStr
    device_data: DeviceData | None = None


@dataclass(frozen=True, slots=True)
class PasswordUseCases:
    """The use cases of these operations."""

    request_password_reset: RequestPasswordReset
    reset_password: ResetPassword
    change_password: ChangePassword


def add_password_routes(app: APIGatewayHttpResolver, use_cases: PasswordUseCases) -> None:
    """Register the operations under ``/v1/passwords`` and ``/v1/users/me/password``."""

    @app.post(
        "/v1/passwords/forgot",
        tags=[TAG],
        operation_id="requestPasswordReset",
        summary="Send a code for a new password",
        description="The response is the same whether or not the account exists.",
        responses={
            202: {"description": "A code was sent if there is a confirmed account."},
            **documented_problems(InvalidRequest, TooManyRequests),
        },
    )
    def request_password_reset(account: AccountAddressBody) -> Response[Any]:
        use_cases.request_password_reset(account.email, source_of(app.current_event))
        return Response(status_code=HTTPStatus.ACCEPTED.value)

    @app.post(
        "/v1/passwords/reset",
        tags=[TAG],
        operation_id="resetPassword",
        summary="Set a new password with a code",
        description="Logs out all devices of the account.",
        responses={
            204: {"description": "The password is changed."},
            **documented_problems(InvalidCode, InvalidRequest, WeakPassword, TooManyRequests),
        },
    )
    def reset_password(reset: Annotated[PasswordReset, Body()]) -> Response[Any]:
        use_cases.reset_password(reset.email, reset.code, reset.new_password, source_of(app.current_event))
        return no_content()

    @app.put(
        "/v1/users/me/password",
        tags=[TAG],
        security=SECURITY,
        operation_id="changePassword",
        summary="Change the password",
        description="The caller stays logged in on all devices. To end that, log out everywhere.",
        responses={
            204: {"description": "The password is changed."},
            **documented_problems(
                InvalidCredentials,
                InvalidRequest,
                WeakPassword,
                TooManyRequests,
            ),
        },
    )
    def change_password(change: Annotated[PasswordChange, Body()]) -> Response[Any]:
        use_cases.change_password(
            caller_of(app.current_event),
            change.current_password,
            change.new_password,
            source_of(app.current_event, change.device_data),
        )
        return no_content()
