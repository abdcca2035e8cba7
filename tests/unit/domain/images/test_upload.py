"""The parts of an upload."""

import pytest

from domain.images.upload import MultipartPlan, StorageLimits, choose_part_bytes
from domain.shared.errors import InvalidRequest

PLAN = MultipartPlan("upload", 10)
LIMITS = StorageLimits(max_upload_bytes=1000, min_part_bytes=5, max_part_bytes=40, max_parts=20)


@pytest.mark.parametrize(("number", "length"), [(1, 10), (2, 10), (3, 1)])
def test_all_parts_but_the_last_have_the_planned_size(number: int, length: int) -> None:
    assert PLAN.part_length(number, 21) == length


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_part_that_is_not_planned_is_refused_with_how_many_there_are(number: int) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        PLAN.part_length(number, 21)
    [error] = refusal.value.errors
    assert (error.field, error.message) == (
        "part_numbers",
        "must be from 1 to 3, which is how many parts the upload has",
    )
    assert refusal.value.detail == f"part_numbers {error.message}."


@pytest.mark.parametrize(("size", "least"), [(100, 5), (101, 6), (400, 20)])
def test_parts_have_a_size_with_which_storage_takes_all_of_them(size: int, least: int) -> None:
    assert choose_part_bytes(LIMITS, size, least) == least
    assert choose_part_bytes(LIMITS, size, 40) == 40
    for wanted in (least - 1, 41):
        with pytest.raises(InvalidRequest) as refusal:
            choose_part_bytes(LIMITS, size, wanted)
        [error] = refusal.value.errors
        assert (error.field, error.message) == (
            "part_size",
            f"must be from {least} to 40 bytes for an upload of {size} bytes",
        )
        assert refusal.value.detail == f"part_size {error.message}."
