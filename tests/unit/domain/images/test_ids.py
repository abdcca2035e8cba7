"""Image ids."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.ids import created_at, is_image_id, new_image_id

times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
randomness = st.binary(min_size=10, max_size=10)


@given(times, randomness)
def test_an_id_tells_when_it_was_made_to_the_millisecond(now: datetime, random: bytes) -> None:
    image_id = new_image_id(now, lambda _: random)

    assert re.fullmatch("[0-9a-z]{26}", image_id)
    assert is_image_id(image_id)
    assert timedelta() <= now - created_at(image_id) < timedelta(milliseconds=1)


def test_an_id_has_80_random_bits() -> None:
    assert new_image_id(datetime(2024, 5, 1, tzinfo=UTC), lambda size: b"\xff" * size).endswith("z" * 16)
    sizes: list[int] = []
    new_image_id(datetime(2024, 5, 1, tzinfo=UTC), lambda size: sizes.append(size) or bytes(size))
    assert sizes == [10]


@given(times, times, randomness, randomness)
def test_ids_sort_from_the_newest_to_the_oldest(
    one: datetime, other: datetime, random: bytes, other_random: bytes
) -> None:
    first, second = new_image_id(one, lambda _: random), new_image_id(other, lambda _: other_random)

    if created_at(first) != created_at(second):
        assert (first < second) == (created_at(first) > created_at(second))


@given(times, randomness, randomness)
def test_ids_of_one_moment_differ_by_their_random_part(now: datetime, one: bytes, other: bytes) -> None:
    ids = {new_image_id(now, lambda _, random=random: random) for random in (one, other)}  # type: ignore[misc]

    assert len(ids) == len({one, other})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 26,  # a time after the year 9999
        "7" + "z" * 24,
        "7" + "z" * 26,
        "8" + "0" * 25,
        "7" + "i" * 25,
        "7" + "Z" * 25,
        "7" + "z" * 24 + "\n",
        "7" + "z" * 24 + "/",
        "7" + "z" * 24 + "٣",
    ],
)
def test_what_is_no_id_is_told(text: str) -> None:
    assert not is_image_id(text)


@given(st.text(max_size=40))
def test_any_text_can_be_asked_about(text: str) -> None:
    if is_image_id(text):
        created_at(text)
