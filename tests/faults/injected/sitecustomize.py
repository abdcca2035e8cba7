"""Makes requests to AWS fail now and then. Python imports this by itself where it is on PYTHONPATH.

While the file ``AWS_FAULTS_WHILE`` is there, a share ``AWS_FAULTS_SHARE`` of the requests of handlers'
processes fails: before they are sent, in the service, or after they were carried out, so that their
answer is lost.
"""

import os
import random
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

_SWITCH, _SHARE = "AWS_FAULTS_WHILE", "AWS_FAULTS_SHARE"
_send = URLLib3Session.send


class _Body:
    """The body of an answer, for botocore's response."""

    def stream(self, **_: Any) -> list[bytes]:
        return [b""]


def _send_or_fail(session: URLLib3Session, request: Any) -> Any:
    # Only the handlers' processes have this variable.
    is_handler = "IMAGES_BUCKET" in os.environ
    if (
        not is_handler
        or random.random() >= float(os.environ[_SHARE])
        or not Path(os.environ[_SWITCH]).exists()
    ):
        return _send(session, request)
    with Path(os.environ[_SWITCH]).open("a") as count:
        count.write(".")
    fault = random.choice(("unreachable", "failed", "unanswered", "cut off"))
    if fault == "unreachable":
        raise EndpointConnectionError(endpoint_url=request.url)
    if fault == "failed":
        return AWSResponse(request.url, 503, {}, _Body())
    _send(session, request)
    if fault == "unanswered":
        raise ReadTimeoutError(endpoint_url=request.url)
    raise ConnectionClosedError(endpoint_url=request.url)


if _SWITCH in os.environ:
    URLLib3Session.send = _send_or_fail  # type: ignore[method-assign]
