"""Applies a function's time limit to its calls to other services."""

from typing import Any

from adapters.request_deadline import RequestDeadline

_MARGIN_S = 2
"""Time reserved for the error response: Lambda kills a function that does not respond in time, and API
Gateway then responds with its own 500 or 503."""


def begin(deadline: RequestDeadline, context: Any) -> None:
    """Set the deadline to shortly before the function's time limit, which is in its context.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    if context is not None:
        deadline.begin(max(context.get_remaining_time_in_millis() / 1000 - _MARGIN_S, 0))
