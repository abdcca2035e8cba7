"""Measures sign-ins, refused uploads and failing services from the API's responses."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from entrypoints.measurements import Measurement, Name

_SIGN_IN_ROUTES = frozenset({"POST /v1/sessions", "POST /v1/sessions/challenge"})
_SMALL_UPLOAD_ROUTE = "POST /v1/images"
SMALL_UPLOAD = "small"
"""The ``way`` of an upload in a request's body: a value of UploadWay, copied to avoid its imports."""
_UPLOAD_ROUTES = frozenset({_SMALL_UPLOAD_ROUTE, "POST /v1/uploads"})
_FAILURES = {
    HTTPStatus.TOO_MANY_REQUESTS: Name.THROTTLED,
    HTTPStatus.SERVICE_UNAVAILABLE: Name.UNAVAILABLE,
}


def measured(route_key: str, answer: Mapping[str, Any]) -> Iterator[Measurement]:
    """Measure the response to a request of this route (``POST /path``).

    Accepted uploads are counted when they become ready, by :mod:`entrypoints.measurements.changes`.
    """
    status = answer["statusCode"]
    if route_key in _SIGN_IN_ROUTES:
        yield Measurement(Name.SIGN_INS, dimensions={"outcome": _sign_in_outcome(answer)})
    if route_key in _UPLOAD_ROUTES and 400 <= status < 500:
        yield Measurement(Name.REJECTIONS, dimensions={"code": _problem_code(answer)})
        if route_key == _SMALL_UPLOAD_ROUTE:
            dimensions = {"way": SMALL_UPLOAD, "outcome": "rejected"}
            yield Measurement(Name.UPLOADS, dimensions=dimensions)
    if status in _FAILURES:
        yield Measurement(_FAILURES[status])


def _sign_in_outcome(answer: Mapping[str, Any]) -> str:
    if answer["statusCode"] != HTTPStatus.OK:
        return _problem_code(answer)
    outcome: str = json.loads(answer["body"])["status"]
    return outcome


def _problem_code(answer: Mapping[str, Any]) -> str:
    code: str = json.loads(answer["body"])["code"]
    return code
