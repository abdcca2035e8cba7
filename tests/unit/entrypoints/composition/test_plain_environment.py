"""Settings, read from environment variables without pydantic."""

import pytest

from entrypoints.composition.plain_environment import InvalidSetting, flag, names, names_by_name


@pytest.mark.parametrize(
    ("value", "read"), [("true", True), ("True", True), ("1", True), ("false", False), ("0", False)]
)
def test_a_flag_is_true_or_false(value: str, read: bool) -> None:
    assert flag({"OPEN": value}, "OPEN", default=not read) is read


@pytest.mark.parametrize("default", [True, False])
def test_a_missing_flag_has_its_default(default: bool) -> None:
    assert flag({}, "OPEN", default=default) is default


@pytest.mark.parametrize("value", ["", "maybe", "2", "false "])
def test_another_flag_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidSetting, match="OPEN must be true or false"):
        flag({"OPEN": value}, "OPEN", default=True)


def test_names_are_listed_in_any_case_and_with_spaces() -> None:
    assert names({"DOMAINS": " Example.com,example.org ,"}, "DOMAINS") == {"example.com", "example.org"}
    assert names({}, "DOMAINS") == frozenset()


def test_names_by_name_are_json() -> None:
    variables = {"GROUPS": '{"uploaders": ["images:upload", "images:read"], "none": []}'}

    assert names_by_name(variables, "GROUPS") == {
        "uploaders": {"images:upload", "images:read"},
        "none": frozenset(),
    }
    assert names_by_name({}, "GROUPS") == {}


@pytest.mark.parametrize("value", ["", "{", "[]", '{"a": "b"}', '{"a": [1]}', "null"])
def test_other_json_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidSetting, match="GROUPS must be a JSON object"):
        names_by_name({"GROUPS": value}, "GROUPS")
