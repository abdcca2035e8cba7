"""Settings are read from environment variables."""

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from entrypoints.composition.environment import FROM_JSON, EnvironmentSettings


class Settings(EnvironmentSettings):
    bucket_name: str
    limit: int = 5
    is_open: bool = True
    groups: Annotated[dict[str, int], FROM_JSON] = Field(default={})


def test_each_is_read_from_the_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BUCKET_NAME": "images", "IS_OPEN": "false", "GROUPS": '{"a": 1}'}.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_environment()

    assert settings == Settings(bucket_name="images", limit=5, is_open=False, groups={"a": 1})


@pytest.mark.parametrize(("name", "value"), [("LIMIT", "many"), ("GROUPS", "{"), ("GROUPS", '{"a": "b"}')])
def test_what_is_missing_or_invalid_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as raised:
        Settings.from_environment()

    assert {error["loc"][0] for error in raised.value.errors()} == {"bucket_name", name.lower()}
