"""What the errors of the whole domain hold to."""

import importlib
import pkgutil
import re

import pytest

import domain
from domain.shared.errors import DomainError, ServiceUnavailable, TooManyRequests


def all_errors(base: type[DomainError] = DomainError) -> list[type[DomainError]]:
    return [error for child in base.__subclasses__() for error in (child, *all_errors(child))]


def test_every_error_has_a_code_and_a_title_of_its_own() -> None:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    errors = [error for error in all_errors() if error.__module__.startswith("domain.")]

    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code) for error in errors)
    assert len({error.code for error in errors}) == len(errors)
    assert len({error.title for error in errors}) == len(errors)
    assert DomainError.code not in {error.code for error in errors}


@pytest.mark.parametrize("error", [TooManyRequests, ServiceUnavailable])
def test_what_can_be_repeated_says_when(error: type[TooManyRequests | ServiceUnavailable]) -> None:
    assert (error("Wait.").detail, error("Wait.").retry_after_s) == ("Wait.", 5)
    assert error("Wait.", retry_after_s=60).retry_after_s == 60
