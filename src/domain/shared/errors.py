"""The base of the errors that the domain and its adapters raise.

Each class has a stable, kebab-case ``code`` that clients may rely on, and a short ``title``. The
``detail`` of an instance is written for API clients: it names the field and the limit, and never an
internal cause. The entry points decide how an error looks in HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field of a request: its dotted name and what is wrong with it."""

    field: str
    message: str


class DomainError(Exception):
    """Base of all errors that API clients may see."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class InvalidRequest(DomainError):
    """A value is missing, malformed or out of range."""

    code = "invalid-request"
    title = "The request is invalid"


class PermissionDenied(DomainError):
    """The caller is authenticated but lacks a permission; the detail names it."""

    code = "permission-denied"
    title = "The permission is missing"


class TooManyRequests(DomainError):
    """A rate limit or a lockout applies; the client can retry later."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ServiceUnavailable(DomainError):
    """A service that the API depends on failed temporarily; the client can retry later."""

    code = "service-unavailable"
    title = "The service is unavailable"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
