"""Entity tags, If-Match and If-None-Match."""

import pytest

from entrypoints.http.entity_tags import edit_numbers, entity_tag, is_current, tags_to_match


def test_a_tag_distinguishes_contents() -> None:
    tags = {entity_tag(b"ab"), entity_tag(b"a", b"b"), entity_tag(b"a"), entity_tag()}

    assert len(tags) == 4
    assert entity_tag(b"ab") == entity_tag(b"ab")
    assert all(tag.startswith('W/"') and tag.endswith('"') for tag in tags)


@pytest.mark.parametrize(
    ("if_none_match", "expected"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a"', True),
        ("*", True),
        (" * ", True),
        ('"b,a"', False),
        ('"b"', False),
        ("", False),
        (None, False),
    ],
)
def test_what_a_client_has_is_current_if_any_of_its_tags_is(
    if_none_match: str | None, expected: bool
) -> None:
    assert is_current(if_none_match, 'W/"a"') is expected


@pytest.mark.parametrize(
    ("if_match", "expected"),
    [
        ("", None),
        (" * ", None),
        ('"a"', {"a"}),
        ('"a", "b"', {"a", "b"}),
        ('W/"a", "b"', {"b"}),
        ("a", set()),
    ],
)
def test_a_change_is_based_on_one_of_the_strong_tags(if_match: str, expected: set[str] | None) -> None:
    assert tags_to_match(if_match) == expected


def test_a_tag_that_is_not_a_number_of_edits_matches_nothing() -> None:
    assert edit_numbers(["0", "12", "00", "01", "-1", "1.0", "\u0663", "x", "", "9" * 5000]) == {0, 12}
