"""The deployed ImageMagick makes the same renditions as the one that most tests run."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.imagemagick.command import locate_convert
from adapters.imagemagick.renderer import ImageMagickRenderer
from domain.renditions.model import RenditionSpec
from domain.shared.image_format import ImageFormat
from tests.support.availability import unavailable
from tests.support.image_factory import heif, icc, photos, pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.packages import OWN_ARCHITECTURE, imagemagick_layer, unpack
from tests.support.pictures import (
    METADATA_WORDS,
    assert_alike,
    chunks,
    encoded,
    in_srgb,
    patches,
    quarters,
    turned,
)

pytestmark = pytest.mark.timeout(600)  # packages may have to be downloaded first


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> ImageMagickRenderer:
    if OWN_ARCHITECTURE is None:
        unavailable("there is no layer for this processor")
    opt = unpack(
        imagemagick_layer(OWN_ARCHITECTURE, tmp_path_factory), tmp_path_factory.mktemp("layer") / "opt"
    )
    return ImageMagickRenderer(locate_convert(imagemagick_home=Path(opt) / "imagemagick"))


def rendered(renderer: ImageMagickRenderer, content: bytes, image_format: ImageFormat) -> bytes:
    with renderer.render(io.BytesIO(content), image_format, [RenditionSpec("only", 4096)]) as made:
        (only,) = made
    return only.content


@pytest.mark.parametrize("image_format", ImageFormat)
def test_every_photo_is_rendered_without_its_metadata(
    renderer: ImageMagickRenderer, image_format: ImageFormat
) -> None:
    samples = [sample for sample in photos() if sample.format == image_format.value]
    for sample in samples:
        made = rendered(renderer, sample.content, image_format)
        image = sample.expected.image
        assert sorted(Image.open(io.BytesIO(made)).size) == sorted((image["width"], image["height"]))
        assert set(chunks(made)) <= {b"VP8X", b"VP8 ", b"VP8L", b"ALPH"}
        assert [word for word in METADATA_WORDS if word in made] == [], sample.name
    assert samples


@pytest.mark.parametrize(
    ("encoder", "options"),
    [("JPEG", {"quality": 100}), ("PNG", {}), ("WEBP", {"lossless": True}), ("AVIF", {"quality": 100})],
)
def test_colours_are_converted(
    renderer: ImageMagickRenderer, encoder: str, options: dict[str, object]
) -> None:
    profile = icc.profile("Adobe RGB", primaries=icc.ADOBE_RGB)
    content = encoded(patches(), encoder, icc_profile=profile, **options)

    made = rendered(renderer, content, ImageFormat(encoder.lower()))

    assert_alike(Image.open(io.BytesIO(made)), in_srgb(patches(), profile))


def test_the_colours_of_a_press_are_converted(renderer: ImageMagickRenderer) -> None:
    profile = icc.press_profile("Press")
    content = encoded(patches("CMYK"), "JPEG", quality=100, icc_profile=profile)

    made = rendered(renderer, content, ImageFormat.JPEG)

    assert_alike(Image.open(io.BytesIO(made)), in_srgb(patches("CMYK"), profile), tolerance=8)


def test_a_heic_is_turned_once_and_in_srgb(renderer: ImageMagickRenderer) -> None:
    profile = icc.profile("Adobe RGB", primaries=icc.ADOBE_RGB)
    content = heif.heif(Blocks(icc=profile), "hevc", transformations=((b"irot", 1),))

    made = rendered(renderer, content, ImageFormat.HEIC)

    assert_alike(Image.open(io.BytesIO(made)), turned(in_srgb(pixels.image(), profile), 8), tolerance=16)


def test_a_tiff_that_its_decoder_would_turn_is_turned_once(renderer: ImageMagickRenderer) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(quarters(), "TIFF", compression="jpeg", exif=exif)

    made = rendered(renderer, content, ImageFormat.TIFF)

    assert_alike(Image.open(io.BytesIO(made)), turned(quarters(), 6))


def test_the_transparency_of_an_avif_is_kept(renderer: ImageMagickRenderer) -> None:
    picture = quarters()
    picture.putalpha(100)

    made = rendered(renderer, encoded(picture, "AVIF", quality=100), ImageFormat.AVIF)

    assert_alike(Image.open(io.BytesIO(made)), picture, tolerance=8)


def test_a_damaged_profile_does_no_harm(renderer: ImageMagickRenderer) -> None:
    profile = icc.profile("Damaged")
    content = encoded(patches(), "TIFF", icc_profile=profile[:200] + b"\xff" * (len(profile) - 200))

    made = rendered(renderer, content, ImageFormat.TIFF)

    assert_alike(Image.open(io.BytesIO(made)), patches())
