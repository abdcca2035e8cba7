"""A function's time limit, as the deadline of what it does."""

from typing import Any

from adapters.request_deadline import RequestDeadline

_MARGIN_S = 2
"""What is kept to answer that there was no time: Lambda cuts off a function that has not answered, and
API Gateway then says 500 or 503 in words of its own."""


def begin(deadline: RequestDeadline, context: Any) -> None:
    """Let the deadline end shortly before the function's time does, which its context tells.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    if context is not None:
        deadline.begin(max(context.get_remaining_time_in_millis() / 1000 - _MARGIN_S, 0))
