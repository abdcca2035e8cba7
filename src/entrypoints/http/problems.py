"""Errors as ``application/problem+json`` (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel, ConfigDict, Field

from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    ExpiredCode,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    PasswordResetRequired,
    RegistrationNotAllowed,
    SignInNotRecent,
    TokenNotAccepted,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)
from domain.images.errors import (
    AccountClosed,
    ChecksumMismatch,
    DuplicateImage,
    EditConflict,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageNotReady,
    ImageTooLarge,
    InvalidCursor,
    QuotaExceeded,
    UnsupportedImageType,
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
    UploadOverwritten,
)
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.shared.errors import (
    DomainError,
    FieldError,
    InvalidRequest,
    PermissionDenied,
    ServiceUnavailable,
    TooManyRequests,
)

MEDIA_TYPE = "application/problem+json"

STATUS_BY_ERROR: dict[type[DomainError], HTTPStatus] = {
    AccessTokenRequired: HTTPStatus.FORBIDDEN,
    ChallengeFailed: HTTPStatus.UNAUTHORIZED,
    ChecksumMismatch: HTTPStatus.BAD_REQUEST,
    ExpiredCode: HTTPStatus.BAD_REQUEST,
    IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageDimensionsExceeded: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageNotFound: HTTPStatus.NOT_FOUND,
    ImageNotReady: HTTPStatus.CONFLICT,
    ImageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    InvalidCode: HTTPStatus.BAD_REQUEST,
    InvalidCredentials: HTTPStatus.UNAUTHORIZED,
    InvalidCursor: HTTPStatus.BAD_REQUEST,
    InvalidRefreshToken: HTTPStatus.UNAUTHORIZED,
    PasswordResetRequired: HTTPStatus.FORBIDDEN,
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    RegistrationNotAllowed: HTTPStatus.FORBIDDEN,
    SignInNotRecent: HTTPStatus.FORBIDDEN,
    ServiceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TokenNotAccepted: HTTPStatus.UNAUTHORIZED,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    UnreadableImage: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedImageType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    QuotaExceeded: HTTPStatus.FORBIDDEN,
    AccountClosed: HTTPStatus.FORBIDDEN,
    DuplicateImage: HTTPStatus.CONFLICT,
    EditConflict: HTTPStatus.PRECONDITION_FAILED,
    UploadExpired: HTTPStatus.GONE,
    UploadOverwritten: HTTPStatus.CONFLICT,
    UploadIncomplete: HTTPStatus.CONFLICT,
    UploadNotFound: HTTPStatus.NOT_FOUND,
    UserAlreadyExists: HTTPStatus.CONFLICT,
    UserNotConfirmed: HTTPStatus.FORBIDDEN,
    UserNotFound: HTTPStatus.NOT_FOUND,
    WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""The HTTP status of every error of the domain."""


class FieldProblem(BaseModel):
    """One invalid field of a request."""

    field: str
    message: str


class Problem(BaseModel):
    """A problem details object (RFC 9457 §3.1) with a stable ``code``."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="urn:problem-type: followed by the code.")
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = Field(default=None, description="The invalid fields.")


def problem_response(
    status: HTTPStatus,
    code: str,
    title: str,
    detail: str,
    *,
    field_errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """A response that carries this problem and, with 401, the challenge that RFC 9110 §11.6.1 requires."""
    problem = Problem(
        type=f"urn:problem-type:{code}",
        title=title,
        status=status.value,
        detail=detail,
        code=code,
        errors=[FieldProblem(field=error.field, message=error.message) for error in field_errors] or None,
    )
    headers = dict(headers or {})
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        status_code=status.value,
        content_type=MEDIA_TYPE,
        body=problem.model_dump_json(exclude_none=True),
        headers=dict[str, str | list[str]](headers),
    )


def error_response(error: DomainError) -> Response[Any]:
    """The response for an error of the domain."""
    headers = {}
    if isinstance(error, TooManyRequests | ServiceUnavailable | ImageNotReady) and (
        error.retry_after_s is not None
    ):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem_response(
        STATUS_BY_ERROR[type(error)],
        error.code,
        error.title,
        error.detail,
        field_errors=error.errors,
        headers=headers,
    )


def documented_problems(*error_types: type[DomainError]) -> dict[int, OpenAPIResponse]:
    """OpenAPI responses for these errors, grouped by status, with their codes in the description."""
    codes: dict[int, list[str]] = {}
    for error_type in error_types:
        codes.setdefault(STATUS_BY_ERROR[error_type].value, []).append(error_type.code)
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in names),
            "content": {MEDIA_TYPE: {"model": Problem}},
        }
        for status, names in sorted(codes.items())
    }
