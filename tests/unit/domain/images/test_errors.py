"""What callers learn from refusals beyond their codes."""

from domain.images.errors import DuplicateImage
from domain.images.ports import KeyClaimed, SameBytesExist
from domain.shared.errors import TooManyRequests
from tests.support.records import claim_on_key, ref_at


def test_a_duplicate_names_the_image_that_has_the_bytes() -> None:
    error = DuplicateImage("image-1")

    assert error.image_id == "image-1"
    assert error.detail == "The image image-1 has the same bytes."


def test_a_claimed_key_comes_with_its_claim() -> None:
    error = KeyClaimed(claim_on_key(ref_at(0)))

    assert error.claim == claim_on_key(ref_at(0))
    assert str(error) == "The idempotency key is already claimed."


def test_the_same_bytes_come_with_the_images_that_have_them() -> None:
    error = SameBytesExist(("image-1", "image-2"))

    assert error.image_ids == ("image-1", "image-2")
    assert str(error) == "There are images with the same bytes."


def test_too_many_requests_say_when_to_come_again() -> None:
    assert TooManyRequests("Later.").retry_after_s > 0
    assert TooManyRequests("Later.", retry_after_s=60).retry_after_s == 60
