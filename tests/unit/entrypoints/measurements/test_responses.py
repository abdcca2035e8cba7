"""The measurements of responses."""

import json
from typing import Any

import pytest

from domain.images.record import UploadWay
from entrypoints.measurements import Measurement, Name
from entrypoints.measurements.responses import SMALL_UPLOAD, measured


def answer(status: int, body: Any) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps(body)}


def problem(status: int, code: str) -> dict[str, Any]:
    return answer(status, {"code": code, "status": status})


def test_the_way_of_a_small_upload_has_its_name_in_the_domain() -> None:
    assert SMALL_UPLOAD == UploadWay.SMALL


@pytest.mark.parametrize("route", ["POST /v1/sessions", "POST /v1/sessions/challenge"])
@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (answer(200, {"status": "signed-in", "access_token": "a"}), "signed-in"),
        (answer(200, {"status": "challenge", "challenge": "SOFTWARE_TOKEN_MFA"}), "challenge"),
        (problem(401, "invalid-credentials"), "invalid-credentials"),
        (problem(403, "user-not-confirmed"), "user-not-confirmed"),
    ],
)
def test_sign_ins_are_counted_by_their_outcome(route: str, answered: dict[str, Any], outcome: str) -> None:
    assert list(measured(route, answered)) == [Measurement(Name.SIGN_INS, dimensions={"outcome": outcome})]


def test_a_refused_small_upload_is_an_upload_that_was_rejected() -> None:
    assert list(measured("POST /v1/images", problem(415, "unsupported-image-type"))) == [
        Measurement(Name.REJECTIONS, dimensions={"code": "unsupported-image-type"}),
        Measurement(Name.UPLOADS, dimensions={"way": "small", "outcome": "rejected"}),
    ]


def test_an_announcement_that_is_refused_is_a_rejection() -> None:
    assert list(measured("POST /v1/uploads", problem(413, "image-too-large"))) == [
        Measurement(Name.REJECTIONS, dimensions={"code": "image-too-large"})
    ]


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [(429, "too-many-requests", Name.THROTTLED), (503, "service-unavailable", Name.UNAVAILABLE)],
)
def test_unavailable_services_are_counted_for_every_request(status: int, code: str, name: Name) -> None:
    assert list(measured("GET /v1/users/me", problem(status, code))) == [Measurement(name)]


@pytest.mark.parametrize("route", ["POST /v1/images", "POST /v1/uploads", "GET /v1/images"])
def test_what_succeeded_is_counted_elsewhere(route: str) -> None:
    assert list(measured(route, answer(201, {}))) == []


def test_our_own_failure_is_not_a_rejection() -> None:
    assert list(measured("POST /v1/images", problem(500, "internal-error"))) == []
