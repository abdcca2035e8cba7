"""Translates Cognito's errors to the domain's; every documented error has an entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from domain.shared.errors import DomainError, PermissionDenied, ServiceUnavailable, TooManyRequests

_THROTTLED = frozenset(
    {
        "ConcurrentModificationException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ATTEMPTS_EXHAUSTED = frozenset({"LimitExceededException", "TooManyFailedAttemptsException"})
_LOCKED_OUT = "Password attempts exceeded"
_FAILED_BEHIND = frozenset(
    {
        "CodeDeliveryFailureException",
        "InternalErrorException",
        "InvalidLambdaResponseException",
        "ServiceUnavailable",
        "UnexpectedLambdaException",
        "UserLambdaValidationException",
    }
)
_MISCONFIGURED = frozenset(
    {
        "AccessDeniedException",
        "InvalidEmailRoleAccessPolicyException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidUserPoolConfigurationException",
        "MFAMethodNotFoundException",
        "OperationNotEnabledException",
        "ResourceNotFoundException",
        "UnsupportedOperationException",
        "UserPoolTaggingException",
    }
)
"""Errors that no API client can cause or fix: an operator must fix the pool, its e-mails or our role."""

_THROTTLE_RETRY_AFTER_S = 5
_LOCKOUT_RETRY_AFTER_S = 60
_ATTEMPTS_RETRY_AFTER_S = 300


class Misconfigured(Exception):
    """Cognito refuses a call because the pool, its app client or our role is misconfigured."""


def error_code(error: ClientError) -> str:
    """Return Cognito's name for an error, such as ``NotAuthorizedException``."""
    return error.response["Error"]["Code"]


@contextmanager
def translated_errors(
    translations: Mapping[str, DomainError] | None = None, *, never: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Translate the errors of Cognito calls in the ``with`` block to the domain's errors.

    Rate limits, lockouts, the firewall and failures of the service are translated first. Then
    ``translations`` maps Cognito's error codes to the errors to raise. Codes in ``never``, which mean a
    misconfiguration in this call, become Misconfigured, as do those that mean it in every call.
    Undocumented errors pass through. A value that botocore refuses to send counts as
    InvalidParameterException.
    """
    meanings = translations or {}
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        meaning = _general(error) or meanings.get(code)
        if meaning is not None:
            raise meaning from error
        if code in _MISCONFIGURED | never:
            raise Misconfigured(code) from error
        raise
    except ParamValidationError as error:
        if "InvalidParameterException" not in meanings:
            raise
        raise meanings["InvalidParameterException"] from error
    except BotoCoreError as error:
        raise _unavailable() from error


def _general(error: ClientError) -> DomainError | None:
    """Translate an error that every operation can get, or return ``None``.

    A lockout (https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html) is a
    NotAuthorizedException that only its message distinguishes from a wrong password. It lasts from one
    second to about fifteen minutes, and Cognito doesn't say how long.
    """
    code = error_code(error)
    if code in _THROTTLED:
        return TooManyRequests(
            "Too many requests; try again shortly.", retry_after_s=_THROTTLE_RETRY_AFTER_S
        )
    if code in _ATTEMPTS_EXHAUSTED:
        return TooManyRequests("Too many attempts; try again later.", retry_after_s=_ATTEMPTS_RETRY_AFTER_S)
    if code == "NotAuthorizedException" and _LOCKED_OUT in error.response["Error"].get("Message", ""):
        return TooManyRequests(
            "Too many failed sign-ins; this account is temporarily locked.",
            retry_after_s=_LOCKOUT_RETRY_AFTER_S,
        )
    if code == "ForbiddenException":
        return PermissionDenied("The identity provider's firewall has blocked this request.")
    if code in _FAILED_BEHIND or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return _unavailable()
    return None


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable("The identity provider is temporarily unavailable; try again shortly.")
