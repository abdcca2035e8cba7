"""Converts errors to ``application/problem+json`` (RFC 9457)."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    RenditionNotFound,
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
    RenditionNotFound: HTTPStatus.NOT_FOUND,
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
"""The HTTP status of each error of the domain."""


HEADERS = {"idempotency_key": "Idempotency-Key"}
"""The names of headers, by the domain's names for the same fields."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem: its status, its stable code, its title, and its meaning in one sentence."""

    status: HTTPStatus
    code: str
    title: str
    meaning: str

    @classmethod
    def of(cls, error_type: type[DomainError]) -> "ProblemType":
        """Return the problem type of an error of the domain."""
        meaning = (error_type.__doc__ or "").partition("\n\n")[0]
        return cls(
            STATUS_BY_ERROR[error_type], error_type.code, error_type.title, " ".join(meaning.split())
        )


NO_ROUTE = ProblemType(
    HTTPStatus.NOT_FOUND, "not-found", "Not found", "There is no such operation or resource."
)
METHOD_NOT_ALLOWED = ProblemType(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "method-not-allowed",
    "The method is not allowed",
    "The path does not support this method; Allow lists the supported methods.",
)
NOT_THE_PUBLIC_ADDRESS = ProblemType(
    HTTPStatus.FORBIDDEN,
    "not-the-public-address",
    "Not the public address",
    "The API responds only at its public address; this request bypassed it.",
)
PAYLOAD_TOO_LARGE = ProblemType(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "payload-too-large",
    "The request is too large",
    "The body is larger than the gateway accepts; only the local server responds with this code.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported-media-type",
    "The media type is not supported",
    "The operation does not accept this type of request body.",
)
INTERNAL_ERROR = ProblemType(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    DomainError.code,
    DomainError.title,
    "An unexpected error occurred; the service's log has the details under the id in x-request-id.",
)

PROBLEM_TYPES: dict[str, ProblemType] = {
    problem_type.code: problem_type
    for problem_type in (
        *map(ProblemType.of, STATUS_BY_ERROR),
        NO_ROUTE,
        NOT_THE_PUBLIC_ADDRESS,
        METHOD_NOT_ALLOWED,
        PAYLOAD_TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INTERNAL_ERROR,
    )
}
"""All problem types by their codes."""


class FieldProblem(BaseModel):
    """One invalid field of a request."""

    field: str = Field(description="The name of the field; dots separate the names of nested fields.")
    message: str = Field(description="What is wrong with the field.")


class Problem(BaseModel):
    """A problem details object (RFC 9457 §3.1) with a stable ``code``."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="`urn:problem-type:` and the code.", json_schema_extra={"format": "uri"})
    title: str = Field(description="A summary, the same for all problems with this code.")
    status: int = Field(ge=400, le=599, description="The status of the response.")
    detail: str = Field(description="What is wrong with this request, for humans.")
    code: str
    errors: list[FieldProblem] | None = Field(default=None, description="The invalid fields.")


def problem_response(
    problem_type: ProblemType,
    detail: str,
    *,
    field_errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """Build the response for a problem; a 401 includes the challenge that RFC 9110 §11.6.1 requires."""
    problem = Problem(
        type=f"urn:problem-type:{problem_type.code}",
        title=problem_type.title,
        status=problem_type.status.value,
        detail=detail,
        code=problem_type.code,
        errors=[
            FieldProblem(field=HEADERS.get(error.field, error.field), message=error.message)
            for error in field_errors
        ]
        or None,
    )
    headers = dict(headers or {})
    if problem_type.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        status_code=problem_type.status.value,
        content_type=MEDIA_TYPE,
        body=problem.model_dump_json(exclude_none=True),
        headers=dict[str, str | list[str]](headers),
    )


def error_response(error: DomainError) -> Response[Any]:
    """Build the response for an error of the domain."""
    headers = {}
    if isinstance(error, TooManyRequests | ServiceUnavailable | ImageNotReady) and (
        error.retry_after_s is not None
    ):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem_response(
        PROBLEM_TYPES[error.code], error.detail, field_errors=error.errors, headers=headers
    )


def documented_problems(*error_types: type[DomainError]) -> dict[int, OpenAPIResponse]:
    """Describe these errors as OpenAPI responses by status, with the meaning and an example of each."""
    return documented_problem_types(*map(ProblemType.of, error_types))


def documented_problem_types(*problem_types: ProblemType) -> dict[int, OpenAPIResponse]:
    """Describe these problem types as OpenAPI responses, grouped by status."""
    by_status: dict[int, list[ProblemType]] = {}
    for problem_type in problem_types:
        by_status.setdefault(problem_type.status.value, []).append(problem_type)
    return {
        status: {
            "description": "\n".join(f"- `{one.code}`: {one.meaning}" for one in grouped),
            "content": {
                MEDIA_TYPE: {
                    "model": Problem,
                    "examples": {
                        one.code: {"$ref": f"#/components/examples/{one.code}"} for one in grouped
                    },
                }
            },
        }
        for status, grouped in sorted(by_status.items())
    }
