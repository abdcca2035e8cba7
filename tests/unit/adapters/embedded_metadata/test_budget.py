"""One budget covers all metadata of a file, and sizes in JSON are computed without writing it."""

import json

import pydantic_core
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget, BudgetSpent, json_bytes
from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.model import Tags

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@example(value=1e-05)
@given(value=values)
def test_a_size_in_json_is_never_less_than_what_is_written(value: JsonValue) -> None:
    written = len(pydantic_core.to_json(value))
    items = json.dumps(value).count(",") + json.dumps(value).count("{") + json.dumps(value).count("[")

    assert written <= json_bytes(value) <= written + 4 * items + 25


@pytest.mark.parametrize(
    ("text", "size"), [("", 2), ("abc", 5), ('"\\\n', 8), ("\x00\x1f", 14), ("\x7f", 3), ("é鸥😀", 11)]
)
def test_characters_count_as_they_will_stand_in_json(text: str, size: int) -> None:
    assert json_bytes(text) == len(pydantic_core.to_json(text)) == size


def test_the_document_accepts_values_as_long_as_they_fit() -> None:
    budget, tags = Budget(ReaderLimits(max_document_bytes=30)), Tags()

    assert budget.keep(tags, "a", "x" * 10)
    assert not budget.keep(tags, "b", "\x00" * 10)
    assert budget.is_spent
    assert budget.keep(tags, "c", 1)
    assert tags == {"a": "x" * 10, "c": 1}


def test_a_value_that_replaces_another_is_charged_for_the_difference() -> None:
    budget, tags = Budget(ReaderLimits(max_document_bytes=30)), Tags()

    for _ in range(10):
        assert budget.keep(tags, "a", "x" * 20)

    assert not budget.is_spent


def test_values_of_a_list_are_charged_one_by_one() -> None:
    budget, tags = Budget(ReaderLimits(max_document_bytes=30)), Tags()

    kept = [budget.append(tags, "a", "x" * 8) for _ in range(4)]

    assert kept == [True, True, False, False]
    assert tags == {"a": ["x" * 8] * 2}


def test_bytes_and_elements_are_charged_before_they_are_read() -> None:
    budget = Budget(ReaderLimits(max_metadata_bytes=10, max_decoding_bytes=10, max_elements=2))

    assert budget.admit_block(6)
    assert not budget.admit_block(6)
    budget.charge_block(4)
    with pytest.raises(BudgetSpent):
        budget.charge_block(1)
    budget.charge_decoding(10)
    with pytest.raises(BudgetSpent):
        budget.charge_decoding(1)
    budget.charge_elements(2)
    with pytest.raises(BudgetSpent):
        budget.charge_elements()
