"""The form of what the domain is made of."""

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from enum import Enum

import domain

MODULES = [
    importlib.import_module(module.name) for module in pkgutil.walk_packages(domain.__path__, "domain.")
]
CLASSES = [
    found
    for module in MODULES
    for _, found in inspect.getmembers(module, inspect.isclass)
    if found.__module__ == module.__name__
]


def test_use_cases_are_dataclasses() -> None:
    use_cases = [
        found for found in CLASSES if ".use_cases." in found.__module__ and not issubclass(found, Enum)
    ]

    assert len(use_cases) > 30
    assert [found for found in use_cases if not is_dataclass(found)] == []


def test_no_dataclass_can_change() -> None:
    made = [found for found in CLASSES if is_dataclass(found)]

    assert [found for found in made if not found.__dataclass_params__.frozen] == []
