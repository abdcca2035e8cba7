"""What callers learn from refusals beyond their codes."""

from domain.images.errors import DuplicateImage
from domain.images.ports import KeyClaimed, SameBytesExist
from domain.shared.errors import TooManyRequests
from tests.support.records import claim_on_key, ref_at


def test_a_duplicate_names_the_image_that_has_the_bytes() -> None:
    error = DuplicateImage("image-1")

    assert error.image_id == "image-1"
    assert "image-1" in error.detail


def test_a_claimed_key_comes_with_its_claim() -> None:
    claim = claim_on_key(ref_at(0))

    assert KeyClaimed(claim).claim == claim


def test_the_same_bytes_come_with_the_images_that_have_them() -> None:
    assert SameBytesExist(("image-1", "image-2")).image_ids == ("image-1", "image-2")


def test_too_many_requests_say_when_to_come_again() -> None:
    assert TooManyRequests("Later.").retry_after_s > 0
    assert TooManyRequests("Later.", retry_after_s=60).retry_after_s == 60
