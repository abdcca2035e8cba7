"""The operations on the caller's own account: read, change and delete it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from domain.accounts.errors import SignInNotRecent, UserNotFound
from domain.accounts.model import ProfilePatch, UserProfile
from domain.accounts.use_cases.profile import DeleteAccount, GetProfile, UpdateProfile
from domain.shared.errors import InvalidRequest, TooManyRequests
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import Name, RequestBody
from entrypoints.http.request_source import source_of
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"
PATH = "/v1/users/me"


class ProfileChange(RequestBody):
    """The changes (RFC 7396): null removes a name; a missing field is unchanged."""

    given_name: Name | None = None
    family_name: Name | None = None


@dataclass(frozen=True, slots=True)
class ProfileUseCases:
    """The use cases of these operations."""

    get_profile: GetProfile
    update_profile: UpdateProfile
    delete_account: DeleteAccount


def add_profile_routes(app: APIGatewayHttpResolver, use_cases: ProfileUseCases) -> None:
    """Register the operations on ``/v1/users/me``."""

    @app.get(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="getProfile",
        summary="Get my account",
        description="Returns the account that the token belongs to.",
        responses={
            200: json_content(UserProfile, "The caller's account."),
            **documented_problems(UserNotFound, TooManyRequests),
        },
    )
    def get_profile() -> Response[Any]:
        return json_response(HTTPStatus.OK, use_cases.get_profile(caller_of(app.current_event)))

    @app.patch(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="updateProfile",
        summary="Change my names",
        description="Changes the given names; null removes a name (RFC 7396).",
        responses={
            200: json_content(UserProfile, "The account after the change."),
            **documented_problems(UserNotFound, InvalidRequest, TooManyRequests),
        },
    )
    def update_profile(change: Annotated[ProfileChange, Body()]) -> Response[Any]:
        patch = ProfilePatch(**change.model_dump(exclude_unset=True))
        profile = use_cases.update_profile(caller_of(app.current_event), patch)
        return json_response(HTTPStatus.OK, profile)

    @app.delete(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="deleteAccount",
        summary="Delete my account",
        description="Deletes the account and all its images. The stored bytes are removed within minutes. "
        "If the request fails, repeat it. Requires a sign-in within the last 10 minutes.",
        responses={
            204: {"description": "The account and all access to its images are gone."},
            **documented_problems(SignInNotRecent, TooManyRequests),
        },
    )
    def delete_account() -> Response[Any]:
        use_cases.delete_account(caller_of(app.current_event), source_of(app.current_event))
        return no_content()
