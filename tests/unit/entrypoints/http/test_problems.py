"""Errors of the domain as HTTP problems."""

import json

import pytest

from domain.accounts.errors import InvalidCredentials
from domain.renditions.errors import ImageTooLargeToRender, UnrenderableImage
from domain.shared.errors import DomainError, FieldError, InvalidRequest, TooManyRequests
from entrypoints.http.problems import STATUS_BY_ERROR, error_response


def all_errors(base: type[DomainError] = DomainError) -> list[type[DomainError]]:
    found = [error for child in base.__subclasses__() for error in (child, *all_errors(child))]
    # Those of renditions are kept with the image, and answer no request.
    return [error for error in found if not error.__module__.startswith("domain.renditions")]


TOLD_IN_THE_IMAGE = {ImageTooLargeToRender, UnrenderableImage}
"""No request fails with these: they happen after it was answered."""


def test_every_error_has_a_status() -> None:
    assert set(STATUS_BY_ERROR) == set(all_errors()) - TOLD_IN_THE_IMAGE


@pytest.mark.parametrize("error", STATUS_BY_ERROR)
def test_no_status_blames_the_client_for_what_it_cannot_help(error: type[DomainError]) -> None:
    status = error_response(error("Why.")).status_code

    assert status == 503 if error.code == "service-unavailable" else 400 <= status < 500


def test_a_problem_has_the_members_of_rfc_9457_and_names_the_fields() -> None:
    response = error_response(InvalidRequest("limit is wrong.", errors=[FieldError("limit", "is wrong")]))

    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(str(response.body)) == {
        "type": "urn:problem-type:invalid-request",
        "title": "The request is invalid",
        "status": 422,
        "detail": "limit is wrong.",
        "code": "invalid-request",
        "errors": [{"field": "limit", "message": "is wrong"}],
    }


def test_a_header_has_its_own_name() -> None:
    error = InvalidRequest("The key is wrong.", errors=[FieldError("idempotency_key", "is wrong")])

    [told] = json.loads(str(error_response(error).body))["errors"]
    assert told["field"] == "Idempotency-Key"


def test_an_unauthorized_response_has_a_challenge() -> None:
    assert error_response(InvalidCredentials("No.")).headers["WWW-Authenticate"] == "Bearer"


def test_a_response_that_asks_for_patience_says_how_long() -> None:
    assert error_response(TooManyRequests("Later.", retry_after_s=7)).headers["Retry-After"] == "7"
