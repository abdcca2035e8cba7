"""The operations on the caller's own account: see it, change it, delete it."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from domain.accounts.errors import UserNotFound
from domain.accounts.model import ProfilePatch, UserProfile
from domain.shared.errors import InvalidRequest, TooManyRequests
from entrypoints.composition.container import Container
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_bodies import Name, RequestBody
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "users"
PATH = "/v1/users/me"


class ProfileChange(RequestBody):
    """What to change (RFC 7396): null removes a name, a field that is left out stays as it is."""

    given_name: Name | None = None
    family_name: Name | None = None


def add_profile_routes(app: APIGatewayHttpResolver, container: Container) -> None:
    """Register the operations on ``/v1/users/me``."""

    @app.get(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="getProfile",
        summary="Who am I",
        responses={
            200: json_content(UserProfile, "The caller's account."),
            **documented_problems(UserNotFound, TooManyRequests),
        },
    )
    def get_profile() -> Response[Any]:
        return json_response(HTTPStatus.OK, container.get_profile()(caller_of(app.current_event)))

    @app.patch(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="updateProfile",
        summary="Change my names",
        responses={
            200: json_content(UserProfile, "The account after the change."),
            **documented_problems(UserNotFound, InvalidRequest, TooManyRequests),
        },
    )
    def update_profile(change: Annotated[ProfileChange, Body()]) -> Response[Any]:
        patch = ProfilePatch(**change.model_dump(exclude_unset=True))
        profile = container.update_profile()(caller_of(app.current_event), patch)
        return json_response(HTTPStatus.OK, profile)

    @app.delete(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="deleteAccount",
        summary="Delete my account",
        description="Removes all images of the caller, then the account. If it fails midway, repeat it.",
        responses={
            204: {"description": "The account and all its images are gone."},
            **documented_problems(TooManyRequests),
        },
    )
    def delete_account() -> Response[Any]:
        container.delete_account()(caller_of(app.current_event))
        return no_content()
