"""Translates errors of Amazon S3, and retries conflicting writes."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from domain.shared.errors import ServiceUnavailable

_CONFLICTS = frozenset({"ConditionalRequestConflict", "OperationAborted"})
_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)

Answer = TypeVar("Answer")


def error_code(error: ClientError) -> str:
    """Return S3's code of an error."""
    return error.response.get("Error", {}).get("Code", "")


def is_missing(error: ClientError) -> bool:
    """Tell whether there is no such object."""
    return error_code(error) in {"NoSuchKey", "404", "NotFound"}


def is_failed_condition(error: ClientError) -> bool:
    """Tell whether a condition of the request does not hold."""
    return error_code(error) in {"PreconditionFailed", "412"}


def repeated_while_conflicting(write: Callable[[], Answer]) -> Answer:
    """Retry a conditional write while another write to the same key is in progress.

    S3 then only responds that the writes conflict (409), not whether the other one succeeds. Raises
    botocore's errors; after about two seconds, also that of the conflict.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    for pause_s in _PAUSES_S:
        try:
            return write()
        except ClientError as error:
            if error_code(error) not in _CONFLICTS:
                raise
            time.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311 - jitter only
    return write()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise ServiceUnavailable for every failure of S3; the cause is for the log only."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ServiceUnavailable("The image storage is unavailable; please try again.") from error
