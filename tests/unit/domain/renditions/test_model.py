"""Which renditions can be asked for, and how large they are."""

import pytest

from domain.renditions.model import (
    DEFAULT_RENDITIONS,
    MAX_RENDITIONS,
    MAX_SIDE_PX,
    RenditionSpec,
    parse_specs,
)


@pytest.mark.parametrize(
    ("displayed", "expected"),
    [
        ((6000, 4000), (320, 213)),
        ((4000, 6000), (213, 320)),
        ((321, 321), (320, 320)),
        ((320, 100), (320, 100)),
        ((1, 1), (1, 1)),
        ((65_535, 1), (320, 1)),
    ],
)
def test_a_rendition_keeps_the_proportions_and_is_never_enlarged(
    displayed: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert RenditionSpec("thumbnail", 320).fit(*displayed) == expected


@pytest.mark.parametrize("name", ["", "Thumbnail", "a/b", "../x", "1st", "x" * 33, "a b", "a\n"])
def test_a_name_that_is_no_plain_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"^The name of a rendition must be up to 32 lower-case letters, digits and hyphens: ",
    ):
        RenditionSpec(name, 320)


@pytest.mark.parametrize("side_px", [-1, 0, MAX_SIDE_PX + 1])
def test_a_side_beyond_the_limits_is_refused(side_px: int) -> None:
    with pytest.raises(ValueError, match="1 to 4096"):
        RenditionSpec("thumbnail", side_px)


@pytest.mark.parametrize("side_px", [1, MAX_SIDE_PX])
def test_a_side_may_be_as_short_and_as_long_as_the_limits(side_px: int) -> None:
    assert RenditionSpec("thumbnail", side_px).max_side_px == side_px


def test_by_default_there_is_a_thumbnail_and_a_preview() -> None:
    assert [(spec.name, spec.max_side_px) for spec in DEFAULT_RENDITIONS] == [
        ("thumbnail", 320),
        ("preview", 1600),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thumbnail=320,preview=1600", DEFAULT_RENDITIONS),
        ("preview=1600,thumbnail=320", DEFAULT_RENDITIONS),
        (" small = 64 ", (RenditionSpec("small", 64),)),
        ("", ()),
        (" ", ()),
    ],
)
def test_a_list_of_renditions_is_read(text: str, expected: tuple[RenditionSpec, ...]) -> None:
    assert parse_specs(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("thumbnail", r"^Renditions must be a list such as thumbnail=320,preview=1600\.$"),
        ("a=b=1", "a list such as"),
        ("thumbnail=", "a list such as"),
        ("thumbnail=-1", "a list such as"),
        ("a=1,", "a list such as"),
        ("=320", "name of a rendition"),
        ("a=0", "1 to 4096"),
        ("a=1,a=2", r"^No two renditions may have the same name\.$"),
        ("a=1,b=2,c=3,d=4,e=5,f=6", "at most 5"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_specs(text)


def test_there_may_be_as_many_renditions_as_the_limit() -> None:
    assert len(parse_specs("a=1,b=2,c=3,d=4,e=5")) == MAX_RENDITIONS
