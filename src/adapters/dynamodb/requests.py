"""Requests to DynamoDB that are retried where appropriate, and raise few, well-defined errors.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

import time
from collections.abc import Callable, Sequence
from random import SystemRandom
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from adapters.dynamodb.attribute_values import Item
from domain.shared.errors import ServiceUnavailable

MAX_ATTEMPTS = 10
"""The most attempts for a request that conflicts with others. All pauses take 3 seconds on average."""
_FIRST_PAUSE_S = 0.025
_LONGEST_PAUSE_S = 1.0
_RETRY_AFTER_S = 2

_IN_PROGRESS = "TransactionInProgressException"
_CONFLICTS = frozenset({"TransactionConflict", "TransactionConflictException", _IN_PROGRESS})
_THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ThrottlingException",
    }
)
_CONDITION = "ConditionalCheckFailed"
_OUR_FAULT = frozenset(
    {"ValidationException", "SerializationException", "IdempotentParameterMismatchException"}
)

T = TypeVar("T")


class ConditionsFailed(Exception):
    """Conditions did not hold, and nothing was written.

    ``found`` maps the position of each operation whose condition failed to the existing item, which is
    empty if there is none.
    """

    def __init__(self, found: dict[int, Item]) -> None:
        super().__init__(f"The conditions of the operations {sorted(found)} do not hold.")
        self.found = found


class Requests:
    """Retries requests that fail through conflicts or throttling: a bounded number of times, with jitter.

    Raises ServiceUnavailable after the last attempt, and for every other failure of the service. The cause
    is for the log only.
    """

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._random = SystemRandom()

    def make(self, request: Callable[[], T]) -> T:
        """Make a request and return its response. Raises ConditionsFailed or ServiceUnavailable."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                return request()
            except ClientError as error:
                if not _can_be_repeated(error):
                    raise _translate(error) from error
                last_error = error
            except BotoCoreError as error:
                raise _unavailable() from error
            self.pause(attempt)
        raise _unavailable() from last_error

    def pause(self, attempt: int) -> None:
        """Wait a random time after this attempt, counted from 0. Its limit doubles with each attempt."""
        self._pause(self._random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)))


def is_in_progress(error: ClientError) -> bool:
    """Tell whether the same transaction, sent before, is still in progress."""
    return _code(error) == _IN_PROGRESS


def _can_be_repeated(error: ClientError) -> bool:
    code = _code(error)
    if code != "TransactionCanceledException":
        return code in _CONFLICTS | _THROTTLES
    reasons = {reason.get("Code") for reason in _reasons(error)}
    # If a condition failed as well, a retry would fail again.
    return _CONDITION not in reasons and bool(reasons & (_CONFLICTS | _THROTTLES))


def _translate(error: ClientError) -> Exception:
    code = _code(error)
    if code == "ConditionalCheckFailedException":
        response: Any = error.response
        return ConditionsFailed({0: response.get("Item", {})})
    if code == "TransactionCanceledException":
        reasons = _reasons(error)
        found = {
            place: reason.get("Item", {})
            for place, reason in enumerate(reasons)
            if reason.get("Code") == _CONDITION
        }
        if found:
            return ConditionsFailed(found)
        if any(reason.get("Code") == "ValidationError" for reason in reasons):
            return error
    return error if code in _OUR_FAULT else _unavailable()


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _reasons(error: ClientError) -> Sequence[dict[str, Any]]:
    response: Any = error.response
    reasons: Sequence[dict[str, Any]] = response.get("CancellationReasons", [])
    return reasons


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable(
        "The records are unavailable; please try again.", retry_after_s=_RETRY_AFTER_S
    )
