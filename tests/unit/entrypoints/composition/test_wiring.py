"""The type checker covers the wiring: a wrongly wired use case fails ``make check``.

The containers' providers are untyped, so what they pass on is compared here.
"""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers, providers

from entrypoints import composition

COMPOSITION = Path("src/entrypoints/composition")

MISTAKES = [
    (
        "images",
        "DeleteImages(records, removal)",
        "DeleteImages(AccountAdapters().identity_provider(), removal)",
        'Argument 1 to "DeleteImages" has incompatible type "IdentityProvider"',
    ),
    (
        "images",
        "EditImage(records, views)",
        "EditImage(policy, views)",
        'Argument 1 to "EditImage" has incompatible type',
    ),
    (
        "images",
        "ListParts(records, incoming, clock)",
        "ListParts(records, incoming, clock, lifetime)",
        'Too many arguments for "ListParts"',
    ),
    (
        "users",
        "RegisterUser(directory)",
        "RegisterUser()",
        'argument "identity_provider" in call to "RegisterUser"',
    ),
    (
        "users",
        "CloseAccount(adapters.image_records(), adapters.clock())",
        "directory",
        'Argument 2 to "DeleteAccount" has incompatible type',
    ),
]
NEEDED = {"images": "from entrypoints.composition.account_adapters import AccountAdapters\n"}
"""What the mistakes in a module need besides."""


@pytest.mark.timeout(300)
def test_a_wrong_wiring_does_not_pass_the_type_checker(tmp_path: Path) -> None:
    changed: dict[str, str] = {}
    for module, right, wrong, _ in MISTAKES:
        text = changed.get(module) or (COMPOSITION / f"{module}.py").read_text(encoding="utf-8")
        assert right in text
        changed[module] = text.replace(right, wrong)
    shadows: list[str | Path] = []
    for module, text in changed.items():
        (tmp_path / f"{module}.py").write_text(text + NEEDED.get(module, ""), encoding="utf-8")
        shadows += ["--shadow-file", COMPOSITION / f"{module}.py", tmp_path / f"{module}.py"]

    # A cache would not notice that a file replaces another.
    modules = [f"-mentrypoints.composition.{module}" for module in changed]
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", *shadows, *modules],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1, result.stdout + result.stderr
    for _, _, wrong, complaint in MISTAKES:
        assert complaint in result.stdout, wrong
    assert result.stdout.count("error:") == len(MISTAKES)


def singletons() -> list[Any]:
    """What the containers make once, each as a test parameter."""
    names = [
        f"{composition.__name__}.{module.name}" for module in pkgutil.iter_modules(composition.__path__)
    ]
    return [
        pytest.param(provider, id=f"{container.__name__}.{key}")
        for name in names
        for _, container in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if container.__module__ == name and issubclass(container, containers.DeclarativeContainer)
        for key, provider in container.cls_providers.items()
        if isinstance(provider, providers.Singleton)
    ]


def type_given_by(provider: Any) -> Any:
    """The class or, as it is annotated, the type of what a provider gives."""
    if isinstance(provider, providers.Object):
        return type(provider())
    makes = provider.provides
    if inspect.isclass(makes):
        return makes
    # Settings are made by a method of their own class, which is annotated with Self.
    return getattr(makes, "__self__", inspect.signature(makes).return_annotation)


@pytest.mark.parametrize("provider", singletons())
def test_an_adapter_gets_what_its_signature_asks_for(provider: Any) -> None:
    signature = inspect.signature(provider.provides)
    passed = signature.bind(*provider.args, **provider.kwargs).arguments

    assert {name: type_given_by(value) for name, value in passed.items()} == {
        name: signature.parameters[name].annotation for name in passed
    }
