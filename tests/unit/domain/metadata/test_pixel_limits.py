"""Which dimensions an image may have."""

import pytest

from domain.metadata.errors import ImageDimensionsExceeded
from domain.metadata.pixel_limits import PixelLimits

LIMITS = PixelLimits(max_pixels=76_800, max_side_px=400)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (320, 240), (400, 192), (192, 400)])
def test_dimensions_at_the_limits_are_allowed(width: int, height: int) -> None:
    LIMITS.check(width, height)


@pytest.mark.parametrize(
    ("width", "height", "limit"),
    [
        (401, 1, "a side may have at most 400"),
        (1, 401, "a side may have at most 400"),
        (321, 240, "it may have at most 76800 in total"),
    ],
)
def test_a_refusal_names_the_dimensions_and_the_limit(width: int, height: int, limit: str) -> None:
    with pytest.raises(ImageDimensionsExceeded) as refusal:
        LIMITS.check(width, height)

    assert refusal.value.detail == f"The image has {width} x {height} pixels; {limit}."
