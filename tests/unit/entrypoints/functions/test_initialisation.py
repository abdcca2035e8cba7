"""When a function prepares itself."""

import pytest

from entrypoints.functions.initialisation import initialise


def test_everything_is_made_while_lambda_initialises_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")

    initialise(lambda: made.append("clients"), lambda: made.append("checks"))

    assert made == ["clients", "checks"]


def test_nothing_is_made_before_its_first_use_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API", raising=False)

    initialise(lambda: made.append("clients"))

    assert made == []
