"""The owner's own words on an image."""

from typing import Any

import pytest

from domain.images.edits import (
    MAX_DESCRIPTION_LENGTH,
    MAX_EDITS_BYTES,
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    MAX_TITLE_LENGTH,
    check_edits,
    require_room,
)
from domain.shared.errors import InvalidRequest


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {}),
        ({"title": " A  b "}, {"title": "A  b"}),
        ({"title": "e\u0301"}, {"title": "é"}),
        ({"title": ""}, {"title": None}),
        ({"title": None}, {"title": None}),
        ({"description": "a\r\nb\tc"}, {"description": "a\nb\tc"}),
        ({"keywords": ["Sea", " sea", "", "SKY"]}, {"keywords": ("Sea", "SKY")}),
        ({"keywords": None}, {"keywords": ()}),
        ({"filename": "C:\\fakepath\\a.jpg"}, {"filename": "a.jpg"}),
        ({"filename": None}, {"filename": None}),
        ({"title": "x" * MAX_TITLE_LENGTH}, {"title": "x" * MAX_TITLE_LENGTH}),
        (
            {"keywords": [f"{number:0{MAX_KEYWORD_LENGTH}}" for number in range(MAX_KEYWORDS)]},
            {"keywords": tuple(f"{number:0{MAX_KEYWORD_LENGTH}}" for number in range(MAX_KEYWORDS))},
        ),
    ],
)
def test_words_are_kept_as_they_are_meant(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    assert check_edits(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        {"title": "x" * (MAX_TITLE_LENGTH + 1)},
        {"title": "a\nb"},
        {"title": "a\x00b"},
        {"title": "a\tb"},
        {"description": "x" * (MAX_DESCRIPTION_LENGTH + 1)},
        {"description": "a\x1bb"},
        {"keywords": ["x"] * (MAX_KEYWORDS + 1)},
        {"keywords": ["x" * (MAX_KEYWORD_LENGTH + 1)]},
        {"keywords": ["a\nb"]},
        {"filename": "é" * 128},
    ],
)
def test_other_words_are_refused_and_the_field_is_named(sent: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_edits(sent)
    assert [error.field for error in refused.value.errors] == list(sent)
    [error] = refused.value.errors
    assert error.message.startswith("must ")
    assert refused.value.detail == f"{error.field} {error.message}."


def test_there_is_room_for_a_number_of_bytes() -> None:
    require_room("é" * 200, None, ("x" * (MAX_EDITS_BYTES - 400),))
    with pytest.raises(InvalidRequest) as refusal:
        require_room("é" * 200, "!", ("x" * (MAX_EDITS_BYTES - 400),))
    message = "must have at most 4000 bytes in total in UTF-8, not 4001"
    assert refusal.value.detail == f"title, description, keywords {message}."
    assert [(error.field, error.message) for error in refusal.value.errors] == [
        ("title", message),
        ("description", message),
        ("keywords", message),
    ]
