"""What the errors of the whole domain hold to."""

import importlib
import pkgutil
import re

import domain
from domain.shared.errors import DomainError


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
