"""The contract of metadata extractors, for each implementation."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import ExtractedMetadata, ExtractionTool
from domain.metadata.pixel_limits import PixelLimits
from domain.metadata.ports import MetadataExtractor
from domain.shared.image_format import ImageFormat
from tests.support.fakes.metadata_extractor import RememberingMetadataExtractor
from tests.support.image_factory import Photo, photo, photos
from tests.support.imagemagick import identify_command

MakeExtractor = Callable[[PixelLimits], MetadataExtractor]
"""Creates an extractor with these limits."""


def _remembered(sample: Photo) -> ExtractedMetadata:
    expected = sample.expected
    image = expected.image
    return ExtractedMetadata(
        image_format=ImageFormat(sample.format),
        width=image["width"],
        height=image["height"],
        bit_depth=image["bit_depth"],
        color_space=image["color_space"],
        orientation=image["orientation"],
        frames=image["frames"],
        exif=expected.exif,
        gps=expected.gps,
        iptc=expected.iptc,
        xmp=expected.xmp,
        icc=expected.icc,
        extracted_with=ExtractionTool(tool="ImageMagick", version="7.1.1-43"),
    )


@pytest.fixture(params=["memory", "identify"])
def make_extractor(request: pytest.FixtureRequest) -> MakeExtractor:
    if request.param == "identify":
        return lambda limits: ImageMagickMetadataExtractor(identify_command(), pixel_limits=limits)
    known = {sample.content: _remembered(sample) for sample in photos()}
    return lambda limits: RememberingMetadataExtractor(known, limits)


@pytest.fixture
def extractor(make_extractor: MakeExtractor) -> MetadataExtractor:
    return make_extractor(PixelLimits())


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_every_property_and_tag_of_a_photo_is_read(extractor: MetadataExtractor, sample: Photo) -> None:
    extracted = extractor.extract(sample.open(), ImageFormat(sample.format))

    expected = sample.expected
    image = expected.image
    assert extracted.image_format.value == sample.format
    assert (extracted.width, extracted.height) == (image["width"], image["height"])
    assert (extracted.bit_depth, extracted.color_space) == (image["bit_depth"], image["color_space"])
    assert (extracted.orientation, extracted.frames) == (image["orientation"], image["frames"])
    # A TIFF's first directory also says how its pixels are stored.
    assert {name: extracted.exif.get(name) for name in expected.exif} == expected.exif
    assert sample.format == "tiff" or set(extracted.exif) == set(expected.exif)
    assert extracted.gps == expected.gps
    assert extracted.iptc == expected.iptc
    assert extracted.xmp == expected.xmp
    assert {name: extracted.icc.get(name) for name in expected.icc} == expected.icc
    assert extracted.warnings == ()
    assert extracted.extracted_with.tool == "ImageMagick"
    assert extracted.extracted_with.version


def test_the_stream_is_read_from_its_start(extractor: MetadataExtractor) -> None:
    stream = photo("jpeg-complete.jpg").open()
    stream.seek(500)

    assert extractor.extract(stream, ImageFormat.JPEG).exif["Model"] == "NW-1 Mark II"


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_the_same_bytes_give_the_same_metadata_from_memory_and_from_a_file(
    extractor: MetadataExtractor, tmp_path: Path, sample: Photo
) -> None:
    (tmp_path / sample.name).write_bytes(sample.content)

    from_memory = extractor.extract(sample.open(), ImageFormat(sample.format))
    with (tmp_path / sample.name).open("rb") as file:
        from_file = extractor.extract(file, ImageFormat(sample.format))

    assert from_file == from_memory


@pytest.mark.parametrize("image_format", ImageFormat)
def test_bytes_that_are_not_an_image_of_the_format_are_refused(
    extractor: MetadataExtractor, image_format: ImageFormat
) -> None:
    with pytest.raises(UnreadableImage):
        extractor.extract(io.BytesIO(b"no image at all" * 100), image_format)


@pytest.mark.parametrize(
    "sample",
    # A file with several pages loses its last page; the image is the first one.
    [sample for sample in photos() if sample.name != "tiff-pages.tif"],
    ids=lambda sample: sample.name,
)
def test_an_image_that_is_cut_off_is_refused(extractor: MetadataExtractor, sample: Photo) -> None:
    # Cut within the picture, which is at the end of photos, but before the metadata of TIFFs.
    tenths = 5 if sample.format == "tiff" else 9
    cut_off = sample.content[: len(sample.content) * tenths // 10]

    with pytest.raises(UnreadableImage):
        extractor.extract(io.BytesIO(cut_off), ImageFormat(sample.format))


@pytest.mark.parametrize("name", ["jpeg-plain.jpg", "png-plain.png", "gif-87a.gif", "tiff-plain.tif"])
@pytest.mark.parametrize("limits", [PixelLimits(96 * 64 - 1, 96), PixelLimits(96 * 64, 95)])
def test_an_image_beyond_a_limit_on_dimensions_is_refused(
    make_extractor: MakeExtractor, name: str, limits: PixelLimits
) -> None:
    sample, extractor = photo(name), make_extractor(limits)

    assert extractor.pixel_limits == limits
    with pytest.raises(ImageDimensionsExceeded):
        extractor.extract(sample.open(), ImageFormat(sample.format))


def test_an_image_at_the_limits_on_dimensions_is_read(make_extractor: MakeExtractor) -> None:
    sample = photo("jpeg-plain.jpg")

    assert make_extractor(PixelLimits(96 * 64, 96)).extract(sample.open(), ImageFormat.JPEG).width == 96


def test_images_are_read_at_the_same_time(extractor: MetadataExtractor) -> None:
    samples = [photo("jpeg-complete.jpg"), photo("png-complete.png"), photo("webp-complete.webp")] * 4

    with ThreadPoolExecutor(max_workers=6) as pool:
        read = list(
            pool.map(lambda sample: extractor.extract(sample.open(), ImageFormat(sample.format)), samples)
        )

    assert [extracted.image_format.value for extracted in read] == [sample.format for sample in samples]
