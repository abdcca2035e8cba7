"""What Cognito's errors mean in the domain, each on purpose."""

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
_SET_UP_WRONGLY = frozenset(
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
"""What no caller of ours can bring about or mend: the pool, its mails or our role need an operator."""

_THROTTLE_RETRY_AFTER_S = 5
_LOCKOUT_RETRY_AFTER_S = 60
_ATTEMPTS_RETRY_AFTER_S = 300


class SetUpWrongly(Exception):
    """Cognito refuses what it should do because of how the pool, its app client or our role is set up."""


def error_code(error: ClientError) -> str:
    """Cognito's name for an error, such as ``NotAuthorizedException``."""
    return error.response["Error"]["Code"]


@contextmanager
def translated_errors(
    translations: Mapping[str, DomainError] | None = None, *, never: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Raise the domain's errors for those of a Cognito call made within.

    Rate limits, lockouts, the firewall and failures of the service are told first, then ``translations``
    says by Cognito's error code what to raise. The codes of ``never``, which this call can have only if
    something is set up wrongly, become SetUpWrongly, as do those that always mean that. An error that
    Cognito does not document passes through. A value that botocore refuses to send counts as
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
        if code in _SET_UP_WRONGLY | never:
            raise SetUpWrongly(code) from error
        raise
    except ParamValidationError as error:
        if "InvalidParameterException" not in meanings:
            raise
        raise meanings["InvalidParameterException"] from error
    except BotoCoreError as error:
        raise _unavailable() from error


def _general(error: ClientError) -> DomainError | None:
    """The meaning of errors that every operation can have.

    A lockout (https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html) comes as
    NotAuthorizedException and differs from a wrong password by its message alone. It lasts from one
    second to about fifteen minutes and Cognito doesn't say how long.
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
            "Too many failed sign-ins; this account is locked for now.",
            retry_after_s=_LOCKOUT_RETRY_AFTER_S,
        )
    if code == "ForbiddenException":
        return PermissionDenied("The firewall of the identity provider refuses this request.")
    if code in _FAILED_BEHIND or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return _unavailable()
    return None


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable("The identity provider does not answer for now; try again shortly.")
