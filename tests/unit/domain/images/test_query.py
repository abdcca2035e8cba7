"""Which images a query finds, and in which order."""

from datetime import timedelta
from typing import Any

import pytest

from domain.images.model import ImageStatus
from domain.images.query import ImageQuery, ImageSort
from tests.support.records import CONTENT, accepted, announced, pending, ref_at, rejected, sha256_of
from tests.support.samples import NOW

PENDING = announced(ref_at(0), filename="IMG_1.jpg")
READY = accepted(
    pending(ref_at(0), filename="Été à la Mer.JPG"),
    captured_at="2024-05-31T23:30:00+02:00",
    camera_make="Canon",
    camera_model="EOS R5",
    keywords=["Straße"],
    latitude=-33.5,
    longitude=151.25,
).edit({"keywords": ("Urlaub",)})
REJECTED = rejected(announced(ref_at(0)))


def test_a_query_without_criteria_finds_everything() -> None:
    assert all(ImageQuery().matches(record) for record in (PENDING, READY, REJECTED))


def test_orders_by_capture_time_have_ready_images_alone() -> None:
    for sort in (ImageSort.FIRST_CAPTURED, ImageSort.LAST_CAPTURED):
        assert ImageQuery(sort).matches(READY)
        assert not ImageQuery(sort).matches(PENDING)
        assert not ImageQuery(sort).matches(REJECTED)


@pytest.mark.parametrize(
    ("met", "missed"),
    [
        ({"status": ImageStatus.READY}, {"status": ImageStatus.PENDING}),
        ({"captured_from": "2024-05-31T23:30:00"}, {"captured_from": "2024-06"}),
        ({"captured_to": "2024-05-31"}, {"captured_to": "2024-05-30"}),
        ({"created_from": NOW}, {"created_from": NOW + timedelta(seconds=1)}),
        ({"created_to": NOW}, {"created_to": NOW - timedelta(seconds=1)}),
        ({"camera": "canon eos"}, {"camera": "Nikon"}),
        ({"keyword": "STRASSE"}, {"keyword": "Stra"}),
        ({"keyword": "urlaub"}, {"keyword": "Canon"}),
        ({"filename": "ÉTÉ"}, {"filename": "img"}),
        ({"has_location": True}, {"has_location": False}),
        ({"sha256": sha256_of(CONTENT)}, {"sha256": sha256_of(b"others")}),
    ],
)
def test_each_criterion_lets_images_through_or_not(met: dict[str, Any], missed: dict[str, Any]) -> None:
    assert ImageQuery(**met).matches(READY)
    assert not ImageQuery(**missed).matches(READY)


def test_all_criteria_are_to_be_met() -> None:
    assert ImageQuery(camera="EOS", keyword="Urlaub", has_location=True).matches(READY)
    assert not ImageQuery(camera="EOS", keyword="Urlaub", has_location=False).matches(READY)


def test_bytes_that_are_only_announced_have_no_checksum_to_be_found_by() -> None:
    assert not ImageQuery(sha256=sha256_of(CONTENT)).matches(pending(ref_at(0)))


def test_images_without_a_capture_time_are_found_by_their_creation() -> None:
    assert ImageQuery(captured_from=f"{NOW:%Y-%m-%d}", captured_to=f"{NOW:%Y-%m-%d}").matches(PENDING)


@pytest.mark.parametrize(
    ("sort", "captured", "descending"),
    [
        (ImageSort.NEWEST, False, True),
        (ImageSort.OLDEST, False, False),
        (ImageSort.LAST_CAPTURED, True, True),
        (ImageSort.FIRST_CAPTURED, True, False),
    ],
)
def test_an_order_says_by_what_and_from_which_end(
    sort: ImageSort, captured: bool, descending: bool
) -> None:
    assert (sort.is_by_capture, sort.is_descending) == (captured, descending)


def test_a_position_is_the_capture_time_and_id_or_the_id() -> None:
    image_id = READY.ref.image_id

    assert ImageQuery(ImageSort.OLDEST).position_of(READY) == image_id
    assert ImageQuery(ImageSort.FIRST_CAPTURED).position_of(READY) == f"2024-05-31T23:30:00#{image_id}"


def test_equal_queries_alone_have_the_same_digest() -> None:
    first = ImageQuery(camera="EOS", created_from=NOW)

    assert first.digest == ImageQuery(camera="EOS", created_from=NOW).digest
    others = [
        ImageQuery(),
        ImageQuery(keyword="EOS", created_from=NOW),
        ImageQuery(camera="EOS", created_to=NOW),
        ImageQuery(ImageSort.OLDEST, camera="EOS", created_from=NOW),
    ]
    assert len({first.digest, *(query.digest for query in others)}) == 5
