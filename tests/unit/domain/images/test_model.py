"""The limits on images."""

from itertools import permutations

import pytest

from domain.images.model import ImageLimits


@pytest.mark.parametrize("limits", list(permutations([10, 20, 30])))
def test_the_most_that_an_image_may_have_is_the_highest_limit_of_any_way(
    limits: tuple[int, int, int],
) -> None:
    small, direct, multipart = limits

    assert ImageLimits(small, direct, multipart).max_upload_bytes == 30
