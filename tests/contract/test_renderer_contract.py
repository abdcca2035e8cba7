"""What every renderer promises, on each implementation of it."""

import io
from pathlib import Path

import pytest

from adapters.imagemagick.renderer import ImageMagickRenderer
from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import Rendition, RenditionSpec
from domain.renditions.ports import Renderer
from domain.shared.image_format import ImageFormat
from tests.support.fakes.renderer import RememberingRenderer
from tests.support.image_factory import Photo, photos
from tests.support.imagemagick import convert_command

SMALL, MEDIUM, LARGE = RenditionSpec("small", 20), RenditionSpec("medium", 50), RenditionSpec("large", 1600)


def _displayed(sample: Photo) -> tuple[int, int]:
    image = sample.expected.image
    size = image["width"], image["height"]
    return (size[1], size[0]) if image["orientation"] >= 5 else size


@pytest.fixture(params=["memory", "convert"])
def renderer(request: pytest.FixtureRequest) -> Renderer:
    if request.param == "convert":
        return ImageMagickRenderer(convert_command())
    return RememberingRenderer({sample.content: _displayed(sample) for sample in photos()})


def render(
    renderer: Renderer, content: io.BytesIO, image_format: ImageFormat, *specs: RenditionSpec
) -> list[Rendition]:
    with renderer.render(content, image_format, specs) as renditions:
        return list(renditions)


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_every_photo_is_rendered_as_it_is_displayed_smallest_first_and_never_enlarged(
    renderer: Renderer, sample: Photo
) -> None:
    made = render(renderer, sample.open(), ImageFormat(sample.format), LARGE, SMALL, MEDIUM)

    displayed = _displayed(sample)
    assert [(rendition.name, rendition.width, rendition.height) for rendition in made] == [
        ("small", *SMALL.fit(*displayed)),
        ("medium", *MEDIUM.fit(*displayed)),
        ("large", *displayed),
    ]


def test_the_stream_is_read_from_its_start(renderer: Renderer) -> None:
    stream = photos()[0].open()
    stream.seek(500)

    assert render(renderer, stream, ImageFormat.JPEG, SMALL)


def test_a_file_is_rendered_as_bytes_are(renderer: Renderer, tmp_path: Path) -> None:
    sample = photos()[0]
    path = tmp_path / "photo"
    path.write_bytes(sample.content)

    with path.open("rb") as file, renderer.render(file, ImageFormat(sample.format), [SMALL]) as renditions:
        from_file = list(renditions)

    assert from_file == render(renderer, sample.open(), ImageFormat(sample.format), SMALL)


def test_nothing_is_made_where_nothing_is_asked_for(renderer: Renderer) -> None:
    assert render(renderer, photos()[0].open(), ImageFormat.JPEG) == []


def test_what_is_not_awaited_is_given_up(renderer: Renderer) -> None:
    with renderer.render(photos()[0].open(), ImageFormat.JPEG, [SMALL, LARGE]) as renditions:
        assert next(iter(renditions)).name == "small"


@pytest.mark.parametrize("image_format", ImageFormat)
def test_bytes_that_are_not_an_image_of_the_format_are_refused(
    renderer: Renderer, image_format: ImageFormat
) -> None:
    with pytest.raises(UnrenderableImage):
        render(renderer, io.BytesIO(b"no image at all" * 100), image_format, SMALL)
